import { ColorInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { contrast as contrastOf, isHex } from '@/feature/embed/contrast';
import { useLocale } from '@/locale/locale';
import css from './accent-input.module.css';

interface Props {
  label: ReactNode;
  value?: string;
  onChange: (value: string) => void;
  error?: ReactNode;
}

/** The colour of the widgets' buttons, shown as one; says its contrast with white text as it is chosen. */
export function AccentInput({ label, value = '', onChange, error }: Props) {
  const { t, format } = useLocale();
  const contrast = isHex(value.toLowerCase()) ? contrastOf(value, '#ffffff') : null;
  return (
    <ColorInput
      label={label}
      format="hex"
      value={value}
      onChange={onChange}
      error={error}
      swatches={['#17694f', '#2b5797', '#4b4fc4', '#7b3fa0', '#a8325e', '#b03329', '#8a5300', '#383731']}
      swatchesPerRow={8}
      eyeDropperButtonProps={{ 'aria-label': t('setting.pickColor') }}
      inputWrapperOrder={['label', 'input', 'description', 'error']}
      description={
        contrast !== null && (
          <span className={css.sample}>
            <span className={css.button} style={{ background: value }} aria-hidden>
              {t('setting.sample')}
            </span>
            {t(contrast >= 4.5 ? 'setting.contrastGood' : 'setting.contrastLow', { ratio: format.number(Math.floor(contrast * 10) / 10) })}
          </span>
        )
      }
    />
  );
}
