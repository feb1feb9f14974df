import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { Import, RefreshCw, ShoppingCart, Users } from 'lucide-react';
import { Link, useSearchParams } from 'react-router';
import { useToday } from '@/feature/segment/use-today';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { Page } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { AttendanceChart, GrowthChart, RevenueChart } from './charts';
import { Figures } from './figures';
import { readPeriod, writePeriod, type Period } from './period';
import { PeriodPicker } from './period-picker';
import { Counting, Segments, Statuses } from './standing';
import { useDashboard } from './use-dashboard';
import css from './dashboard.module.css';

/** The customers at a glance: how they grow, what they are, what they buy, whether they come, and which segments move (T-26). */
export default function DashboardPage() {
  const { t } = useLocale();
  const today = useToday();
  const [query, setQuery] = useSearchParams();
  const period = readPeriod(query, today);
  const choose = (next: Period) => setQuery(writePeriod(next), { replace: true });
  const counted = useDashboard(period);
  const { history, current, error, reload } = counted;
  return (
    <Page title={t('nav.dashboard')} lead={current && <CountedAt counted={counted} />} actions={<PeriodPicker period={period} today={today} onChange={choose} />}>
      {error && (!current || !counted.standing) ? (
        <Problem error={error} retry={reload} />
      ) : !history ? (
        <Loading lines={12} />
      ) : (
        <div className={css.counts} data-old={!current || undefined} aria-busy={!current}>
          <Counts history={history} standing={counted.standing} segments={counted.segments} />
        </div>
      )}
    </Page>
  );
}

type Counted = ReturnType<typeof useDashboard>;

/** When it was counted; it follows what changes, so that a failure to count anew is seen here. */
function CountedAt({ counted: { countedAt = '', fetching, reload } }: { counted: Counted }) {
  const { t, format } = useLocale();
  return (
    <span className={css.counted}>
      <time dateTime={countedAt}>{t('dashboard.counted', { at: format.clock(countedAt) })}</time>
      <Tooltip label={t('dashboard.again')}>
        <ActionIcon size="sm" aria-label={t('dashboard.again')} onClick={reload} loading={fetching}>
          <RefreshCw size={14} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </span>
  );
}

function Counts({ history, standing, segments }: Pick<Counted, 'standing' | 'segments'> & { history: NonNullable<Counted['history']> }) {
  const { t } = useLocale();
  if (standing?.contacts === 0 && history.whole.newContacts === 0) return <Nobody />;
  return (
    <>
      <Figures history={history} contacts={standing?.contacts} />
      <div className={css.cards}>
        <GrowthChart history={history} />
        {standing ? <Statuses standing={standing} /> : <Counting title={t('dashboard.statuses')} />}
        {history.sells ? (
          <>
            <RevenueChart history={history} />
            <AttendanceChart history={history} />
          </>
        ) : (
          <NothingSold />
        )}
        {segments ? <Segments segments={segments} /> : <Counting wide title={t('dashboard.largest')} />}
      </div>
    </>
  );
}

function Nobody() {
  const { t } = useLocale();
  const { can } = useSession();
  return (
    <Empty
      icon={Users}
      title={t('dashboard.empty')}
      action={
        can('OPERATOR') && (
          <>
            <Button component={Link} to="/contacts">
              {t('nav.everyone')}
            </Button>{' '}
            <Button component={Link} to="/import" variant="default" leftSection={<Import size={16} aria-hidden />}>
              {t('nav.import')}
            </Button>
          </>
        )
      }
    >
      {t('dashboard.emptyText')}
    </Empty>
  );
}

function NothingSold() {
  const { t } = useLocale();
  const { can } = useSession();
  return (
    <section className={css.card} data-wide aria-label={t('nav.sales')}>
      <Empty
        icon={ShoppingCart}
        title={t('dashboard.noSales')}
        action={
          can('MANAGER') && (
            <Button component={Link} to="/catalogue" variant="default">
              {t('nav.catalogue')}
            </Button>
          )
        }
      >
        {t('dashboard.noSalesText')}
      </Empty>
    </section>
  );
}
