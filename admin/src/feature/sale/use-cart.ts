import { useSyncExternalStore } from 'react';
import { listen, read, write, type Cart } from './cart';

/** The sale that staff are putting together, and how it is changed. */
export function useCart(): { cart: Cart; update: (change: (cart: Cart) => Cart) => void } {
  const cart = useSyncExternalStore(listen, read);
  return { cart, update: (change) => write(change(read())) };
}
