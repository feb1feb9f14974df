import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useQuery } from 'urql';
import { SellableDocument, type OfferFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

/** What something is called where its event is not seen beside it. */
export const productName = ({ name, event }: NonNullable<OfferFullFragment['product']>) => (event ? `${event.name}, ${name}` : name);

interface Props {
  product: OfferFullFragment['product'];
  value: string;
  onChange: (id: string) => void;
  error?: string | undefined;
}

/** What is sold that an offer is about, found by its name or its event's; one may leave it out. */
export function ProductSelect({ product, value, onChange, error }: Props) {
  const { t } = useLocale();
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState(product && { value: product.id, label: productName(product) });
  const [search] = useDebouncedValue(typed === chosen?.label ? '' : typed.trim(), 200);
  const [{ data }] = useQuery({ query: SellableDocument, variables: { search } });
  const found = (data?.sellable ?? []).map((one) => ({ value: one.id, label: productName(one) }));
  return (
    <Select
      label={t('offer.product')}
      description={t('offer.productHelp')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('action.clear') }}
      nothingFoundMessage={t('sale.noneFound')}
      data={chosen && !found.some((one) => one.value === chosen.value) ? [chosen, ...found] : found}
      // The server has matched already.
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      value={value || null}
      onChange={(id, option) => {
        setChosen(id ? { value: id, label: option?.label ?? '' } : null);
        onChange(id ?? '');
      }}
      error={error}
    />
  );
}
