import type { IndicatorMeasure, IndicatorValueFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Money } from '@/part/money';

interface Props {
  value: IndicatorValueFullFragment | undefined;
  measure: IndicatorMeasure | undefined;
}

/** What an indicator says of a contact: the band, where there is one, and the number. Nothing while there is none. */
export function IndicatorText({ value, measure }: Props) {
  const { t, tn, format } = useLocale();
  if (!value || value.value === null) return null;
  const number =
    measure === 'SPENT' ? (
      <Money amount={value.value} />
    ) : measure === 'DAYS_SINCE_PURCHASE' ? (
      value.value === 0 ? t('indicator.today') : tn('sale.days', value.value)
    ) : (
      format.number(value.value)
    );
  if (!value.band) return number;
  return (
    <>
      {value.band.label} <span className="dim">{number}</span>
    </>
  );
}
