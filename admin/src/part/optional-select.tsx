import { Select, type SelectProps } from '@mantine/core';
import { useLocale } from '@/locale/locale';

interface Props extends Omit<SelectProps, 'value' | 'defaultValue' | 'onChange' | 'clearable' | 'clearButtonProps'> {
  /** Empty for none. */
  value?: string;
  onChange: (value: string) => void;
}

/** A list to choose one from, or none: in a form none is an empty text, which Mantine would offer to clear. */
export function OptionalSelect({ value, onChange, ...props }: Props) {
  const { t } = useLocale();
  return <Select {...props} clearable clearButtonProps={{ 'aria-label': t('action.clear') }} value={value || null} onChange={(chosen) => onChange(chosen ?? '')} />;
}
