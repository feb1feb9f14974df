import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import { useTaken } from '@/feature/event/words';
import type { ProductFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable } from '@/part/data-table';
import { useMoney } from '@/part/money';
import { Tag } from '@/part/tag';
import { useTerms } from './words';
import css from './catalogue.module.css';

/** Products with what they cost and what is sold of them. */
export function ProductTable({ label, rows }: { label: string; rows: readonly ProductFullFragment[] }) {
  const { t } = useLocale();
  const money = useMoney();
  const taken = useTaken();
  const terms = useTerms();
  return (
    <DataTable
      label={label}
      rows={rows}
      rowKey={(row) => row.id}
      faded={(row) => row.archivedAt !== null}
      columns={[
        {
          key: 'name',
          header: t('catalogue.name'),
          phone: 'title',
          cell: (row) => (
            <span className={css.names}>
              <span className={css.heading}>
                <Anchor component={Link} to={`/catalogue/${row.id}`} c="inherit" fw={560} className={css.name}>
                  {row.name}
                </Anchor>
                {row.archivedAt && <Tag>{t('catalogue.archived')}</Tag>}
                {row.reserved && <Tag tone="info">{t('catalogue.reservedTag')}</Tag>}
              </span>
              {terms(row) && <span className={css.terms}>{terms(row)}</span>}
            </span>
          ),
        },
        { key: 'price', header: t('catalogue.price'), align: 'right', width: '9rem', cell: (row) => money(row.price) },
        { key: 'sold', header: t('event.sold'), align: 'right', width: '8rem', cell: taken },
      ]}
    />
  );
}
