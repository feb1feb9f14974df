import { Select } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { refusalOf } from '@/api/error';
import { useSend } from '@/api/send';
import { DeletePriceDocument, GroupNamesDocument, PlansDocument, SavePriceDocument, type PriceFullFragment, type ProductQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import type { Column } from '@/part/data-table';
import { MoneyInput, useMoney } from '@/part/money';
import { Dot } from '@/part/tag';
import { ProductTerms, TermForm } from './product-terms';

interface Props {
  product: ProductQuery['product'];
  onChange: () => void;
}

/** What a product costs for groups (P-25) and members (T-22). */
export function Prices({ product, onChange }: Props) {
  const { t } = useLocale();
  const money = useMoney();
  const columns: Column<PriceFullFragment>[] = [
    { key: 'whose', header: t('catalogue.whose'), phone: 'title', cell: (row) => (row.group ? <Dot color={row.group.color} whole>{row.group.name}</Dot> : t('catalogue.membersOf', { name: row.plan?.name ?? '' })) },
    { key: 'amount', header: t('catalogue.price'), align: 'right', width: '9rem', cell: (row) => money(row.amount) },
  ];
  return (
    <ProductTerms
      title={t('catalogue.prices')}
      lead={t('catalogue.pricesLead', { price: money(product.price) })}
      none={t('catalogue.noPrices')}
      rows={product.prices}
      columns={columns}
      remove={DeletePriceDocument}
      removeName={(row) => t('group.deleteOne', { name: row.group?.name ?? row.plan?.name ?? '' })}
      onChange={onChange}
    >
      <NewPrice product={product} onChange={onChange} />
    </ProductTerms>
  );
}

function NewPrice({ product, onChange }: Props) {
  const locale = useLocale();
  const { t } = locale;
  const [{ data: groups }] = useQuery({ query: GroupNamesDocument });
  const [{ data: plans }] = useQuery({ query: PlansDocument });
  const { send, busy } = useSend(SavePriceDocument);
  const [whose, setWhose] = useState<string | null>(null);
  const [amount, setAmount] = useState<number | ''>('');
  const [wrong, setWrong] = useState<{ amount?: string | undefined; rest: string[] }>({ rest: [] });
  const submit = async () => {
    if (!whose || amount === '') return;
    const [kind, id] = whose.split(':');
    const payload = await send({ input: { productId: product.id, amount, groupId: kind === 'group' ? (id ?? null) : null, planId: kind === 'plan' ? (id ?? null) : null } });
    if (!payload) return;
    const refusal = refusalOf(locale, payload.errors, { amount });
    setWrong({ amount: refusal.fields['amount'], rest: refusal.rest });
    if (payload.errors.length > 0) return;
    setWhose(null);
    setAmount('');
    onChange();
  };
  return (
    <TermForm label={t('catalogue.addPrice')} save={t('catalogue.savePrice')} busy={busy} ready={whose !== null && amount !== ''} rest={wrong.rest} onSubmit={submit}>
      <Select
        label={t('catalogue.whose')}
        placeholder={t('catalogue.pickWhose')}
        searchable
        data={[
          { group: t('nav.groups'), items: (groups?.groups ?? []).map(({ id, name }) => ({ value: `group:${id}`, label: name })) },
          { group: t('catalogue.kinds.MEMBERSHIP'), items: (plans?.plans ?? []).map(({ id, name }) => ({ value: `plan:${id}`, label: t('catalogue.membersOf', { name }) })) },
        ]}
        value={whose}
        onChange={setWhose}
      />
      <MoneyInput label={t('catalogue.price')} value={amount === '' ? null : amount} onChange={(sum) => setAmount(sum ?? '')} error={wrong.amount} />
    </TermForm>
  );
}
