import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { IndicatorText } from '@/feature/indicator/indicator-value';
import type { ContactCellsFragment, ContactListQueryVariables, ContactRowFragment, IndicatorNameFragment } from '@/gql/graphql';
import type { Locale } from '@/locale/locale';
import { Money } from '@/part/money';
import { Dot } from '@/part/tag';
import { Ago } from '@/part/when';
import { ContactTags } from '../contact-tags';
import type { ListOrder } from '../list-params';
import css from './columns.module.css';

/** Leaves every entry of each kind of contact optional. */
type Some<T> = T extends { address: object } ? Partial<Omit<T, 'address'>> & { address: Partial<T['address']> } : never;

/** A row; what no column shows need not be there. */
export type ContactListRow = ContactRowFragment & Some<ContactCellsFragment>;

/** What must be asked for beside a row's core. */
export type Needs = Pick<ContactListQueryVariables, 'roles' | 'relays' | 'labels' | 'answers' | 'sales' | 'indicators'>;

/** A column of the list. */
export interface Column {
  /** As saved views name it. */
  name: string;
  /** Room it needs, in rem. */
  width: number;
  /** Whether it takes of the room that is left. */
  grows?: boolean;
  by?: ListOrder;
  need?: keyof Needs;
  number?: boolean;
  cell: (row: ContactListRow, locale: Locale) => ReactNode;
}

/** The columns by the names of saved views (S-84, C-15), in the order they are offered. */
const known: readonly Column[] = [
  { name: 'NAME', width: 13, grows: true, by: 'NAME', cell: (row) => row.displayName },
  { name: 'NUMBER', width: 6.25, by: 'NUMBER', number: true, cell: (row) => row.number },
  { name: 'ROLES', width: 9.5, need: 'roles', cell: (row, { t }) => row.roles?.map((role) => t(`contact.role.${role}`)).join(', ') },
  { name: 'RELAY', width: 9, need: 'relays', cell: (row) => <Relays row={row} /> },
  { name: 'CITY', width: 7.5, by: 'CITY', cell: (row) => row.address.city },
  { name: 'ADDRESS', width: 10, grows: true, cell: (row) => row.address.lines?.join(', ') },
  { name: 'POSTCODE', width: 6, cell: (row) => row.address.postcode },
  { name: 'COUNTRY', width: 8, cell: (row, { format }) => format.country(row.address.country) },
  { name: 'EMAIL', width: 13, grows: true, by: 'EMAIL', cell: (row) => row.email },
  { name: 'PHONE', width: 9, number: true, cell: (row) => row.phone },
  { name: 'MOBILE', width: 9, number: true, cell: (row) => row.mobile || row.phone },
  { name: 'COMPANY', width: 9, grows: true, cell: (row) => (row.__typename === 'Person' ? row.company : '') },
  { name: 'STATUSES', width: 12, cell: (row) => <ContactTags contact={row} most={2} /> },
  { name: 'GROUPS', width: 9, cell: (row) => <Named list={row.groups} /> },
  { name: 'LABELS', width: 9, need: 'labels', cell: (row) => <Named list={row.labels ?? []} /> },
  { name: 'COLOR', width: 5, cell: (row, { t }) => (row.color ? <Dot color={row.color}>{''}</Dot> : <span className="dim">{t('color.none')}</span>) },
  { name: 'TYPES', width: 8, cell: (row, { t }) => row.types?.map((type) => t(`contact.type.${type}`)).join(', ') },
  { name: 'LANGUAGE', width: 7.5, cell: (row, { format }) => format.language(row.language ?? '') },
  { name: 'BIRTH_DATE', width: 8, cell: (row, { format }) => row.__typename === 'Person' && row.birthDate && format.day(row.birthDate) },
  { name: 'AGE', width: 4, number: true, cell: (row) => row.__typename === 'Person' && row.age },
  { name: 'SOURCE', width: 8, cell: (row, { t }) => row.source && t(`contact.source.${row.source}`) },
  { name: 'BOOKINGS', width: 7.5, need: 'sales', number: true, cell: (row, { format }) => row.salesSummary && format.number(row.salesSummary.bookings) },
  { name: 'PASSES', width: 6, need: 'sales', number: true, cell: (row, { format }) => row.salesSummary && format.number(row.salesSummary.passes) },
  { name: 'SPENT', width: 7.5, by: 'SPENT', need: 'sales', number: true, cell: (row) => row.salesSummary && row.salesSummary.orders > 0 && <Money amount={row.salesSummary.spent} /> },
  { name: 'LAST_PURCHASE', width: 8.5, by: 'LAST_PURCHASE', need: 'sales', cell: (row, { format }) => row.salesSummary?.lastPurchaseOn && format.day(row.salesSummary.lastPurchaseOn) },
  { name: 'CREATED_AT', width: 8.5, by: 'CREATED_AT', cell: (row) => <Ago at={row.createdAt} /> },
  { name: 'UPDATED_AT', width: 8.5, by: 'UPDATED_AT', cell: (row) => <Ago at={row.updatedAt} /> },
];
const byName = new Map(known.map((column) => [column.name, column]));

/** What a site has columns of besides: the answers to its fields, and its indicators. */
export interface OwnColumns {
  fields: ReadonlyMap<string, { label: string }>;
  indicators: ReadonlyMap<string, IndicatorNameFragment>;
}

/** The names of all columns, the site's own last. */
export const columnNames = (fields: readonly { id: string }[], indicators: readonly { id: string }[]): string[] => [
  ...known.map(({ name }) => name), ...indicators.map(({ id }) => `indicator:${id}`), ...fields.map(({ id }) => `field:${id}`),
];

/** What the list shows where nobody chose: as many as fit, from the left (S-84 names the first six). */
export const listColumns: readonly string[] = ['NAME', 'NUMBER', 'ROLES', 'RELAY', 'CITY', 'ADDRESS', 'EMAIL', 'MOBILE', 'STATUSES', 'GROUPS', 'COMPANY', 'UPDATED_AT'];

/** The same for lists of members, which say what a group or a segment is about. */
export const memberColumns: readonly string[] = ['NAME', 'NUMBER', 'EMAIL', 'MOBILE', 'CITY', 'STATUSES', 'GROUPS', 'UPDATED_AT'];

/** The columns of these names; what is gone is left out, and the name is always there. */
export function columnsOf(names: readonly string[], indicators: OwnColumns['indicators']): Column[] {
  const columns = names.flatMap((name) => {
    const indicator = name.startsWith('indicator:') && indicators.get(name.slice('indicator:'.length));
    return byName.get(name) ?? (name.startsWith('field:') ? [fieldColumn(name)] : indicator ? [indicatorColumn(indicator)] : []);
  });
  const named = byName.get('NAME');
  return named && !columns.includes(named) ? [named, ...columns] : columns;
}

function fieldColumn(name: string): Column {
  const id = name.slice('field:'.length);
  return { name, width: 9, grows: true, need: 'answers', cell: (row) => row.answers?.find((answer) => answer.field.id === id)?.display };
}

function indicatorColumn({ id, measure }: IndicatorNameFragment): Column {
  const name = `indicator:${id}` as const;
  return { name, width: 11.5, by: name, need: 'indicators', cell: (row) => <IndicatorText value={row.indicators?.find((one) => one.indicator.id === id)} measure={measure} /> };
}

/** What columns ask for. */
export function needsOf(columns: readonly Column[]): Needs {
  return Object.fromEntries(columns.flatMap(({ need }) => (need ? [[need, true]] : []))) as Needs;
}

/** As many columns as there is room for, and never fewer than three. */
export function fitting(columns: readonly Column[], room: number): Column[] {
  let taken = 0;
  return columns.filter((column, index) => {
    taken += column.width;
    return index < 3 || taken <= room;
  });
}

/** A column's heading. */
export function headingOf(name: string, { fields, indicators }: OwnColumns, { t, known: texts }: Locale): string {
  if (name.startsWith('indicator:')) return indicators.get(name.slice('indicator:'.length))?.name ?? t('contactList.goneIndicator');
  if (name.startsWith('field:')) return fields.get(name.slice('field:'.length))?.label ?? t('contactList.goneField');
  return texts('contactList.column', name) ?? name;
}

function Relays({ row }: { row: ContactListRow }) {
  if (row.__typename !== 'Organization') return null;
  return row.relays?.map((relay, index) => (
    <span key={relay.id}>
      {index > 0 && ', '}
      <Link to={`/contacts/${relay.id}`} className={css.link}>
        {relay.displayName}
      </Link>
    </span>
  ));
}

/** The first of some coloured names, and how many more there are. */
function Named({ list }: { list: readonly { name: string; color: string }[] }) {
  const [first] = list;
  if (!first) return null;
  return (
    <span className={css.named} title={list.map(({ name }) => name).join(', ')}>
      <Dot color={first.color}>{first.name}</Dot>
      {list.length > 1 && <span className={css.more}>+{list.length - 1}</span>}
    </span>
  );
}
