import { NumberInput, Select } from '@mantine/core';
import { useIndicators } from '@/feature/indicator/use-indicators';
import { useSession } from '@/feature/session/session';
import { digitsOf } from '@/locale/format';
import { useLocale } from '@/locale/locale';
import type { ConditionProps, On } from './record-condition';

/** One of the site's own indicators: a band, or a range of values, both ends included (S-50). Money is typed in the currency's main unit. */
export function IndicatorCondition({ condition, onChange }: ConditionProps<On<'indicator'>>) {
  const { t, format } = useLocale();
  const { currency } = useSession().site;
  const { byId } = useIndicators();
  const indicator = byId.get(condition.id);
  const money = indicator?.measure === 'SPENT';
  const digits = money ? digitsOf(currency) : 0;
  const factor = 10 ** digits;
  const bands = indicator?.bands ?? [];
  return (
    <>
      {(bands.length > 0 || condition.band !== '') && (
        <Select
          aria-label={t('segment.rule.band')}
          allowDeselect={false}
          data={[{ value: '', label: t('segment.rule.anyValue') }, ...bands.map(({ id, label }) => ({ value: id, label }))]}
          value={condition.band}
          onChange={(band) => onChange({ ...condition, band: band ?? '', from: '', to: '' })}
        />
      )}
      {condition.band === '' &&
        (['from', 'to'] as const).map((name) => (
          <NumberInput
            key={name}
            aria-label={t(`segment.rule.${name}`)}
            leftSection={<span className="dim">{t(`segment.rule.${name}Short`)}</span>}
            leftSectionWidth={46}
            {...(money && { suffix: ` ${currency}` })}
            min={0}
            max={1e9}
            decimalScale={digits}
            allowDecimal={digits > 0}
            allowNegative={false}
            decimalSeparator={format.number(1.5).charAt(1)}
            allowedDecimalSeparators={['.', ',']}
            hideControls
            value={condition[name] === '' ? '' : Number(condition[name]) / factor}
            onChange={(value) => onChange({ ...condition, [name]: typeof value === 'number' ? String(Math.round(value * factor)) : '' })}
          />
        ))}
    </>
  );
}
