import type { ProductFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

/** What one gets: so many uses, for so long. Empty where there is nothing to say. */
export function useTerms() {
  const { t, tn } = useLocale();
  return ({ kind, uses, validDays, months }: Pick<ProductFullFragment, 'kind' | 'uses' | 'validDays' | 'months'>): string => {
    if (kind === 'PASS') return [tn('catalogue.usesOf', uses ?? 0), validDays === null ? t('catalogue.forGood') : tn('catalogue.daysOf', validDays)].join(' · ');
    if (kind === 'MEMBERSHIP') return months === null ? t('catalogue.untilEnded') : tn('catalogue.monthsOf', months);
    return '';
  };
}
