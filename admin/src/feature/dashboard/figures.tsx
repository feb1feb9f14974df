import { Anchor, Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { DashboardHistoryQuery } from '@/gql/graphql';
import { addressOf, plainList } from '@/feature/contact/list-params';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';
import { growth } from './words';
import css from './dashboard.module.css';

type History = DashboardHistoryQuery['dashboard']['history'];

/** The list of those who came in a period. */
const newContacts = ({ from, to }: { from: string; to: string }): string => `/contacts?${addressOf({ ...plainList, rest: [{ date: { column: 'CREATED_AT', from, to } }] })}`;

/** The period's orders that stand. */
const ordersOf = ({ from, to }: { from: string; to: string }): string => `/orders?${new URLSearchParams({ state: 'COMPLETED', from, to })}`;

/** What the period comes to, each figure leading to what it counts; `contacts` is how many are in the book, once that is known. */
export function Figures({ history, contacts }: { history: History; contacts: number | undefined }) {
  const locale = useLocale();
  const { t, format } = locale;
  const { currency } = useSession().site;
  const { whole, before, sells } = history;
  const share = (span: typeof whole) => (span.due === 0 ? null : span.attended / span.due);
  const attended = share(whole);
  const compared = (now: number, then: number) => {
    const by = growth(now, then, locale);
    return by === null ? t('dashboard.noneBefore') : t('dashboard.compared', { by });
  };
  return (
    <dl className={css.figures}>
      <Figure name={t('dashboard.contacts')} value={contacts === undefined ? <Skeleton width={90} height={22} my={5} /> : format.number(contacts)} to="/contacts?view=book" />
      <Figure name={t('dashboard.newContacts')} value={format.number(whole.newContacts)} to={newContacts(whole)} told={compared(whole.newContacts, before.newContacts)} />
      {sells && (
        <>
          <Figure name={t('dashboard.revenue')} value={format.moneyShort(whole.revenue, currency)} to={ordersOf(whole)} told={compared(whole.revenue, before.revenue)} />
          <Figure name={t('dashboard.orders')} value={format.number(whole.orders)} to={ordersOf(whole)} told={compared(whole.orders, before.orders)} />
          <Figure
            name={t('dashboard.attendance')}
            value={attended === null ? '–' : format.percent(attended)}
            to="/events"
            told={attended === null ? t('dashboard.nothingDue') : t('dashboard.attendedOf', { attended: whole.attended, due: whole.due })}
          />
        </>
      )}
    </dl>
  );
}

function Figure({ name, value, to, told }: { name: string; value: ReactNode; to: string; told?: string }) {
  return (
    <div className={css.figure}>
      <dt>{name}</dt>
      <dd>
        <Anchor component={Link} to={to} c="inherit" className={css.value}>
          {value}
        </Anchor>
        {told && <span className={css.told}>{told}</span>}
      </dd>
    </div>
  );
}
