import { Button, SegmentedControl, Skeleton } from '@mantine/core';
import { ChartLine, Table } from 'lucide-react';
import { useEffect, useId, useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { useSession } from '@/feature/session/session';
import { SegmentHistoryDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import chart from '@/part/chart.module.css';
import { Problem } from '@/part/state';
import { dayIn, rowsOf, summaryOf, trendOf, type Trend } from './history';
import { HistoryChart } from './history-chart';
import { useToday } from './use-today';
import css from './history.module.css';

const ranges = ['30', '90', '365'] as const;
type Range = (typeof ranges)[number];

const readAgain = 20_000;

/** A segment's counts of the last days, up to the one it has now. */
function useHistory(segment: { id: string; createdAt: string }, range: Range, now: number) {
  const { site } = useSession();
  const today = useToday();
  const days = Number(range);
  const [{ data, error, stale }, read] = useQuery({ query: SegmentHistoryDocument, variables: { id: segment.id, days } });
  const history = data?.segment?.id === segment.id ? data.segment.history : undefined;
  const trend = useMemo(
    () => history && trendOf(history, { days, made: dayIn(site.timeZone, new Date(segment.createdAt)), today, now }),
    [history, days, site.timeZone, segment.createdAt, today, now],
  );
  // The day's count is written soon after the day began, or the segment was made.
  const awaited = history !== undefined && !history.some(({ day }) => day >= today);
  useEffect(() => {
    if (!awaited) return;
    const timer = setInterval(() => read({ requestPolicy: 'network-only' }), readAgain);
    return () => clearInterval(timer);
  }, [awaited, read]);
  return { trend, stale, error, reload: () => read({ requestPolicy: 'network-only' }) };
}

/** How many members a segment had day by day, as a chart or as a table. `now` is how many it has. */
export function HistoryCard({ segment, now }: { segment: { id: string; createdAt: string }; now: number }) {
  const { t } = useLocale();
  const [range, setRange] = useState<Range>('90');
  const [asTable, setAsTable] = useState(false);
  const { trend, error, reload } = useHistory(segment, range, now);
  const told = useId();
  const summary = trend && summaryOf(trend.points);
  return (
    <section className={css.card} aria-label={t('segment.history.title')}>
      <div className={css.head}>
        <h2 className={css.title}>{t('segment.history.title')}</h2>
        <SegmentedControl
          size="xs"
          aria-label={t('segment.history.range')}
          value={range}
          onChange={(value) => setRange(ranges.find((one) => one === value) ?? '90')}
          data={ranges.map((value) => ({ value, label: t(`segment.history.days.${value}`) }))}
        />
        {summary && (
          <Button size="xs" variant="default" leftSection={asTable ? <ChartLine size={14} aria-hidden /> : <Table size={14} aria-hidden />} onClick={() => setAsTable(!asTable)}>
            {t(asTable ? 'segment.history.asChart' : 'segment.history.asTable')}
          </Button>
        )}
      </div>
      {error && !trend ? (
        <Problem error={error} retry={reload} />
      ) : !trend ? (
        <Skeleton height={176} mt="sm" />
      ) : !summary ? (
        <p className={css.empty}>{t('segment.history.empty')}</p>
      ) : (
        <>
          <p className={css.summary} id={told}>
            <Summary summary={summary} />
          </p>
          {asTable ? <HistoryTable trend={trend} /> : <HistoryChart trend={trend} labelledBy={told} />}
        </>
      )}
    </section>
  );
}

function Summary({ summary: { from, to, least, most } }: { summary: NonNullable<ReturnType<typeof summaryOf>> }) {
  const { t, format } = useLocale();
  const values = { from: from.count, day: from.day ? format.day(from.day) : '', to: to.count, least, most };
  const ends = [from.count, to.count];
  if (least === most) return t('segment.history.level', values);
  return t(ends.includes(least) && ends.includes(most) ? 'segment.history.trend' : 'segment.history.summary', values);
}

function HistoryTable({ trend }: { trend: Trend }) {
  const { t, format } = useLocale();
  return (
    <div className={chart.frame} tabIndex={0} role="group" aria-label={t('segment.history.title')}>
      <table className={chart.table} aria-label={t('segment.history.title')}>
        <thead>
          <tr>
            <th scope="col">{t('segment.history.day')}</th>
            <th scope="col">{t('segment.history.count')}</th>
          </tr>
        </thead>
        <tbody>
          {rowsOf(trend).map((row) =>
            'from' in row ? (
              <tr key={row.from}>
                <th scope="row">{row.from === row.to ? format.day(row.from) : t('segment.history.between', { from: format.day(row.from), to: format.day(row.to) })}</th>
                <td className="dim">{t('segment.history.notCounted')}</td>
              </tr>
            ) : (
              <tr key={row.day}>
                <th scope="row">{row.day ? format.day(row.day) : t('segment.history.now')}</th>
                <td>{format.number(row.count)}</td>
              </tr>
            ),
          )}
        </tbody>
      </table>
    </div>
  );
}
