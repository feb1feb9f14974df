import { ActionIcon, NumberInput } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import { textOf } from '@/api/error';
import type { QuoteQuery } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Tag } from '@/part/tag';
import { change, put, remove, type CartLine } from './cart';
import { useCart } from './use-cart';
import { WhoPicker } from './who-picker';
import css from './sale.module.css';

type Priced = QuoteQuery['quote']['items'][number];

/** What is on the sale: how many, for whom, at whose price, and what stands against it. */
export function CartLines({ prices, currency }: { prices: readonly (Priced | undefined)[]; currency: string }) {
  const { cart } = useCart();
  return (
    <ul className={css.lines}>
      {cart.lines.map((line, at) => (
        <Line key={line.key} line={line} price={prices[at]} currency={currency} />
      ))}
    </ul>
  );
}

function Line({ line, price, currency }: { line: CartLine; price: Priced | undefined; currency: string }) {
  const locale = useLocale();
  const { t, format } = locale;
  const { update } = useCart();
  return (
    <li className={css.line}>
      <div className={css.lineHead}>
        <span className={css.productName}>
          {line.label}
          {line.slot && <small className="dim">{format.moment(line.slot.startsAt)}</small>}
        </span>
        <NumberInput
          aria-label={t('sale.quantityOf', { name: line.label })}
          className={css.quantity}
          min={1}
          max={1000}
          allowDecimal={false}
          disabled={line.kind === 'MEMBERSHIP'}
          value={line.quantity}
          onChange={(value) => typeof value === 'number' && value >= 1 && update((cart) => change(cart, line.key, { quantity: value }))}
        />
        <span className={css.amount}>{price ? format.money(price.amount, currency) : '…'}</span>
        <ActionIcon aria-label={t('sale.removeOne', { name: line.label })} onClick={() => update((cart) => remove(cart, line.key))}>
          <Trash2 size={16} aria-hidden />
        </ActionIcon>
      </div>
      {price && (price.priceRule || price.seat || price.quotas.length > 0 || price.refusals.length > 0) && (
        <div className={css.lineNotes}>
          {price.priceRule && <Tag tone="accent">{t('sale.priceOf', { name: price.priceRule })}</Tag>}
          {price.seat && <Tag tone="info">{t('sale.seat', { seat: price.seat })}</Tag>}
          {price.quotas.map((quota) => (
            <Tag key={quota.period}>{t(`sale.quota.${quota.period}`, { left: quota.left, most: quota.most })}</Tag>
          ))}
          {price.refusals.map((refusal) => (
            <Tag key={refusal.code} tone="danger">
              {textOf(locale, refusal.code, refusal.message)}
            </Tag>
          ))}
        </div>
      )}
      <WhoPicker label={t('sale.attendee')} place={{ line: line.key }} who={line.attendee} onPick={(who) => update((cart) => put(cart, { line: line.key }, who))} />
    </li>
  );
}
