import { describe, expect, it } from 'vitest';
import { add, emptyCart, put, remove } from './cart';

const ticket = { productId: 'p', kind: 'TICKET', label: 'Faust, Adult', slot: null } as const;

describe('a sale', () => {
  it('has one more of what is on it already, but not for another person', () => {
    const twice = add(add(emptyCart(), ticket), ticket);
    expect(twice.lines.map(({ quantity }) => quantity)).toEqual([2]);
    const given = put(twice, { line: twice.lines[0]!.key }, { id: 'c', name: 'Ada' });
    expect(add(given, ticket).lines.map(({ quantity, attendee }) => [quantity, attendee?.name])).toEqual([[2, 'Ada'], [1, undefined]]);
  });

  it('has a line for each membership', () => {
    const plan = { ...ticket, kind: 'MEMBERSHIP' } as const;
    expect(add(add(emptyCart(), plan), plan).lines).toHaveLength(2);
  });

  it('puts whom one looked for where they belong, and looks no more', () => {
    const looking = { ...emptyCart(), picking: 'buyer' } as const;
    expect(put(looking, 'buyer', { id: 'c', name: 'Ada' })).toMatchObject({ buyer: { name: 'Ada' }, picking: null });
  });

  it('forgets a line', () => {
    const cart = add(emptyCart(), ticket);
    expect(remove(cart, cart.lines[0]!.key).lines).toEqual([]);
  });
});
