import { Anchor, Button } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { useQuery } from 'urql';
import { GroupTermsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { DataTable, type Column } from '@/part/data-table';
import { useMoney } from '@/part/money';
import { Sheet } from '@/part/page';
import { useSiteTime } from '@/part/site-time';
import css from './catalogue.module.css';

interface Of {
  id: string;
  name: string;
  archivedAt: string | null;
  event: { name: string; startsAt: string; endsAt: string } | null;
}

const shown = 5;

/** What a group's contacts pay less or more for (P-25), and how much of something each may have (P-26), of what is still sold. */
export function GroupTerms({ id }: { id: string }) {
  const { t, format } = useLocale();
  const money = useMoney();
  const [{ data }] = useQuery({ query: GroupTermsDocument, variables: { id }, requestPolicy: 'cache-and-network' });
  const group = data?.node && 'prices' in data.node ? data.node : null;
  const now = new Date().toISOString();
  const sold = ({ product: { archivedAt, event } }: { product: Of }) => archivedAt === null && (event === null || event.endsAt >= now);
  const prices = group?.prices.filter(sold) ?? [];
  const quotas = group?.quotas.filter(sold) ?? [];
  if (prices.length + quotas.length === 0) return null;
  return (
    <Sheet title={t('catalogue.groupTerms')} lead={t('catalogue.groupTermsLead')}>
      <div className={css.tables}>
        <Terms
          label={t('catalogue.prices')}
          rows={prices}
          columns={[
            { key: 'amount', header: t('catalogue.price'), align: 'right', width: '9rem', cell: (row) => money(row.amount) },
            { key: 'others', header: t('catalogue.others'), align: 'right', width: '9rem', cell: (row) => money(row.product.price) },
          ]}
        />
        <Terms
          label={t('catalogue.quotas')}
          rows={quotas}
          columns={[
            { key: 'most', header: t('catalogue.most'), align: 'right', width: '9rem', cell: (row) => format.number(row.most) },
            { key: 'period', header: t('catalogue.periodLabel'), width: '9rem', cell: (row) => t(`catalogue.period.${row.period}`) },
          ]}
        />
      </div>
    </Sheet>
  );
}

/** The first of them, and the rest when asked for: the group's members stand below. */
function Terms<T extends { id: string; product: Of }>({ label, rows, columns }: { label: string; rows: readonly T[]; columns: Column<T>[] }) {
  const { t } = useLocale();
  const time = useSiteTime();
  const [all, setAll] = useState(false);
  if (rows.length === 0) return null;
  const what: Column<T> = {
    key: 'what',
    header: t('catalogue.what'),
    phone: 'title',
    cell: ({ product: { id, name, event } }) => (
      <span className={css.names}>
        <Anchor component={Link} to={`/catalogue/${id}`} className={css.name}>
          {event ? `${event.name}, ${name}` : name}
        </Anchor>
        {event && <span className={css.terms}>{time.moment(event.startsAt)}</span>}
      </span>
    ),
  };
  return (
    <div>
      <DataTable label={label} rows={all ? rows : rows.slice(0, shown)} rowKey={(row) => row.id} columns={[what, ...columns]} />
      {!all && rows.length > shown && (
        <Button variant="subtle" size="xs" mt="xs" onClick={() => setAll(true)}>
          {t('action.more')}
        </Button>
      )}
    </div>
  );
}
