import { useMediaQuery } from '@mantine/hooks';

/** Whether the screen is that of a phone: below 48em, where tables become cards. */
export const usePhone = (): boolean => useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false }) ?? false;
