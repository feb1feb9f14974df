import { Button } from '@mantine/core';
import { useState } from 'react';
import { useQuery } from 'urql';
import { ProductSlotsDocument } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Loading, Problem } from '@/part/state';
import css from './sale.module.css';

interface Props {
  productId: string;
  onPick: (slot: { id: string; startsAt: string }) => void;
}

/** The next times at which a resource can be booked. */
export function SlotPicker({ productId, onPick }: Props) {
  const { t, format } = useLocale();
  const [from] = useState(() => new Date().toISOString());
  const [{ data, error }, reload] = useQuery({ query: ProductSlotsDocument, variables: { id: productId, from }, requestPolicy: 'cache-and-network' });
  if (error && !data) return <Problem error={error} retry={() => reload({ requestPolicy: 'network-only' })} />;
  if (!data) return <Loading />;
  const free = data.product.slots.nodes.filter((slot) => slot.left > 0);
  return (
    <div className={css.slots} role="group" aria-label={t('sale.times')}>
      {free.map((slot) => (
        <Button key={slot.id} size="compact-sm" variant="default" onClick={() => onPick({ id: slot.id, startsAt: slot.startsAt })}>
          {format.moment(slot.startsAt)}
        </Button>
      ))}
      {free.length === 0 && <span className="dim">{t('sale.noTime')}</span>}
    </div>
  );
}
