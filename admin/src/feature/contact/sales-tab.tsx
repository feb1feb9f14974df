import { Anchor, Button, Checkbox, Group, SegmentedControl } from '@mantine/core';
import { CalendarCheck, IdCard, ReceiptText, ShoppingBag, Ticket, type LucideIcon } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import {
  AttendedHistoryDocument, BoughtHistoryDocument, MemberHistoryDocument, PaidHistoryDocument, PassHistoryDocument,
  type AttendedPageFragment, type BoughtPageFragment, type ContactFullFragment, type ContactNameFragment, type MemberPageFragment, type PaidPageFragment, type PassPageFragment,
} from '@/gql/graphql';
import { BookingActions, MembershipActions, PassActions, TicketActions } from '@/feature/sale/held-actions';
import { useLocale } from '@/locale/locale';
import { DataTable, type Column } from '@/part/data-table';
import { Sheet } from '@/part/page';
import { Empty, Loading, Problem } from '@/part/state';
import { Tag, type Tone } from '@/part/tag';
import { usePhone } from '@/theme/screen';
import { useSaleHistory, type Gather } from './use-sale-history';

const histories = ['bought', 'attended', 'paid', 'memberships', 'passes'] as const;
type Which = (typeof histories)[number];

/**
 * The histories that come from sales: what the contact bought, attended and will attend, paid (S-58 to S-60), its memberships (T-04) and its passes (C-17). Each follows its own
 * role (S-61); an organization's gather those of its people, and of its subsidiaries on request (S-21, G-29).
 */
export function SalesTab({ contact }: { contact: ContactFullFragment }) {
  const { t } = useLocale();
  const phone = usePhone();
  const [which, setWhich] = useState<Which>('bought');
  const [gather, setGather] = useState<Gather>({ people: false, subsidiaries: false });
  const List = lists[which];
  return (
    <Sheet title={t(`contact.sales.${which}`)} lead={t(`contact.sales.${which}Lead`)}>
      <Group gap="lg" mb="md">
        <SegmentedControl
          size="xs"
          {...(phone && { orientation: 'vertical', fullWidth: true, w: '100%' })}
          aria-label={t('contact.sales.which')}
          value={which}
          onChange={(value) => setWhich(value as Which)}
          data={histories.map((value) => ({ value, label: t(`contact.sales.${value}`) }))}
        />
        {contact.kind === 'ORGANIZATION' && (
          <>
            <Checkbox label={t('contact.history.people')} checked={gather.people} onChange={(event) => setGather({ ...gather, people: event.currentTarget.checked })} />
            <Checkbox label={t('contact.history.subsidiaries')} checked={gather.subsidiaries} onChange={(event) => setGather({ ...gather, subsidiaries: event.currentTarget.checked })} />
          </>
        )}
      </Group>
      <List id={contact.id} gather={gather} />
    </Sheet>
  );
}

interface ListProps {
  id: string;
  gather: Gather;
}

const lists: Record<Which, (props: ListProps) => React.JSX.Element> = { bought: Bought, attended: Attended, paid: Paid, memberships: Memberships, passes: Passes };

interface RowsProps<Row> {
  which: Which;
  icon: LucideIcon;
  history: { rows: Row[] | null; error: React.ComponentProps<typeof Problem>['error'] | null; more: (() => void) | null; reload: () => void };
  columns: Column<Row>[];
  faded?: (row: Row) => boolean;
}

/** What every history is: a table, what stands there without a row, and a way to more. */
function Rows<Row extends { id: string }>({ which, icon, history, columns, faded }: RowsProps<Row>) {
  const { t } = useLocale();
  const { rows, error, more, reload } = history;
  if (error && !rows) return <Problem error={error} retry={reload} />;
  if (!rows) return <Loading />;
  if (rows.length === 0) return <Empty icon={icon} title={t(`contact.sales.${which}None`)} />;
  return (
    <>
      <DataTable label={t(`contact.sales.${which}`)} rows={rows} rowKey={(row) => row.id} columns={columns} {...(faded && { faded })} />
      {more && (
        <Button variant="default" mt="md" onClick={more}>
          {t('action.more')}
        </Button>
      )}
    </>
  );
}

/** Whose a row is, where histories of several are gathered. */
function useWhose<Row>({ gather }: ListProps, of: (row: Row) => ContactNameFragment | null): Column<Row>[] {
  const { t } = useLocale();
  if (!gather.people && !gather.subsidiaries) return [];
  return [{
    key: 'whose',
    header: t('contact.sales.whose'),
    cell: (row) => {
      const contact = of(row);
      return contact && <Anchor component={Link} to={`/contacts/${contact.id}`} size="sm">{contact.displayName}</Anchor>;
    },
  }];
}

function Bought(props: ListProps) {
  const { t, format } = useLocale();
  type Row = BoughtPageFragment['nodes'][number];
  const history = useSaleHistory(BoughtHistoryDocument, props.id, props.gather, (data) => (data.contact && 'orders' in data.contact ? data.contact.orders : undefined));
  const columns: Column<Row>[] = [
    { key: 'number', header: t('contact.sales.order'), cell: ({ number }) => <span className="num">№ {number}</span>, phone: 'title' },
    { key: 'at', header: t('contact.sales.at'), cell: ({ orderedAt }) => format.day(orderedAt) },
    { key: 'what', header: t('contact.sales.what'), cell: ({ lines }) => lines.map(({ label, quantity }) => (quantity > 1 ? `${quantity} × ${label}` : label)).join(' · ') },
    ...useWhose<Row>(props, ({ buyer }) => buyer),
    { key: 'total', header: t('contact.sales.total'), align: 'right', cell: ({ total, currency }) => format.money(total, currency) },
    { key: 'due', header: t('contact.sales.due'), align: 'right', cell: ({ due, currency, state }) => (state === 'CANCELLED' ? <Tag tone="danger">{t('contact.sales.state.CANCELLED')}</Tag> : due !== 0 && format.money(due, currency)) },
  ];
  return <Rows which="bought" icon={ShoppingBag} history={history} columns={columns} faded={({ state }) => state === 'CANCELLED'} />;
}

const tones: Record<AttendedPageFragment['nodes'][number]['state'], Tone> = { BOOKED: 'plain', ATTENDED: 'accent', CANCELLED: 'danger' };

function Attended(props: ListProps) {
  const { t, format } = useLocale();
  type Row = AttendedPageFragment['nodes'][number];
  const history = useSaleHistory(AttendedHistoryDocument, props.id, props.gather, (data) => (data.contact && 'attendances' in data.contact ? data.contact.attendances : undefined));
  const columns: Column<Row>[] = [
    { key: 'name', header: t('contact.sales.what'), cell: ({ name, product }) => (product ? `${name} · ${product}` : name), phone: 'title' },
    { key: 'at', header: t('contact.sales.when'), cell: ({ startsAt }) => format.moment(startsAt) },
    { key: 'place', header: t('contact.sales.place'), cell: ({ place }) => place },
    ...useWhose<Row>(props, ({ contact }) => contact),
    { key: 'state', header: t('contact.sales.stateIs'), cell: ({ state, endsAt }) => <Tag tone={tones[state]}>{t(state === 'BOOKED' && new Date(endsAt) < new Date() ? 'contact.sales.state.UNSEEN' : `contact.sales.state.${state}`)}</Tag> },
    {
      key: 'deeds',
      header: t('held.deeds'),
      phone: 'actions',
      cell: ({ id, kind, name, startsAt, state }) => {
        const called = `${name}, ${format.moment(startsAt)}`;
        if (kind !== 'TICKET') return <BookingActions held={{ id, state }} name={called} onChange={history.reload} />;
        return state !== 'CANCELLED' && <TicketActions held={{ id, used: state === 'ATTENDED' }} name={called} onChange={history.reload} />;
      },
    },
  ];
  return <Rows which="attended" icon={CalendarCheck} history={history} columns={columns} faded={({ endsAt, state }) => state === 'CANCELLED' || new Date(endsAt) < new Date()} />;
}

function Paid(props: ListProps) {
  const { t, format } = useLocale();
  type Row = PaidPageFragment['nodes'][number];
  const history = useSaleHistory(PaidHistoryDocument, props.id, props.gather, (data) => (data.contact && 'payments' in data.contact ? data.contact.payments : undefined));
  const columns: Column<Row>[] = [
    { key: 'at', header: t('contact.sales.at'), cell: ({ at }) => format.day(at), phone: 'title' },
    { key: 'order', header: t('contact.sales.order'), cell: ({ order }) => <span className="num">№ {order.number}</span> },
    { key: 'method', header: t('contact.sales.how'), cell: ({ method, direction, reason }) => [t(`contact.sales.method.${method}`), direction === 'OUT' && t('contact.sales.back'), reason].filter(Boolean).join(' · ') },
    ...useWhose<Row>(props, ({ payer }) => payer),
    { key: 'amount', header: t('contact.sales.amount'), align: 'right', cell: ({ amount, direction, order }) => format.money(direction === 'OUT' ? -amount : amount, order.currency) },
  ];
  return <Rows which="paid" icon={ReceiptText} history={history} columns={columns} />;
}

const stateTones: Record<MemberPageFragment['nodes'][number]['state'], Tone> = { AHEAD: 'info', RUNNING: 'accent', ENDED: 'plain' };

function Memberships(props: ListProps) {
  const { t, format } = useLocale();
  type Row = MemberPageFragment['nodes'][number];
  const history = useSaleHistory(MemberHistoryDocument, props.id, props.gather, (data) => (data.contact && 'memberships' in data.contact ? data.contact.memberships : undefined));
  const columns: Column<Row>[] = [
    { key: 'plan', header: t('contact.sales.plan'), cell: ({ plan }) => plan.name, phone: 'title' },
    { key: 'from', header: t('contact.sales.from'), cell: ({ startsOn }) => format.day(startsOn) },
    { key: 'until', header: t('contact.sales.until'), cell: ({ endsOn }) => (endsOn ? format.day(endsOn) : t('contact.sales.endless')) },
    ...useWhose<Row>(props, ({ contact }) => contact),
    {
      key: 'state',
      header: t('contact.sales.stateIs'),
      cell: ({ state, cancelledAt, renews }) => (
        <>
          <Tag tone={stateTones[state]}>{t(`contact.sales.member.${state}`)}</Tag>
          {cancelledAt !== null && <> <Tag tone="danger">{t('contact.sales.member.cancelled')}</Tag></>}
          {renews && <> <Tag>{t('contact.sales.member.renews')}</Tag></>}
        </>
      ),
    },
    {
      key: 'order',
      header: t('contact.sales.order'),
      cell: ({ order }) => (order ? <Anchor component={Link} to={`/orders/${order.id}`} size="sm" className="num">№ {order.number}</Anchor> : t('contact.sales.given')),
    },
    { key: 'deeds', header: t('held.deeds'), phone: 'actions', cell: (row) => <MembershipActions held={row} name={row.plan.name} onChange={history.reload} /> },
  ];
  return <Rows which="memberships" icon={IdCard} history={history} columns={columns} faded={({ state }) => state === 'ENDED'} />;
}

function Passes(props: ListProps) {
  const { t, format } = useLocale();
  type Row = PassPageFragment['nodes'][number];
  const history = useSaleHistory(PassHistoryDocument, props.id, props.gather, (data) => (data.contact && 'passes' in data.contact ? data.contact.passes : undefined));
  const columns: Column<Row>[] = [
    { key: 'name', header: t('contact.sales.what'), cell: ({ product }) => product.name, phone: 'title' },
    { key: 'left', header: t('contact.sales.left'), align: 'right', cell: ({ uses, used }) => `${uses - used} / ${uses}` },
    { key: 'from', header: t('contact.sales.from'), cell: ({ validOn }) => format.day(validOn) },
    { key: 'until', header: t('contact.sales.until'), cell: ({ endsOn, cancelledAt }) => (cancelledAt ? <Tag tone="danger">{t('contact.sales.state.CANCELLED')}</Tag> : endsOn ? format.day(endsOn) : '–') },
    ...useWhose<Row>(props, ({ contact }) => contact),
    { key: 'deeds', header: t('held.deeds'), phone: 'actions', cell: (row) => <PassActions held={row} name={row.product.name} onChange={history.reload} /> },
  ];
  return <Rows which="passes" icon={Ticket} history={history} columns={columns} faded={({ uses, used, cancelledAt }) => used >= uses || cancelledAt !== null} />;
}
