import { ActionIcon, Button } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { useSend, useTellErrors } from '@/api/send';
import { useSession } from '@/feature/session/session';
import type { MendFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable, type Column } from '@/part/data-table';
import { Refused } from '@/part/form';
import { Sheet } from '@/part/page';
import css from './catalogue.module.css';

interface TermsProps<Row> {
  title: string;
  lead: string;
  /** What stands there without a row. */
  none: string;
  rows: readonly Row[];
  columns: Column<Row>[];
  /** What takes a row away, and what it is called. */
  remove: TypedDocumentNode<Record<string, { errors: MendFragment[] }>, { input: { id: string } }>;
  removeName: (row: Row) => string;
  onChange: () => void;
  /** The form that adds one, for who may. */
  children: ReactNode;
}

/** Prices or quotas of a product: a row for each, that managers take away, and a form for another. */
export function ProductTerms<Row extends { id: string }>({ title, lead, none, rows, columns, remove, removeName, onChange, children }: TermsProps<Row>) {
  const { t } = useLocale();
  const { can } = useSession();
  const { send, busy } = useSend(remove);
  const ok = useTellErrors();
  const buttons: Column<Row> = {
    key: 'buttons',
    header: t('action.actions'),
    phone: 'actions',
    width: '4rem',
    cell: (row) => (
      <ActionIcon size={32} disabled={busy} aria-label={removeName(row)} onClick={() => void send({ input: { id: row.id } }).then((payload) => ok(payload) && onChange())}>
        <Trash2 size={16} aria-hidden />
      </ActionIcon>
    ),
  };
  return (
    <Sheet title={title} lead={lead}>
      {rows.length === 0 ? <p className={css.none}>{none}</p> : <DataTable label={title} rows={rows} rowKey={(row) => row.id} columns={can('MANAGER') ? [...columns, buttons] : columns} />}
      {can('MANAGER') && children}
    </Sheet>
  );
}

interface FormProps {
  label: string;
  save: string;
  busy: boolean;
  /** Whether it is whole. */
  ready: boolean;
  /** What was refused that no input shows. */
  rest?: string[];
  onSubmit: () => Promise<void>;
  children: ReactNode;
}

/** A line of inputs that adds a price or a quota. */
export function TermForm({ label, save, busy, ready, rest = [], onSubmit, children }: FormProps) {
  return (
    <form
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        void onSubmit();
      }}
    >
      <div className={css.add}>
        {children}
        <Button type="submit" variant="default" loading={busy} disabled={!ready}>
          {save}
        </Button>
      </div>
      <Refused texts={rest} />
    </form>
  );
}
