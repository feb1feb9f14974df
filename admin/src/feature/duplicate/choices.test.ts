import { describe, expect, test } from 'vitest';
import { choicesOf, defaultsOf, takesOf } from './choices';

const change = (key: string, before: string, after: string) => ({ key, label: key, before, after });

describe('what two contacts differ in', () => {
  const choices = choicesOf(
    [change('address.city', '', 'Bergen'), change('address.postcode', '0155', '5003'), change('address.of', '', 'an-id'), change('note', '', 'n'), change('email', 'a@x', 'b@x')],
    'Address',
  );

  test('the address is one choice, written as one writes it; who it is comes first', () => {
    expect(choices.map((choice) => choice.key)).toEqual(['email', 'address', 'note']);
    expect(choices[1]).toEqual({
      key: 'address',
      label: 'Address',
      survivor: '0155',
      other: '5003 Bergen',
      attributes: ['address.city', 'address.postcode', 'address.of'],
    });
  });

  test('what the server would take is the default, and a choice is told with its attributes', () => {
    const chosen = defaultsOf(choices, ['note', 'address.city']);
    expect([...chosen]).toEqual([
      ['email', 'survivor'],
      ['address', 'other'],
      ['note', 'other'],
    ]);
    expect(takesOf(choices, new Map([['address', 'other']]), { survivor: 's', other: 'o' })).toEqual([
      { attribute: 'address.city', from: 'o' },
      { attribute: 'address.postcode', from: 'o' },
      { attribute: 'address.of', from: 'o' },
    ]);
    expect(takesOf(choices, new Map(), { survivor: 's', other: 'o' })).toEqual([]);
  });
});
