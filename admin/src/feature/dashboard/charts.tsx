import { useSession } from '@/feature/session/session';
import type { DashboardHistoryQuery, DashboardSpanFragment } from '@/gql/graphql';
import { digitsOf } from '@/locale/format';
import { useLocale } from '@/locale/locale';
import { useMoney } from '@/part/money';
import { BarChart, ChartTable, type Bar, type ChartColumn } from './bar-chart';
import { ChartCard } from './chart-card';
import { stepMark, stepName } from './words';

type History = DashboardHistoryQuery['dashboard']['history'];

/** How the book grew. */
export function GrowthChart({ history }: { history: History }) {
  const { t, tn, format } = useLocale();
  const { whole, before } = history;
  return (
    <SpanChart
      history={history}
      title={t('dashboard.newContacts')}
      empty={whole.newContacts === 0 ? t('dashboard.nobodyCame') : null}
      summary={`${tn('dashboard.came', whole.newContacts)} ${t('dashboard.before', { before: format.number(before.newContacts) })}`}
      bar={({ newContacts }) => ({ value: newContacts, told: format.number(newContacts) })}
      columns={[{ key: 'new', header: t('dashboard.newContacts'), cell: ({ newContacts }) => format.number(newContacts) }]}
      tick={format.short}
    />
  );
}

/** What was sold. */
export function RevenueChart({ history }: { history: History }) {
  const { t, tn, format } = useLocale();
  const { currency } = useSession().site;
  const money = useMoney();
  const { whole, before } = history;
  return (
    <SpanChart
      history={history}
      title={t('dashboard.revenue')}
      empty={whole.orders === 0 ? t('dashboard.nothingSold') : null}
      summary={`${tn('dashboard.sold', whole.orders, { revenue: money(whole.revenue) })} ${t('dashboard.before', { before: money(before.revenue) })}`}
      bar={({ revenue }) => ({ value: revenue, told: money(revenue) })}
      columns={[
        { key: 'orders', header: t('dashboard.orders'), cell: ({ orders }) => format.number(orders) },
        { key: 'revenue', header: t('dashboard.revenue'), cell: ({ revenue }) => money(revenue) },
      ]}
      tick={(minor) => format.short(minor / 10 ** digitsOf(currency))}
    />
  );
}

/** Who came to what they had a ticket or a booking for. */
export function AttendanceChart({ history }: { history: History }) {
  const { t, format } = useLocale();
  const { whole } = history;
  const share = (attended: number, due: number) => (due === 0 ? '–' : format.percent(attended / due));
  return (
    <SpanChart
      history={history}
      title={t('dashboard.attendance')}
      empty={whole.due === 0 ? t('dashboard.nothingDue') : null}
      summary={t('dashboard.attended', { attended: whole.attended, due: whole.due, share: share(whole.attended, whole.due) })}
      bar={({ attended, due }) => ({ value: attended, of: due, told: t('dashboard.attendedOf', { attended, due }) })}
      columns={[
        { key: 'due', header: t('dashboard.due'), cell: ({ due }) => format.number(due) },
        { key: 'attended', header: t('dashboard.cameShort'), cell: ({ attended }) => format.number(attended) },
        { key: 'share', header: t('dashboard.share'), cell: ({ attended, due }) => share(attended, due) },
      ]}
      tick={format.short}
    />
  );
}

interface Props {
  history: History;
  title: string;
  summary: string;
  empty: string | null;
  bar: (span: DashboardSpanFragment) => Pick<Bar, 'value' | 'of' | 'told'>;
  columns: ChartColumn<DashboardSpanFragment>[];
  tick: (value: number) => string;
}

/** One thing that is counted of each step, as a chart and as a table. */
function SpanChart({ history, title, summary, empty, bar, columns, tick }: Props) {
  const locale = useLocale();
  const { step, spans } = history;
  const bars = spans.map<Bar>((span) => ({ key: span.from, name: stepName(step, span, locale), short: stepMark(step, span.from, locale), ...bar(span) }));
  const first: ChartColumn<DashboardSpanFragment> = { key: 'step', header: locale.t(`dashboard.step.${step}`), cell: (span) => stepName(step, span, locale) };
  return (
    <ChartCard
      title={title}
      summary={summary}
      empty={empty}
      chart={(labelledBy) => <BarChart bars={bars} tick={tick} labelledBy={labelledBy} />}
      table={<ChartTable label={title} first={first} rows={spans} columns={columns} />}
    />
  );
}
