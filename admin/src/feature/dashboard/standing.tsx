import { Anchor, Button } from '@mantine/core';
import { Plus } from 'lucide-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { addressOf, plainList } from '@/feature/contact/list-params';
import { useSession } from '@/feature/session/session';
import type { BusySegmentFragment, ContactStatus, DashboardStandingQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Loading } from '@/part/state';
import { Dot } from '@/part/tag';
import { signed } from './words';
import css from './dashboard.module.css';

type Standing = DashboardStandingQuery['dashboard']['standing'];
type Busiest = DashboardStandingQuery['dashboard']['segments'];

const having = (status: ContactStatus): string => `/contacts?${addressOf({ ...plainList, criteria: { ...plainList.criteria, status } })}`;

/** How many of the book have each status, each leading to the list of these. */
export function Statuses({ standing: { statuses, contacts } }: { standing: Standing }) {
  const { t, format } = useLocale();
  return (
    <Ranking title={t('dashboard.statuses')} summary={t('dashboard.statusesLead')}>
      {statuses.map(({ status, count }) => (
        <Rank key={status} to={having(status)} name={t(`contact.status.${status}`)} share={contacts === 0 ? 0 : count / contacts} value={format.number(count)} told={contacts === 0 ? '' : format.percent(count / contacts)} />
      ))}
    </Ranking>
  );
}

/** The segments that hold most, and those that moved most. */
export function Segments({ segments: { largest, moved } }: { segments: Busiest }) {
  const { t } = useLocale();
  const { can } = useSession();
  if (largest.length === 0 && moved.length === 0) {
    return (
      <Ranking wide title={t('dashboard.largest')} summary={t('dashboard.noSegments')}>
        {can('MANAGER') && (
          <li>
            <Button component={Link} to="/segments/new" variant="default" size="xs" leftSection={<Plus size={14} aria-hidden />}>
              {t('segment.add')}
            </Button>
          </li>
        )}
      </Ranking>
    );
  }
  return (
    <>
      <SegmentRanking title={t('dashboard.largest')} summary={t('dashboard.largestLead')} list={largest} by={({ count }) => count} />
      <SegmentRanking title={t('dashboard.moved')} summary={t(moved.length === 0 ? 'dashboard.noneMoved' : 'dashboard.movedLead')} list={moved} by={({ change }) => Math.abs(change)} />
    </>
  );
}

function SegmentRanking({ title, summary, list, by }: { title: string; summary: string; list: readonly BusySegmentFragment[]; by: (one: BusySegmentFragment) => number }) {
  const { t, format } = useLocale();
  const most = Math.max(1, ...list.map(by));
  return (
    <Ranking title={title} summary={summary}>
      {list.map((one) => (
        <Rank
          key={one.segment.id}
          to={`/segments/${one.segment.id}`}
          name={<Dot color={one.segment.color}>{one.segment.name}</Dot>}
          share={by(one) / most}
          value={format.number(one.count)}
          told={one.since === null ? '' : t('dashboard.since', { change: signed(one.change, format.number), day: format.dayOfYear(one.since) })}
        />
      ))}
    </Ranking>
  );
}

function Ranking({ title, summary, wide = false, children }: { title: string; summary: string; wide?: boolean; children: ReactNode }) {
  return (
    <section className={css.card} data-wide={wide || undefined} aria-label={title}>
      <h2 className={css.cardTitle}>{title}</h2>
      <p className={css.summary}>{summary}</p>
      <ul className={css.ranks}>{children}</ul>
    </section>
  );
}

/** A ranking that is still being counted. */
export function Counting({ title, wide = false }: { title: string; wide?: boolean }) {
  return (
    <section className={css.card} data-wide={wide || undefined} aria-label={title}>
      <h2 className={css.cardTitle}>{title}</h2>
      <Loading />
    </section>
  );
}

/** A line of a ranking: its bar is drawn, all it says is written. */
function Rank({ to, name, share, value, told }: { to: string; name: ReactNode; share: number; value: string; told: string }) {
  return (
    <li className={css.rank}>
      <Anchor component={Link} to={to} c="inherit" className={css.rankName}>
        {name}
      </Anchor>
      <span className={css.rankValue}>
        {value} {told && <span className={css.told}>{told}</span>}
      </span>
      <span className={css.track} aria-hidden>
        <span style={{ width: `${Math.min(1, share) * 100}%` }} />
      </span>
    </li>
  );
}
