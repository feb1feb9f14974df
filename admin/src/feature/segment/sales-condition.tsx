import { NumberInput } from '@mantine/core';
import { useSession } from '@/feature/session/session';
import { digitsOf } from '@/locale/format';
import { useLocale } from '@/locale/locale';
import type { ConditionProps, On } from './record-condition';

/** A range of a number that follows from sales, both ends included (G-02). Money is typed in the currency's main unit. */
export function SalesCondition({ condition, onChange }: ConditionProps<On<'sales'>>) {
  const { t, format } = useLocale();
  const { currency } = useSession().site;
  const money = condition.measure === 'SPENT';
  const digits = money ? digitsOf(currency) : 0;
  const factor = 10 ** digits;
  const end = money ? currency : condition.measure === 'ASSIDUITY' ? '%' : '';
  return (
    <>
      {(['from', 'to'] as const).map((name) => (
        <NumberInput
          key={name}
          aria-label={t(`segment.rule.${name}`)}
          leftSection={<span className="dim">{t(`segment.rule.${name}Short`)}</span>}
          leftSectionWidth={46}
          {...(end && { suffix: ` ${end}` })}
          min={0}
          max={condition.measure === 'ASSIDUITY' ? 100 : 1e9}
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
