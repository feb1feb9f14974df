import { Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { SoldProductsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

/** An event, or one product: `event:<id>` or `product:<id>`; empty for none. */
export type SoldKey = string;

/** The members of a filter or an order that a key means. */
export function soldIds(key: SoldKey): { eventId: string | null; productId: string | null } {
  const id = key.slice(key.indexOf(':') + 1);
  return { eventId: key.startsWith('event:') ? id : null, productId: key.startsWith('product:') ? id : null };
}

/** Chooses an event or a product of what was sold. */
export function SoldPicker({ label, value, onChange, error }: { label: string; value: SoldKey; onChange: (key: SoldKey) => void; error?: string }) {
  const { t, format } = useLocale();
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState<{ value: string; label: string } | null>(null);
  const [text] = useDebouncedValue(typed.trim(), 200);
  const [{ data }] = useQuery({ query: SoldProductsDocument, variables: { search: text === chosen?.label ? '' : text } });
  const options = useMemo(() => {
    const events = new Map<string, { value: string; label: string }>();
    const products: { value: string; label: string }[] = [];
    for (const { id, name, event } of data?.soldProducts ?? []) {
      if (event) events.set(event.id, { value: `event:${event.id}`, label: `${event.name} · ${format.day(event.startsAt)}` });
      products.push({ value: `product:${id}`, label: event ? `${event.name}, ${name}` : name });
    }
    const all = [...events.values(), ...products];
    const other = chosen && !all.some((one) => one.value === chosen.value) ? [chosen] : [];
    return [
      { group: t('order.events'), items: [...events.values()] },
      { group: t('order.products'), items: [...products, ...other] },
    ].filter(({ items }) => items.length > 0);
  }, [data, format, t, chosen]);
  return (
    <Select
      label={label}
      placeholder={t('order.chooseSold')}
      searchable
      clearable
      clearButtonProps={{ 'aria-label': t('action.clear') }}
      nothingFoundMessage={t('order.nothingSold')}
      data={options}
      // The server has matched already.
      filter={({ options: all }) => all}
      searchValue={typed}
      onSearchChange={setTyped}
      value={value || null}
      onChange={(key, option) => {
        setChosen(key ? { value: key, label: option?.label ?? '' } : null);
        onChange(key ?? '');
      }}
      error={error}
    />
  );
}
