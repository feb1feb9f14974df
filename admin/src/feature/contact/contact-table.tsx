import { Checkbox } from '@mantine/core';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState, type MouseEvent, type ReactNode } from 'react';
import { Link, useNavigate } from 'react-router';
import { useFields } from '@/feature/field/use-fields';
import { useIndicators } from '@/feature/indicator/use-indicators';
import { useLocale } from '@/locale/locale';
import { Avatar } from '@/part/avatar';
import { usePhone } from '@/theme/screen';
import { ContactTags } from './contact-tags';
import { columnsOf, fitting, headingOf, memberColumns, type Column, type ContactListRow } from './list/columns';
import type { ListSorting } from './list-params';
import { useListKeys } from './list/use-list-keys';
import css from './contact-table.module.css';

interface Props {
  label: string;
  rows: readonly ContactListRow[];
  /** The columns by name; all are shown, if need be by scrolling sideways. Without them, what fits of the usual ones. */
  columns?: readonly string[] | undefined;
  /** The usual columns, the most needed first. */
  usual?: readonly string[];
  /** Told which columns are shown. */
  onColumns?: (names: string[]) => void;
  order?: { value: ListSorting; onChange: (order: ListSorting) => void };
  selection?: { ids: ReadonlySet<string>; onChange: (ids: ReadonlySet<string>) => void };
  /** Called when the end of the rows comes near. */
  onNearEnd: () => void;
  /** Rows of a question that has been overtaken are faint. */
  stale: boolean;
  /** Ids that shine for a moment. */
  lit?: ReadonlySet<string>;
  /** What is offered beside a contact's name. */
  beside?: (row: ContactListRow) => ReactNode;
  /** What can be done with one row, at its end. */
  menu?: (row: ContactListRow) => ReactNode;
}

// In rem: the column of tick boxes, or of menus.
const checkWidth = 2.6;
const rem = 16;

/** Contacts as a table, on phones as cards; only the rows on the screen are in the document. */
export function ContactTable(props: Props) {
  const phone = usePhone();
  const { rows, onNearEnd, selection } = props;
  const frame = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [room, setRoom] = useState(0);
  // What stands above the list comes and goes; its place on the page follows.
  useLayoutEffect(() => {
    const measure = () => {
      const box = frame.current?.getBoundingClientRect();
      if (!box) return;
      setTop(box.top + window.scrollY);
      setRoom(box.width);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    if (frame.current) observer.observe(frame.current);
    return () => observer.disconnect();
  }, [phone]);

  const virtual = useWindowVirtualizer({
    count: rows.length,
    estimateSize: () => (phone ? 74 : 46),
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: 12,
    scrollMargin: top,
  });
  useEffect(() => virtual.measure(), [phone, virtual]);
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - 25) onNearEnd();
  }, [last, rows.length, onNearEnd]);

  const show = useCallback((index: number) => virtual.scrollToIndex(index, { align: 'auto' }), [virtual]);
  useListKeys({ frame, rows, show, selection });

  const { byId } = useIndicators();
  const sides = (selection ? checkWidth : 0) + (props.menu ? checkWidth : 0);
  const free = room / rem - sides;
  const columns = useMemo(
    () => (props.columns ? columnsOf(props.columns, byId) : fitting(columnsOf(props.usual ?? memberColumns, byId), free)),
    [props.columns, props.usual, free, byId],
  );
  const { onColumns } = props;
  useEffect(() => {
    if (room > 0) onColumns?.(columns.map(({ name }) => name));
  }, [columns, room, onColumns]);
  const width = columns.reduce((sum, column) => sum + column.width, 0);
  const first = items[0];
  const final = items.at(-1);
  const part = {
    shown: items.flatMap((item) => {
      const row = rows[item.index];
      return row ? [{ row, index: item.index }] : [];
    }),
    before: first ? first.start - top : 0,
    after: final ? virtual.getTotalSize() - (final.end - top) : 0,
    columns,
    width: width + sides,
  };
  return (
    <div ref={frame} data-stale={props.stale || undefined} data-wide={(!phone && room > 0 && width > free) || undefined} className={css.frame}>
      {phone ? <Cards {...props} {...part} /> : <Grid {...props} {...part} />}
    </div>
  );
}

interface PartProps extends Omit<Props, 'columns'> {
  shown: { row: ContactListRow; index: number }[];
  before: number;
  after: number;
  columns: readonly Column[];
  width: number;
}

function Grid({ label, rows, columns, width, order, selection, shown, before, after, lit, beside, menu }: PartProps) {
  const locale = useLocale();
  const { t } = locale;
  const navigate = useNavigate();
  const { byId: fields } = useFields();
  const { byId: indicators } = useIndicators();
  const open = (event: MouseEvent, id: string) => {
    // Links, boxes and selected text keep their own meaning.
    if (event.target instanceof Element && event.target.closest('a, input, button, label')) return;
    if (getSelection()?.type === 'Range') return;
    void navigate(`/contacts/${id}`);
  };
  return (
    <table className={css.table} aria-label={label} aria-rowcount={-1} style={{ minWidth: `${width}rem` }}>
      <thead>
        <tr>
          {selection && (
            <th scope="col" className={css.check}>
              <SelectAll rows={rows} selection={selection} label={t('contact.list.selectAll')} />
            </th>
          )}
          {columns.map((column) => (
            <Heading key={column.name} column={column} text={headingOf(column.name, { fields, indicators }, locale)} order={order} />
          ))}
          {menu && <td className={css.check} />}
        </tr>
      </thead>
      <tbody>
        {before > 0 && <Gap height={before} />}
        {shown.map(({ row, index }) => (
          <tr
            key={row.id}
            data-index={index}
            data-selected={selection?.ids.has(row.id) || undefined}
            data-lit={lit?.has(row.id) || undefined}
            onClick={(event) => open(event, row.id)}
          >
            {selection && (
              <td className={css.check}>
                <SelectOne contact={row} selection={selection} />
              </td>
            )}
            {columns.map((column) =>
              column.name === 'NAME' ? (
                <td key={column.name} className={css.whoCell}>
                  <span className={css.who}>
                    <Avatar name={row.displayName} kind={row.kind} color={row.color} size={26} />
                    <Link to={`/contacts/${row.id}`} className={css.name} data-row-link>
                      {row.displayName}
                    </Link>
                    {beside?.(row)}
                  </span>
                </td>
              ) : (
                <td key={column.name} data-number={column.number || undefined}>
                  {column.cell(row, locale)}
                </td>
              ),
            )}
            {menu && <td className={css.check}>{menu(row)}</td>}
          </tr>
        ))}
        {after > 0 && <Gap height={after} />}
      </tbody>
    </table>
  );
}

/** The room of the rows that are not in the document. One cell: a span over all columns would make room for them. */
function Gap({ height }: { height: number }) {
  return (
    <tr aria-hidden className={css.gap}>
      <td style={{ height }} />
    </tr>
  );
}

function Heading({ column, text, order }: { column: Column; text: string; order: Props['order'] }) {
  const by = column.by;
  const className = column.name === 'NAME' ? css.whoCell : undefined;
  const style = column.grows ? undefined : { width: `${column.width}rem` };
  if (!by || !order) {
    return (
      <th scope="col" className={className} style={style} title={text}>
        {text}
      </th>
    );
  }
  const sorted = order.value.by === by ? (order.value.direction === 'DESC' ? 'descending' : 'ascending') : undefined;
  const next = sorted === 'ascending' ? 'DESC' : 'ASC';
  const Arrow = sorted === 'descending' ? ArrowDown : ArrowUp;
  return (
    <th scope="col" aria-sort={sorted} className={className} style={style}>
      <button type="button" className={css.sort} onClick={() => order.onChange({ by, direction: next })}>
        {text}
        <Arrow size={13} aria-hidden data-on={sorted !== undefined || undefined} />
      </button>
    </th>
  );
}

type Selection = NonNullable<Props['selection']>;

function SelectAll({ rows, selection, label }: { rows: readonly ContactListRow[]; selection: Selection; label: string }) {
  const all = rows.length > 0 && rows.every((row) => selection.ids.has(row.id));
  return (
    <Checkbox
      size="xs"
      aria-label={label}
      checked={all}
      indeterminate={!all && selection.ids.size > 0}
      onChange={() => selection.onChange(all ? new Set() : new Set(rows.map((row) => row.id)))}
    />
  );
}

function SelectOne({ contact, selection }: { contact: ContactListRow; selection: Selection }) {
  const { t } = useLocale();
  return (
    <Checkbox
      size="xs"
      aria-label={t('contact.list.select', { name: contact.displayName })}
      checked={selection.ids.has(contact.id)}
      onChange={(event) => {
        const next = new Set(selection.ids);
        if (event.currentTarget.checked) next.add(contact.id);
        else next.delete(contact.id);
        selection.onChange(next);
      }}
    />
  );
}

function Cards({ label, shown, before, after, selection, lit, beside, menu }: PartProps) {
  return (
    <ul className={css.cards} aria-label={label} style={{ paddingTop: before, paddingBottom: after }}>
      {shown.map(({ row, index }) => (
        <li
          key={row.id}
          className={css.card}
          data-index={index}
          data-selected={selection?.ids.has(row.id) || undefined}
          data-lit={lit?.has(row.id) || undefined}
        >
          {selection && <SelectOne contact={row} selection={selection} />}
          <Link to={`/contacts/${row.id}`} className={css.cardLink} data-row-link>
            <Avatar name={row.displayName} kind={row.kind} color={row.color} size={38} />
            <span className={css.cardText}>
              <span className={css.cardName}>{row.displayName}</span>
              <span className={css.cardDetail}>{[row.email || row.mobile || row.phone || `№ ${row.number}`, row.address.city].filter(Boolean).join(' · ')}</span>
            </span>
            <ContactTags contact={row} most={1} />
          </Link>
          {beside?.(row)}
          {menu?.(row)}
        </li>
      ))}
    </ul>
  );
}
