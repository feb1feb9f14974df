import { NumberInput, Select } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { useSend, useTellErrors } from '@/api/send';
import { DeleteQuotaDocument, GroupNamesDocument, SaveQuotaDocument, type ProductQuery, type QuotaFullFragment, type QuotaPeriod } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import type { Column } from '@/part/data-table';
import { Dot } from '@/part/tag';
import { ProductTerms, TermForm } from './product-terms';

interface Props {
  product: ProductQuery['product'];
  onChange: () => void;
}

const periods = ['DAY', 'WEEK', 'MONTH', 'YEAR', 'EVER'] as const satisfies QuotaPeriod[];
const everybody = 'everybody';

/** How many of a product one contact may have (P-26). */
export function Quotas({ product, onChange }: Props) {
  const { t, format } = useLocale();
  const columns: Column<QuotaFullFragment>[] = [
    { key: 'whom', header: t('catalogue.whom'), phone: 'title', cell: (row) => (row.group ? <Dot color={row.group.color} whole>{row.group.name}</Dot> : t('catalogue.each')) },
    { key: 'most', header: t('catalogue.most'), align: 'right', width: '9rem', cell: (row) => format.number(row.most) },
    { key: 'period', header: t('catalogue.periodLabel'), width: '9rem', cell: (row) => t(`catalogue.period.${row.period}`) },
  ];
  return (
    <ProductTerms
      title={t('catalogue.quotas')}
      lead={t('catalogue.quotasLead')}
      none={t('catalogue.noQuotas')}
      rows={product.quotas}
      columns={columns}
      remove={DeleteQuotaDocument}
      removeName={(row) => t('catalogue.liftOne', { name: row.group?.name ?? t('catalogue.each'), period: t(`catalogue.period.${row.period}`) })}
      onChange={onChange}
    >
      <NewQuota product={product} onChange={onChange} />
    </ProductTerms>
  );
}

function NewQuota({ product, onChange }: Props) {
  const { t } = useLocale();
  const [{ data: groups }] = useQuery({ query: GroupNamesDocument });
  const { send, busy } = useSend(SaveQuotaDocument);
  const ok = useTellErrors();
  const [whom, setWhom] = useState(everybody);
  const [period, setPeriod] = useState<QuotaPeriod>('MONTH');
  const [most, setMost] = useState<number | ''>('');
  const submit = async () => {
    if (most === '') return;
    if (!ok(await send({ input: { productId: product.id, groupId: whom === everybody ? null : whom, period, most } }))) return;
    setMost('');
    onChange();
  };
  return (
    <TermForm label={t('catalogue.addQuota')} save={t('catalogue.saveQuota')} busy={busy} ready={most !== ''} onSubmit={submit}>
      <Select
        label={t('catalogue.whom')}
        searchable
        allowDeselect={false}
        data={[{ value: everybody, label: t('catalogue.each') }, ...(groups?.groups ?? []).map(({ id, name }) => ({ value: id, label: name }))]}
        value={whom}
        onChange={(value) => value && setWhom(value)}
      />
      <NumberInput label={t('catalogue.most')} min={0} max={1_000_000} allowDecimal={false} value={most} onChange={(n) => setMost(n === '' ? '' : Number(n))} />
      <Select label={t('catalogue.periodLabel')} allowDeselect={false} data={periods.map((value) => ({ value, label: t(`catalogue.period.${value}`) }))} value={period} onChange={(value) => value && setPeriod(value as QuotaPeriod)} />
    </TermForm>
  );
}
