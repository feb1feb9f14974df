import type { EventQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { useMoney } from '@/part/money';
import { Sheet } from '@/part/page';
import css from './event.module.css';

/** What became of an event's tickets so far. */
export function EventSales({ event }: { event: EventQuery['event'] }) {
  const { t, format } = useLocale();
  const money = useMoney();
  const { sales } = event;
  return (
    <Sheet title={t('event.sales')} lead={t('event.salesLead')}>
      <dl className={css.sums}>
        <div>
          <dt>{t('event.sold')}</dt>
          <dd>{format.number(sales.sold)}</dd>
        </div>
        <div>
          <dt>{t('event.left')}</dt>
          <dd>{event.capacity === null ? '–' : format.number(Math.max(0, event.capacity - event.taken))}</dd>
        </div>
        <div>
          <dt>{t('event.used')}</dt>
          <dd>{format.number(sales.used)}</dd>
        </div>
        <div>
          <dt>{t('event.revenue')}</dt>
          <dd>{money(sales.revenue)}</dd>
        </div>
      </dl>
      {sales.byTicketType.length > 1 && (
        <DataTable
          label={t('event.byType')}
          rows={sales.byTicketType}
          rowKey={(row) => row.productId}
          columns={[
            { key: 'name', header: t('catalogue.ticketType'), phone: 'title', cell: (row) => <span className={css.name}>{row.name}</span> },
            { key: 'sold', header: t('event.sold'), align: 'right', width: '7rem', cell: (row) => format.number(row.sold) },
            { key: 'left', header: t('event.left'), align: 'right', width: '7rem', cell: (row) => (row.left === null ? '–' : format.number(row.left)) },
            { key: 'used', header: t('event.used'), align: 'right', width: '7rem', cell: (row) => format.number(row.used) },
            { key: 'revenue', header: t('event.revenue'), align: 'right', width: '9rem', cell: (row) => money(row.revenue) },
          ]}
        />
      )}
    </Sheet>
  );
}
