import { Input, useMantineTheme } from '@mantine/core';
import { Check } from 'lucide-react';
import { useId, type ReactNode } from 'react';
import { useLocale } from '@/locale/locale';
import css from './color-input.module.css';
import { palette } from './palette';

interface Props {
  label: ReactNode;
  /** #rrggbb, or empty for none; null while nothing has been chosen. */
  value?: string | null;
  onChange: (value: string) => void;
  error?: ReactNode;
  /** There is no "none". */
  required?: boolean;
}

/** Picks one colour of the palette, or none. A colour from elsewhere is kept and shown beside them. */
export function ColorInput({ label, value = '', onChange, error, required = false }: Props) {
  const { t } = useLocale();
  const name = useId();
  const white = useMantineTheme().white;
  const named: [string, string][] = palette.map(([color, key]) => [color, t(key)]);
  const other = value && !palette.some(([color]) => color === value.toLowerCase());
  const choices: [string, string][] = [...(required ? [] : [['', t('color.none')] as [string, string]]), ...named, ...(other ? [[value, value] as [string, string]] : [])];
  return (
    <Input.Wrapper label={label} error={error} labelElement="div" labelProps={{ id: `${name}-label` }}>
      <div role="radiogroup" aria-labelledby={`${name}-label`} className={css.row}>
        {choices.map(([color, text]) => (
          <label key={color} className={css.choice} title={text}>
            <input
              type="radio"
              name={name}
              className={css.input}
              checked={value?.toLowerCase() === color.toLowerCase()}
              onChange={() => onChange(color)}
              aria-label={text}
            />
            <span className={css.swatch} style={color ? { background: color } : undefined} data-none={color ? undefined : true}>
              <Check size={14} strokeWidth={3} color={color ? white : 'currentColor'} className={css.check} aria-hidden />
            </span>
          </label>
        ))}
      </div>
    </Input.Wrapper>
  );
}
