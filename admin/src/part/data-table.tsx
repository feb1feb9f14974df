import type { ReactNode } from 'react';
import { usePhone } from '@/theme/screen';
import css from './data-table.module.css';

/** A column of a small table. */
export interface Column<T> {
  key: string;
  /** The heading; empty for a column of buttons, which then needs a `label`. */
  header: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand at the right. */
  align?: 'right';
  /** A CSS width. */
  width?: string;
  /** On phones: the card's title, its buttons, sentences below their heading, or nothing. Else a line with the heading before it, where there is something to say. */
  phone?: 'title' | 'actions' | 'text' | 'hide';
}

interface Props<T> {
  /** What the table lists, for screen readers. */
  label: string;
  columns: Column<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  /** Fainter rows, for what is over. */
  faded?: (row: T) => boolean;
}

/** A table for lists of at most some hundred rows; on phones each row is a card. */
export function DataTable<T>(props: Props<T>) {
  return usePhone() ? <Cards {...props} /> : <Grid {...props} />;
}

function Grid<T>({ label, columns, rows, rowKey, faded }: Props<T>) {
  return (
    <div className={css.frame}>
      <table className={css.table} aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" data-align={column.align} style={column.width ? { width: column.width } : undefined}>
                {column.phone === 'actions' ? <span className={css.heard}>{column.header}</span> : column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} data-faded={faded?.(row) || undefined}>
              {columns.map((column) => (
                <td key={column.key} data-align={column.align ?? (column.phone === 'actions' ? 'right' : undefined)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cards<T>({ label, columns, rows, rowKey, faded }: Props<T>) {
  const title = columns.find((column) => column.phone === 'title');
  const actions = columns.find((column) => column.phone === 'actions');
  const lines = columns.filter((column) => column.phone === undefined || column.phone === 'text');
  return (
    <ul className={css.cards} aria-label={label}>
      {rows.map((row) => (
        <li key={rowKey(row)} className={css.card} data-faded={faded?.(row) || undefined}>
          <div className={css.cardHead}>
            <div className={css.cardTitle}>{title?.cell(row)}</div>
            {actions?.cell(row)}
          </div>
          <dl className={css.lines}>
            {lines.map((column) => {
              const cell = column.cell(row);
              return (
                cell && (
                  <div key={column.key} className={css.line} data-text={column.phone === 'text' || undefined}>
                    <dt>{column.header}</dt>
                    <dd>{cell}</dd>
                  </div>
                )
              );
            })}
          </dl>
        </li>
      ))}
    </ul>
  );
}
