import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Plus, Search } from 'lucide-react';
import { useState } from 'react';
import { useQuery } from 'urql';
import { SellableDocument, type SellableFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Loading, Problem } from '@/part/state';
import { Tag } from '@/part/tag';
import { SlotPicker } from './slot-picker';
import css from './sale.module.css';

interface Props {
  currency: string;
  onAdd: (product: SellableFullFragment, slot: { id: string; startsAt: string } | null) => void;
}

/** What can be sold now, found by its name or its event's. */
export function ProductSearch({ currency, onAdd }: Props) {
  const { t } = useLocale();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), 200);
  const [{ data, error, stale, fetching }, reload] = useQuery({ query: SellableDocument, variables: { search }, requestPolicy: 'cache-and-network' });
  return (
    <>
      <TextInput label={t('sale.find')} leftSection={<Search size={16} aria-hidden />} value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
      {error && !data ? (
        <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />
      ) : !data ? (
        <Loading />
      ) : (
        <ul className={css.products} data-stale={stale || fetching || undefined} aria-label={t('sale.products')}>
          {data.sellable.map((product) => (
            <ProductItem key={product.id} product={product} currency={currency} onAdd={onAdd} />
          ))}
          {data.sellable.length === 0 && <li className={css.none}>{search ? t('sale.noneFound') : t('sale.nothingSold')}</li>}
        </ul>
      )}
    </>
  );
}

function ProductItem({ product, currency, onAdd }: { product: SellableFullFragment } & Props) {
  const { t, format } = useLocale();
  const [choosing, setChoosing] = useState(false);
  const name = product.event ? `${product.event.name}, ${product.name}` : product.name;
  const gone = product.left === 0;
  const byTime = product.kind === 'RESOURCE';
  return (
    <li className={css.product}>
      <span className={css.productName}>
        {name}
        <small className="dim">
          {product.event ? [format.moment(product.event.startsAt), product.event.place].filter(Boolean).join(' · ') : t(`sale.kind.${product.kind}`)}
        </small>
      </span>
      {gone ? <Tag tone="warn">{t('sale.soldOut')}</Tag> : product.left !== null && <small className="dim">{t('sale.left', { n: format.number(product.left) })}</small>}
      <span className={css.amount}>{format.money(product.price, currency)}</span>
      <Button
        variant="light"
        size="compact-md"
        disabled={gone}
        leftSection={<Plus size={14} aria-hidden />}
        aria-label={t('sale.addOne', { name })}
        {...(byTime && { 'aria-expanded': choosing })}
        onClick={() => (byTime ? setChoosing(!choosing) : onAdd(product, null))}
      >
        {byTime ? t('sale.chooseTime') : t('sale.add')}
      </Button>
      {choosing && (
        <SlotPicker
          productId={product.id}
          onPick={(slot) => {
            setChoosing(false);
            onAdd(product, slot);
          }}
        />
      )}
    </li>
  );
}
