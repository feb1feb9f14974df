import { Button, ColorInput, ColorSwatch } from '@mantine/core';
import { useLocale } from '@/locale/locale';
import { isHex, type Hex } from './contrast';
import { colorOf, schemes, type Color, type Low, type Scheme, type Theme } from './theme';
import css from './look-page.module.css';

interface Props {
  name: Color;
  values: Record<Scheme, string>;
  theme: Theme;
  accent: Hex;
  /** The pairs with this colour in front that cannot be read. */
  lows: readonly Low[];
  errors: Partial<Record<Scheme, string | undefined>>;
  onChange: (scheme: Scheme, value: string) => void;
}

/** One colour of the theme, for the light and the dark, with what is too faint on what, and what to take instead. */
export function ColorRow({ name, values, theme, accent, lows, errors, onChange }: Props) {
  const { t, format } = useLocale();
  const title = t(`embed.property.${name}`);
  return (
    <fieldset className={css.row}>
      <legend className={css.legend}>{title}</legend>
      {schemes.map((scheme) => {
        const typed = values[scheme].trim().toLowerCase();
        return (
          <ColorInput
            key={scheme}
            aria-label={`${title}, ${t(`embed.scheme.${scheme}`)}`}
            format="hex"
            fixOnBlur={false}
            withEyeDropper={false}
            value={values[scheme]}
            withPreview={false}
            leftSection={<ColorSwatch size={18} color={colorOf(theme, name, scheme, accent)} aria-hidden />}
            placeholder={colorOf(theme, name, scheme, accent)}
            popoverProps={{ position: 'top-start' }}
            onChange={(value) => onChange(scheme, value)}
            error={errors[scheme] ?? (typed && !isHex(typed) ? t('error.INVALID_COLOR') : undefined)}
          />
        );
      })}
      {lows.map(({ scheme, on, ratio, least, instead }) => (
        <p key={`${scheme}-${on}`} className={css.low} role="status">
          {t('embed.look.low', { scheme: t(`embed.scheme.${scheme}`), on: t(`embed.property.${on}`), ratio: format.number(ratio), least: format.number(least) })}
          {instead ? (
            <Button size="compact-xs" variant="default" onClick={() => onChange(scheme, instead)}>
              {t('embed.look.take', { color: instead })}
            </Button>
          ) : (
            t('embed.look.noColor')
          )}
        </p>
      ))}
    </fieldset>
  );
}
