import { useMemo } from 'react';
import { useQuery } from 'urql';
import { IndicatorNamesDocument, type IndicatorNameFragment } from '@/gql/graphql';

/** The site's own indicators that are counted, in their order. */
export interface Indicators {
  indicators: readonly IndicatorNameFragment[];
  byId: ReadonlyMap<string, IndicatorNameFragment>;
}

/** Reads the indicators; many parts of a page may ask, one request is sent. */
export function useIndicators(): Indicators {
  const [{ data }] = useQuery({ query: IndicatorNamesDocument });
  return useMemo(() => {
    const indicators = data?.indicators ?? [];
    return { indicators, byId: new Map(indicators.map((one) => [one.id, one])) };
  }, [data]);
}
