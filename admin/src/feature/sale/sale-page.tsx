import { Button, Select } from '@mantine/core';
import { ShoppingCart } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { useQuery } from 'urql';
import { textOf } from '@/api/error';
import { nextKey } from '@/api/key';
import { confirmDone, useSend } from '@/api/send';
import { useSession } from '@/feature/session/session';
import { RecordOrderDocument, SaleContactDocument, type PaymentMethod, type RecordOrderInput } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { Refused } from '@/part/form';
import { Page, Sheet } from '@/part/page';
import { add, emptyCart, put, type Cart } from './cart';
import { CartLines } from './cart-lines';
import { ProductSearch } from './product-search';
import { useCart } from './use-cart';
import { itemOf, usePrices } from './use-prices';
import { WhoPicker } from './who-picker';
import css from './sale.module.css';

const methods: readonly PaymentMethod[] = ['CASH', 'CARD', 'TRANSFER', 'CREDIT', 'OTHER'];

/** A sale that staff write down: who buys, what, for whom, and how it is paid (P-27, S-90 to S-92). */
export default function SalePage() {
  const { t, format } = useLocale();
  const { site } = useSession();
  const { cart, update } = useCart();
  useBuyerOfAddress();
  const { currency } = site;
  const { prices, total } = usePrices(cart);
  const { record, busy, refused } = useRecord(total);
  const refusals = prices.some((price) => price && price.refusals.length > 0);
  const ready = cart.buyer !== null && cart.lines.length > 0 && total !== null && !refusals;
  return (
    <Page
      title={t('nav.sale')}
      lead={t('sale.lead')}
      width="full"
      actions={
        (cart.lines.length > 0 || cart.buyer) && (
          <Button variant="default" onClick={() => update(emptyCart)}>
            {t('sale.empty')}
          </Button>
        )
      }
    >
      <div className={css.page}>
        <Sheet title={t('sale.what')}>
          <ProductSearch
            currency={currency}
            onAdd={(product, slot) =>
              update((one) => add(one, { productId: product.id, kind: product.kind, label: product.event ? `${product.event.name}, ${product.name}` : product.name, slot }))
            }
          />
        </Sheet>
        <Sheet title={t('sale.sale')}>
          <Refused texts={refused} />
          <div className={css.stack}>
            <WhoPicker label={t('sale.buyer')} place="buyer" who={cart.buyer} onPick={(who) => update((one) => put(one, 'buyer', who))} />
            {cart.lines.length === 0 ? (
              <p className={css.none}>
                <ShoppingCart size={18} aria-hidden /> {t('sale.nothingYet')}
              </p>
            ) : (
              <CartLines prices={prices} currency={currency} />
            )}
            <WhoPicker label={t('sale.payer')} place="payer" who={cart.payer} onPick={(who) => update((one) => put(one, 'payer', who))} />
            <Select
              label={t('sale.paid')}
              data={[{ value: '', label: t('sale.later') }, ...methods.map((value) => ({ value, label: t(`sale.method.${value}`) }))]}
              value={cart.method}
              allowDeselect={false}
              onChange={(method) => update((one) => ({ ...one, method: (method ?? '') as Cart['method'] }))}
            />
            <div className={css.total} role="status">
              <span>{t('sale.total')}</span>
              <strong>{total === null ? '…' : format.money(total, currency)}</strong>
            </div>
            <Button size="md" disabled={!ready} loading={busy} onClick={() => void record()}>
              {t('sale.record')}
            </Button>
          </div>
        </Sheet>
      </div>
    </Page>
  );
}

/** `/sale?buyer=ID` begins with that contact, as its page links here. */
function useBuyerOfAddress() {
  const { update } = useCart();
  const [params, setParams] = useSearchParams();
  const id = params.get('buyer') ?? '';
  const [{ data }] = useQuery({ query: SaleContactDocument, variables: { id }, pause: id === '' });
  const set = useRef(update);
  set.current = update;
  useEffect(() => {
    if (!data?.contact || data.contact.id !== id) return;
    const { displayName } = data.contact;
    set.current((cart) => put(cart, 'buyer', { id, name: displayName }));
    setParams({}, { replace: true });
  }, [data, id, setParams]);
}

/** Records the sale and opens it; what the server refuses stays on the page. */
function useRecord(total: number | null) {
  const locale = useLocale();
  const { cart, update } = useCart();
  const navigate = useNavigate();
  const { send, busy } = useSend(RecordOrderDocument);
  const [refused, setRefused] = useState<string[]>([]);
  const record = async () => {
    const payload = await send({ input: inputOf(cart, total ?? 0) });
    if (!payload) return;
    setRefused(payload.errors.map((error) => [cart.lines[Number(error.path[1])]?.label, textOf(locale, error.code, error.message)].filter(Boolean).join(': ')));
    update((one) => ({ ...one, key: nextKey(one.key, payload.errors) }));
    if (!payload.order) return;
    update(emptyCart);
    confirmDone(locale.t('sale.recorded', { number: String(payload.order.number) }));
    void navigate(`/orders/${payload.order.id}`);
  };
  return { record, busy, refused };
}

function inputOf(cart: Cart, total: number): RecordOrderInput {
  return {
    idempotencyKey: cart.key,
    buyer: { contactId: cart.buyer?.id ?? null },
    ...(cart.payer && { payer: { contactId: cart.payer.id } }),
    lines: cart.lines.map((line) => ({ ...itemOf(line), ...(line.attendee && { attendee: { contactId: line.attendee.id } }) })),
    ...(cart.method && total > 0 && { payments: [{ method: cart.method, amount: total }] }),
  };
}
