// Whether the live connection stands: a store outside React, fed by the socket's events.

/** How the live connection is: not needed yet, up, or down and being tried again. */
export type Connection = 'idle' | 'open' | 'lost';

let state: Connection = 'idle';
const listeners = new Set<() => void>();

/** The state now. */
export const connection = (): Connection => state;

/** Tells every listener of a new state. */
export function setConnection(next: Connection): void {
  if (next === state) return;
  state = next;
  for (const listener of listeners) listener();
}

/** Calls back on each change until the returned function is called. */
export function onConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
