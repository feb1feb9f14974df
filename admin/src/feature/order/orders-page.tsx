import { Anchor, Button, Select, Switch, TextInput } from '@mantine/core';
import { ReceiptText, Search } from 'lucide-react';
import { Link, useSearchParams } from 'react-router';
import type { OrderFilter, OrderOrder, OrderRowFragment, OrderState } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { OptionalSelect } from '@/part/optional-select';
import { Page } from '@/part/page';
import { SearchInput } from '@/part/search-input';
import { Empty, Loading, Problem } from '@/part/state';
import { SoldPicker, soldIds } from './sold-picker';
import { useOrders } from './use-orders';
import { OrderTag } from './words';
import css from './order.module.css';

const sorts: OrderOrder[] = ['NEWEST', 'OLDEST', 'HIGHEST'];
const states: OrderState[] = ['COMPLETED', 'CANCELLED'];

/** What the address of the page says of the list. */
function useListParams() {
  const [params, setParams] = useSearchParams();
  const get = (name: string) => params.get(name) ?? '';
  const set = (name: string, value: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        if (value === '') next.delete(name);
        else next.set(name, value);
        return next;
      },
      { replace: true },
    );
  const state = states.find((one) => one === get('state')) ?? null;
  const orderBy = sorts.find((one) => one === get('by')) ?? 'NEWEST';
  const filter: OrderFilter = { text: get('text'), state, unpaid: get('unpaid') !== '', from: get('from') || null, to: get('to') || null, ...soldIds(get('sold')) };
  const narrowed = ['text', 'state', 'unpaid', 'from', 'to', 'sold'].some((name) => get(name) !== '');
  return { get, set, filter, orderBy, narrowed, clear: () => setParams({}, { replace: true }) };
}

/** All orders: found by number, name, event and what is still to be paid. */
export default function OrdersPage() {
  const { t } = useLocale();
  const params = useListParams();
  const orders = useOrders(params.filter, params.orderBy);
  return (
    <Page title={t('nav.orders')} lead={t('order.lead')} width="full">
      <Filters params={params} />
      {orders.error && !orders.rows ? (
        <Problem error={orders.error} retry={orders.reload} />
      ) : !orders.rows ? (
        <Loading />
      ) : orders.rows.length === 0 ? (
        params.narrowed ? (
          <Empty
            icon={Search}
            title={t('order.none')}
            action={
              <Button variant="default" onClick={params.clear}>
                {t('order.clear')}
              </Button>
            }
          />
        ) : (
          <Empty icon={ReceiptText} title={t('order.empty')}>
            {t('order.emptyText')}
          </Empty>
        )
      ) : (
        <>
          <OrderTable rows={orders.rows} />
          {orders.more && (
            <Button variant="default" mt="md" onClick={orders.more}>
              {t('action.more')}
            </Button>
          )}
        </>
      )}
    </Page>
  );
}

function Filters({ params }: { params: ReturnType<typeof useListParams> }) {
  const { t } = useLocale();
  const { get, set } = params;
  return (
    <div className={css.filters} role="search" aria-label={t('order.find')}>
      <SearchInput className={css.wide} label={t('order.search')} placeholder={t('order.searchHint')} value={get('text')} onChange={(text) => set('text', text)} />
      <SoldPicker label={t('order.sold')} value={get('sold')} onChange={(key) => set('sold', key)} />
      <OptionalSelect label={t('order.stateLabel')} placeholder={t('order.anyState')} data={states.map((value) => ({ value, label: t(`order.state.${value}`) }))} value={get('state')} onChange={(value) => set('state', value)} />
      <TextInput type="date" label={t('order.from')} value={get('from')} onChange={(event) => set('from', event.currentTarget.value)} />
      <TextInput type="date" label={t('order.to')} value={get('to')} onChange={(event) => set('to', event.currentTarget.value)} />
      <Select
        label={t('order.sort')}
        allowDeselect={false}
        data={sorts.map((value) => ({ value, label: t(`order.by.${value}`) }))}
        value={params.orderBy}
        onChange={(value) => set('by', value === 'NEWEST' ? '' : (value ?? ''))}
      />
      <Switch className={css.switch} label={t('order.unpaid')} checked={get('unpaid') !== ''} onChange={(event) => set('unpaid', event.currentTarget.checked ? 'yes' : '')} />
    </div>
  );
}

function OrderTable({ rows }: { rows: OrderRowFragment[] }) {
  const { t, format, known } = useLocale();
  return (
    <DataTable
      label={t('nav.orders')}
      rows={rows}
      rowKey={(order) => order.id}
      faded={(order) => order.state === 'CANCELLED'}
      columns={[
        {
          key: 'number',
          header: t('order.number'),
          phone: 'title',
          width: '9rem',
          cell: (order) => (
            <Anchor component={Link} to={`/orders/${order.id}`} c="inherit" fw={560}>
              {t('order.title', { number: format.number(order.number) })}
              {order.reference && <span className={css.reference}>{order.reference}</span>}
            </Anchor>
          ),
        },
        {
          key: 'buyer',
          header: t('order.buyer'),
          cell: (order) =>
            order.buyer ? (
              <Anchor component={Link} to={`/contacts/${order.buyer.id}`} inherit>
                {order.buyer.displayName}
              </Anchor>
            ) : (
              <span className="dim">{t('order.gone')}</span>
            ),
        },
        { key: 'when', header: t('order.when'), width: '14rem', cell: (order) => <span className="num">{format.moment(order.orderedAt)}</span> },
        { key: 'channel', header: t('order.channel'), width: '6rem', cell: (order) => known('order.channels', order.channel) ?? order.channel },
        { key: 'total', header: t('order.total'), align: 'right', width: '9rem', cell: (order) => format.money(order.total, order.currency) },
        { key: 'state', header: t('order.stateLabel'), width: '13rem', cell: (order) => <OrderTag order={order} /> },
      ]}
    />
  );
}
