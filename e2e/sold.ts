/** What tests of sales share: something to sell, somebody to sell it to, and a sale. */
import { randomUUID } from 'node:crypto';
import type { Carnet } from './start.ts';
import type { Staff } from './world.ts';

/** Puts an event on sale, and gives its ticket. */
export async function onSale(carnet: Carnet, name: string): Promise<string> {
  const [event, ticket] = [randomUUID(), randomUUID()];
  await carnet.sql(`INSERT INTO event (site_id, id, name, starts_at, ends_at, state, capacity)
    SELECT id, '${event}', '${name}', now() + interval '7 days', now() + interval '8 days', 'published', 50 FROM site WHERE public_id = '${carnet.site}'`);
  await carnet.sql(`INSERT INTO product (site_id, id, kind, name, event_id, price) SELECT id, '${ticket}', 'ticket', 'Adult', '${event}', 25000 FROM site WHERE public_id = '${carnet.site}'`);
  return ticket;
}

/** Makes a person and gives their id. */
export async function personOf(staff: Staff, lastName: string): Promise<string> {
  const made = await staff.graphql<{ createPerson: { person: { id: string } } }>(
    'mutation($input: CreatePersonInput!) { createPerson(input: $input) { person { id } errors { code message } } }', { input: { firstName: 'Oda', lastName } });
  return made.createPerson.person.id;
}

/** Records an order of tickets and gives its number. */
export async function order(staff: Staff, contactId: string, productId: string, quantity = 1, paid = 0): Promise<number> {
  const { recordOrder } = await staff.graphql<{ recordOrder: { order: { number: number } } }>(
    'mutation($input: RecordOrderInput!) { recordOrder(input: $input) { order { number } errors { code message } } }',
    { input: { idempotencyKey: randomUUID(), buyer: { contactId }, lines: [{ productId, quantity }], payments: paid > 0 ? [{ method: 'CARD', amount: paid }] : [] } });
  return recordOrder.order.number;
}

/** Puts a product of another kind on sale, with columns of its own, and gives its id. */
export async function product(carnet: Carnet, kind: 'membership' | 'pass' | 'resource', name: string, columns: Record<string, number> = {}): Promise<string> {
  const id = randomUUID();
  const [names, values] = [Object.keys(columns), Object.values(columns)];
  await carnet.sql(`INSERT INTO product (${['site_id', 'id', 'kind', 'name', 'price', ...names].join(', ')})
    SELECT ${['id', `'${id}'`, `'${kind}'`, `'${name}'`, 10000, ...values].join(', ')} FROM site WHERE public_id = '${carnet.site}'`);
  return id;
}
