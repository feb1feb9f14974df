import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useQuery } from 'urql';
import { CountedEventsDocument, CountedProductsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { productName, type Named } from './draft';

interface Props {
  value: readonly Named[];
  onChange: (list: Named[]) => void;
  error: string | undefined;
}

interface ListProps extends Props {
  label: string;
  placeholder: string;
  found: readonly Named[];
  search: string;
  onSearch: (text: string) => void;
}

/** Several of many, found on the server. */
function NamedSelect({ label, placeholder, value, found, search, onSearch, onChange, error }: ListProps) {
  const all = new Map([...value, ...found].map((one) => [one.id, one.name]));
  return (
    <MultiSelect
      label={label}
      placeholder={value.length === 0 ? placeholder : ''}
      searchable
      hidePickedOptions
      maxValues={50}
      data={[...all].map(([id, name]) => ({ value: id, label: name }))}
      filter={({ options }) => options} // the server has looked
      value={value.map(({ id }) => id)}
      searchValue={search}
      onSearchChange={onSearch}
      onChange={(ids) => onChange(ids.map((id) => ({ id, name: all.get(id) ?? '' })))}
      error={error}
    />
  );
}

function useSearch() {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  return { typed, setTyped, search };
}

/** Chooses products. */
export function ProductsSelect(props: Props) {
  const { t } = useLocale();
  const { typed, setTyped, search } = useSearch();
  const [{ data }] = useQuery({ query: CountedProductsDocument, variables: { search } });
  const found = (data?.products.nodes ?? []).map((product) => ({ id: product.id, name: productName(product) }));
  return <NamedSelect {...props} label={t('indicator.products')} placeholder={t('indicator.allProducts')} found={found} search={typed} onSearch={setTyped} />;
}

/** Chooses events. */
export function EventsSelect(props: Props) {
  const { t, format } = useLocale();
  const { typed, setTyped, search } = useSearch();
  const [{ data }] = useQuery({ query: CountedEventsDocument, variables: { search } });
  const found = (data?.events.nodes ?? []).map(({ id, name, startsAt }) => ({ id, name: `${name}, ${format.day(startsAt.slice(0, 10))}` }));
  return <NamedSelect {...props} label={t('indicator.events')} placeholder={t('indicator.allEvents')} found={found} search={typed} onSearch={setTyped} />;
}
