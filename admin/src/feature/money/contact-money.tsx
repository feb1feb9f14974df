import { Anchor, Button } from '@mantine/core';
import { useCallback, useEffect, useState } from 'react';
import { Link } from 'react-router';
import { useClient, type CombinedError } from 'urql';
import { useSession } from '@/feature/session/session';
import { ContactMoneyDocument, type Balance, type ContactMoneyCoreFragment, type ContactMoneyQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Loading, Problem } from '@/part/state';
import { BalanceDialog, type Change } from './balance-dialog';
import css from './money.module.css';

type Entry = ContactMoneyQuery['contactMoney']['entries']['nodes'][number];

/** What a contact has with the site, and what changed it, page after page. */
function useMoney(contactId: string) {
  const client = useClient();
  const [money, setMoney] = useState<ContactMoneyCoreFragment | null>(null);
  const [entries, setEntries] = useState<Entry[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<CombinedError | null>(null);
  const read = useCallback(
    async (after: string | null) => {
      const answer = await client.query(ContactMoneyDocument, { contactId, balances: null, after }, { requestPolicy: 'network-only' }).toPromise();
      setError(answer.error ?? null);
      if (!answer.data) return;
      const { entries: page, ...core } = answer.data.contactMoney;
      setMoney(core);
      setEntries((before) => (after ? [...before, ...page.nodes] : page.nodes));
      setCursor(page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null);
    },
    [client, contactId],
  );
  useEffect(() => void read(null), [read]);
  return { money, entries, error, reload: () => void read(null), more: cursor === null ? null : () => void read(cursor) };
}

/** Credit balance, holding accounts and what is owed, with what changed them (S-46). */
export function ContactMoney({ contactId }: { contactId: string }) {
  const { t, format } = useLocale();
  const { can } = useSession();
  const { money, entries, error, reload, more } = useMoney(contactId);
  const [change, setChange] = useState<Change | null>(null);
  if (!money) return <Sheet title={t('money.title')}>{error ? <Problem error={error} retry={reload} /> : <Loading lines={3} />}</Sheet>;
  const sums: { balance: Balance; minor: number }[] = [
    { balance: 'CREDIT', minor: money.credit },
    { balance: 'HOLDING', minor: money.holding },
    { balance: 'OWED', minor: money.owed },
  ];
  return (
    <Sheet
      title={t('money.title')}
      lead={t('money.lead')}
      aside={
        can('OPERATOR') && (
          <span className={css.buttons}>
            {can('MANAGER') && (
              <Button variant="default" size="xs" onClick={() => setChange('give')}>
                {t('money.give.open')}
              </Button>
            )}
            <Button variant="default" size="xs" onClick={() => setChange('deposit')}>
              {t('money.deposit.open')}
            </Button>
            <Button variant="default" size="xs" disabled={money.credit + money.holding === 0} onClick={() => setChange('withdraw')}>
              {t('money.withdraw.open')}
            </Button>
          </span>
        )
      }
    >
      <dl className={css.balances}>
        {sums.map(({ balance, minor }) => (
          <div key={balance} className={css.balance}>
            <dt>{t(balance === 'OWED' && minor < 0 ? 'order.toPayBack' : `money.balance.${balance}`)}</dt>
            <dd>{format.money(balance === 'OWED' ? Math.abs(minor) : minor, money.currency)}</dd>
          </div>
        ))}
      </dl>
      {entries.length === 0 ? <p className="dim">{t('money.none')}</p> : <Entries rows={entries} currency={money.currency} />}
      {more && (
        <Button variant="default" mt="md" onClick={more}>
          {t('action.more')}
        </Button>
      )}
      {change && <BalanceDialog change={change} money={money} onClose={() => setChange(null)} onDone={reload} />}
    </Sheet>
  );
}

function Entries({ rows, currency }: { rows: Entry[]; currency: string }) {
  const { t, format } = useLocale();
  const signed = (minor: number) => (minor > 0 ? '+' : '') + format.money(minor, currency);
  return (
    <DataTable
      label={t('money.entries')}
      rows={rows}
      rowKey={(row) => `${row.at}${row.balance}${row.kind}${row.order?.id ?? ''}${row.amount}`}
      columns={[
        {
          key: 'what',
          header: t('order.what'),
          phone: 'title',
          cell: (row) => (
            <>
              {t(`money.kind.${row.kind}`)}
              {row.order && (
                <>
                  {' · '}
                  <Anchor component={Link} to={`/orders/${row.order.id}`} inherit underline="always">
                    {t('order.title', { number: format.number(row.order.number) })}
                  </Anchor>
                </>
              )}
            </>
          ),
        },
        { key: 'when', header: t('order.when'), width: '14rem', cell: (row) => <span className="num">{format.moment(row.at)}</span> },
        { key: 'balance', header: t('money.account'), width: '9rem', cell: (row) => t(`money.balance.${row.balance}`) },
        { key: 'why', header: t('order.why'), cell: (row) => [row.method && t(`order.method.${row.method}`), row.reason, row.actorName].filter(Boolean).join(' · ') },
        { key: 'amount', header: t('order.amount'), align: 'right', width: '9rem', cell: (row) => signed(row.amount) },
      ]}
    />
  );
}
