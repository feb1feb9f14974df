import { useMemo } from 'react';
import { useQuery } from 'urql';
import { useSession } from '@/feature/session/session';
import { SegmentTrendsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { dayIn, summaryOf, trendOf, type Trend } from './history';
import { Sparkline } from './history-chart';
import { useToday } from './use-today';

const days = 30;

/** The last days' counts of all segments, by their ids. They are read beside the list, which does not wait for them. */
export function useTrends(): ReadonlyMap<string, Trend> {
  const { timeZone } = useSession().site;
  const today = useToday();
  const [{ data }] = useQuery({ query: SegmentTrendsDocument, variables: { days } });
  return useMemo(
    () => new Map((data?.segments ?? []).map(({ id, count, createdAt, history }) => [id, trendOf(history, { days, made: dayIn(timeZone, new Date(createdAt)), today, now: count })])),
    [data, timeZone, today],
  );
}

/** How a segment went, in the size of a word; nothing while no day has been counted. */
export function TrendOf({ trend }: { trend: Trend | undefined }) {
  const { t, format } = useLocale();
  const summary = trend && summaryOf(trend.points);
  if (!summary) return null;
  const { from, to } = summary;
  return <Sparkline trend={trend} label={t('segment.history.trend', { from: from.count, day: format.day(from.day ?? ''), to: to.count })} />;
}
