import { useMantineColorScheme, localStorageColorSchemeManager } from '@mantine/core';

/** Light, dark, or as the system says. */
export type Scheme = 'light' | 'dark' | 'auto';

/** Keeps the choice under the key that index.html reads before the first paint. */
export const schemeManager = localStorageColorSchemeManager({ key: 'carnet.scheme' });

/** The scheme chosen and how to choose another. */
export function useScheme(): { scheme: Scheme; choose: (scheme: Scheme) => void } {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return { scheme: colorScheme, choose: setColorScheme };
}
