import type { OrderFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { ProviderTable } from './provider-table';
import css from './order.module.css';

/** What an order costs, what was paid and paid back, and what went back. */
export function OrderMoney({ order }: { order: OrderFullFragment }) {
  const { t, format } = useLocale();
  const money = (minor: number) => format.money(minor, order.currency);
  const rows = [
    ...order.payments.map((one) => ({ ...one, what: t(`order.direction.${one.direction}`), how: one.provider === 'MANUAL' ? t(`order.method.${one.method}`) : `${t(`order.method.${one.method}`)} · ${t(`order.provider.${one.provider}`)}`, amount: one.direction === 'IN' ? one.amount : -one.amount })),
    ...order.returns.map((one) => ({ ...one, what: t('order.returnEntry'), how: '–', reference: '', amount: -one.amount })),
  ].sort((a, b) => a.at.localeCompare(b.at));
  const open = order.providerPayments.filter((one) => one.state !== 'DONE');
  return (
    <Sheet title={t('order.money')}>
      <dl className={css.sums}>
        <dt>{t('order.total')}</dt>
        <dd>{money(order.total)}</dd>
        {order.returned > 0 && (
          <>
            <dt>{t('order.returned')}</dt>
            <dd>{money(-order.returned)}</dd>
          </>
        )}
        <dt>{t('order.paid')}</dt>
        <dd>{money(order.paid)}</dd>
        <dt className={css.last}>{t(order.due < 0 ? 'order.toPayBack' : 'order.due')}</dt>
        <dd className={css.last}>{money(Math.abs(order.due))}</dd>
      </dl>
      {rows.length === 0 ? (
        <p className="dim">{t('order.noPayments')}</p>
      ) : (
        <DataTable
          label={t('order.payments')}
          rows={rows}
          rowKey={(row) => row.id}
          columns={[
            { key: 'what', header: t('order.what'), phone: 'title', cell: (row) => row.what },
            { key: 'when', header: t('order.when'), width: '14rem', cell: (row) => <span className="num">{format.moment(row.at)}</span> },
            { key: 'how', header: t('order.how'), width: '9rem', cell: (row) => row.how },
            { key: 'why', header: t('order.why'), cell: (row) => [row.reason, row.reference].filter(Boolean).join(' · ') || '–' },
            { key: 'by', header: t('order.recordedBy'), width: '9rem', cell: (row) => row.actorName || '–' },
            { key: 'amount', header: t('order.amount'), align: 'right', width: '9rem', cell: (row) => money(row.amount) },
          ]}
        />
      )}
      {open.length > 0 && (
        <>
          <h3>{t('order.at.title')}</h3>
          <p className="dim">{t('order.at.lead')}</p>
          <ProviderTable label={t('order.at.title')} rows={open} />
        </>
      )}
    </Sheet>
  );
}
