import type { PaymentMethod, ProductKind } from '@/gql/graphql';

/** Somebody on the sale. */
export interface Who {
  id: string;
  name: string;
}

/** What is sold of one product. */
export interface CartLine {
  key: string;
  productId: string;
  kind: ProductKind;
  label: string;
  /** The time that is booked, of a resource. */
  slot: { id: string; startsAt: string } | null;
  quantity: number;
  /** Who attends, if not the buyer. */
  attendee: Who | null;
}

/** For whom a contact is looked for: the buyer, the payer, or the attendee of the line with this key. */
export type Place = 'buyer' | 'payer' | { line: string };

/** A sale that staff are putting together. */
export interface Cart {
  /** Sent with the sale: a second click sells nothing. */
  key: string;
  buyer: Who | null;
  payer: Who | null;
  lines: CartLine[];
  /** How it is paid at once; empty: later. */
  method: PaymentMethod | '';
  /** For whom staff are looking in the book, on another page. */
  picking: Place | null;
}

export const emptyCart = (): Cart => ({ key: crypto.randomUUID(), buyer: null, payer: null, lines: [], method: '', picking: null });

/** Puts somebody where they belong. */
export function put(cart: Cart, place: Place, who: Who | null): Cart {
  if (typeof place === 'string') return { ...cart, [place]: who, picking: null };
  return { ...cart, picking: null, lines: cart.lines.map((line) => (line.key === place.line ? { ...line, attendee: who } : line)) };
}

/** Adds one of a product; one more where it is on the sale for the same person and time. A membership is a line each. */
export function add(cart: Cart, line: Omit<CartLine, 'key' | 'quantity' | 'attendee'>): Cart {
  const same = line.kind !== 'MEMBERSHIP' && cart.lines.find((one) => one.productId === line.productId && one.slot?.id === line.slot?.id && !one.attendee);
  if (same) return change(cart, same.key, { quantity: same.quantity + 1 });
  return { ...cart, lines: [...cart.lines, { ...line, key: crypto.randomUUID(), quantity: 1, attendee: null }] };
}

export const change = (cart: Cart, key: string, part: Partial<CartLine>): Cart => ({
  ...cart,
  lines: cart.lines.map((line) => (line.key === key ? { ...line, ...part } : line)),
});

export const remove = (cart: Cart, key: string): Cart => ({ ...cart, lines: cart.lines.filter((line) => line.key !== key) });

const stored = 'carnet.sale';
const listeners = new Set<() => void>();
let kept: Cart | undefined;

/** The sale as it is now. It stays while staff look elsewhere, and until the tab is closed. */
export function read(): Cart {
  kept ??= parse(sessionStorage.getItem(stored));
  return kept;
}

function parse(text: string | null): Cart {
  try {
    return text ? (JSON.parse(text) as Cart) : emptyCart();
  } catch {
    return emptyCart();
  }
}

export function write(cart: Cart): void {
  kept = cart;
  sessionStorage.setItem(stored, JSON.stringify(cart));
  for (const listener of listeners) listener();
}

export function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
