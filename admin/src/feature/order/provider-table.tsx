import { Anchor } from '@mantine/core';
import type { ReactNode } from 'react';
import type { ProviderPaymentRowFragment, ProviderPaymentState } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable, type Column } from '@/part/data-table';
import { Tag, type Tone } from '@/part/tag';
import css from './order.module.css';

const tones: Record<ProviderPaymentState, Tone> = { PENDING: 'info', DONE: 'accent', HELD: 'warn', FAILED: 'danger' };

/** What a payment provider was asked, how far it is, and why it has not gone as asked. */
export function ProviderTable<T extends ProviderPaymentRowFragment>({ label, rows, more = [] }: { label: string; rows: readonly T[]; more?: Column<T>[] }) {
  const { t, format } = useLocale();
  return (
    <DataTable
      label={label}
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        { key: 'what', header: t('order.what'), phone: 'title', width: '8rem', cell: (row) => `${t(`order.direction.${row.direction}`)} · ${t(`order.provider.${row.provider}`)}` },
        ...more,
        { key: 'when', header: t('order.when'), width: '9.5rem', cell: (row) => <span className="num">{format.moment(row.at)}</span> },
        { key: 'state', header: t('order.at.state'), cell: (row) => <State row={row} /> },
        { key: 'amount', header: t('order.amount'), align: 'right', width: '7.5rem', cell: (row) => format.money(row.direction === 'IN' ? row.amount : -row.amount, row.currency) },
      ]}
    />
  );
}

/** How far it is, and why it is held, failed, or takes so long, in our words and the provider's. */
function State({ row }: { row: ProviderPaymentRowFragment }): ReactNode {
  const { t } = useLocale();
  const waits = row.direction === 'IN' && row.state === 'PENDING' && row.problem === null;
  return (
    <>
      <Tag tone={tones[row.state]}>{t(`order.at.${row.state}`)}</Tag>{' '}
      {row.problem !== null ? t(`order.problem.${row.problem}`) : waits && t('order.at.waiting')}
      {row.detail && <span className={css.reference}>{row.detail}</span>}
      {waits && row.url ? (
        <Anchor href={row.url} target="_blank" rel="noreferrer" underline="always" className={css.reference}>
          {t('order.at.open')}
        </Anchor>
      ) : (
        row.reference && <span className={css.reference}>{row.reference}</span>
      )}
    </>
  );
}
