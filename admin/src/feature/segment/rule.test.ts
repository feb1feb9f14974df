import { describe, expect, it } from 'vitest';
import type { Json } from '@/api/scalar';
import { edit, measure, newGroup, newLeaf, readRule, ruleFilter, type Condition } from './rule';

describe('a stored rule', () => {
  const rules: Json[] = [
    { all: [] },
    { all: [{ kind: 'PERSON' }, { status: 'USER' }, { group: 'g' }, { search: 'ann*' }] },
    { any: [{ text: { column: 'CITY', op: 'PREFIX', value: 'Os' } }, { text: { column: 'EMAIL', op: 'EMPTY' } }] },
    { all: [{ not: { any: [{ kind: 'PERSON' }] } }, { not: { status: 'PROSPECT' } }] },
    { all: [{ date: { column: 'CREATED_AT', from: '2026-01-01' } }, { field: { id: 'f', noneOf: ['c1'] } }] },
    { all: [{ not: { all: [{ not: { kind: 'PERSON' } }] } }] },
    { all: [{ label: 'l' }, { labelSet: { id: 's', any: false } }, { color: '' }, { type: 'GUIDE' }, { role: 'RELAY' }, { function: 'f' }, { nature: 'n' }] },
    { all: [{ ambassador: false }, { valid: true }, { administrativeNumber: { op: 'PREFIX', value: 'NO' } }, { reference: { source: 'licence', op: 'EMPTY' } }] },
    { any: [{ consent: { state: 'NONE' } }, { consent: { purpose: 'p', channel: 'SMS', state: 'GIVEN' } }] },
    { all: [{ affiliation: { kind: 'RELAY', direction: 'OUT', name: { op: 'PREFIX', value: 'Fjord' } } }, { affiliation: { typeId: 't', contactId: 'c', role: { op: 'EQUALS', value: 'coach' } } }] },
    { all: [{ name: 'Dupont, j' }, { email: '*@example.org' }, { phone: '+47412' }, { number: 42 }, { age: { from: 0 } }, { not: { age: { from: 18, to: 30 } } }] },
    { all: [{ date: { column: 'CREATED_AT', relative: { last: 30, unit: 'DAY' } } }, { not: { date: { column: 'VALID_UNTIL', relative: { next: 1, unit: 'WEEK' } } } }, { date: { column: 'BIRTH_DATE', relative: { this: true, unit: 'YEAR' } } }] },
    { any: [{ birthday: { this: 'MONTH' } }, { birthday: { next: 7 } }, { birthday: { month: 12 } }, { postcode: { country: 'NO', from: '0001', to: '1299' } }, { postcode: { country: 'FR', to: '75' } }] },
    { all: [{ segment: 's' }, { not: { account: true } }, { account: false }] },
    { all: [{ field: { id: 'f', number: { from: -1.5, to: 2 } } }, { not: { field: { id: 'f', date: { from: '2026-01-01' } } } }, { field: { id: 'f', date: { relative: { last: 30, unit: 'DAY' } } } }] },
    { all: [{ status: 'SUBSCRIBER' }, { plan: 'p' }, { channel: 'shop' }, { not: { childProduct: true } }, { sales: { measure: 'SPENT', from: 0 } }, { sales: { measure: 'ASSIDUITY', from: 50, to: 100 } }, { indicator: { id: 'i', band: 'b' } }, { indicator: { id: 'i', from: 3 } }] },
    { all: [{ somethingNew: { op: 'EQUALS', value: 'kept' } }] },
  ];
  it.each(rules.map((rule) => [JSON.stringify(rule), rule]))('%s comes back as it was', (_, rule) => {
    expect(ruleFilter(readRule(rule as Json))).toEqual(rule);
  });

  it('with a leaf at its root gets a group around it', () => {
    expect(ruleFilter(readRule({ kind: 'PERSON' }))).toEqual({ all: [{ kind: 'PERSON' }] });
  });

  it('may hold entries that say nothing', () => {
    expect(ruleFilter(readRule({ all: [{ kind: 'PERSON', any: null, text: null }], not: null }))).toEqual({ all: [{ kind: 'PERSON' }] });
  });
});

describe('a rule being edited', () => {
  it('leaves out what is not complete, with the groups that become empty', () => {
    const root = newGroup('all', [newLeaf({ on: 'kind', kind: 'PERSON' }), newGroup('any', [newLeaf({ on: 'typed', key: 'search', value: ' ' })])]);
    expect(ruleFilter(root)).toEqual({ all: [{ kind: 'PERSON' }] });
    expect(measure(root)).toEqual({ leaves: 2, incomplete: 1, depth: 3 });
  });

  it.each<[Condition, number]>([
    [{ on: 'typed', key: 'phone', value: '' }, 1],
    [{ on: 'number', number: '' }, 1],
    [{ on: 'number', number: '7' }, 0],
    [{ on: 'age', from: '', to: '' }, 1],
    [{ on: 'age', from: '18', to: '' }, 0],
    [{ on: 'age', from: '', to: '17' }, 0],
    [{ on: 'age', from: '30', to: '18' }, 1],
    [{ on: 'age', from: '151', to: '' }, 1],
    [{ on: 'age', from: '-1', to: '' }, 1],
    [{ on: 'sales', measure: 'SPENT', from: '', to: '' }, 1],
    [{ on: 'sales', measure: 'SPENT', from: '0', to: '' }, 0],
    [{ on: 'sales', measure: 'ORDERS', from: '3', to: '2' }, 1],
    [{ on: 'date', column: 'CREATED_AT', when: 'last', from: '', to: '', count: '', unit: 'DAY' }, 1],
    [{ on: 'date', column: 'CREATED_AT', when: 'last', from: '', to: '', count: '30', unit: 'DAY' }, 0],
    [{ on: 'date', column: 'CREATED_AT', when: 'next', from: '', to: '', count: '101', unit: 'YEAR' }, 1],
    [{ on: 'date', column: 'CREATED_AT', when: 'range', from: '', to: '', count: '30', unit: 'DAY' }, 1],
    [{ on: 'date', column: 'CREATED_AT', when: 'this', from: '', to: '', count: '', unit: 'WEEK' }, 0],
    [{ on: 'birthday', when: 'next', unit: 'DAY', count: '367', month: '' }, 1],
    [{ on: 'birthday', when: 'month', unit: 'DAY', count: '', month: '12' }, 0],
    [{ on: 'postcode', country: '', from: '1', to: '' }, 1],
    [{ on: 'postcode', country: 'NO', from: ' ', to: '' }, 1],
    [{ on: 'postcode', country: 'NO', from: '', to: '0999' }, 0],
    [{ on: 'choice', key: 'segment', value: '' }, 1],
    [{ on: 'field', field: { id: 'f', number: {} } }, 1],
    [{ on: 'field', field: { id: 'f', number: { to: 0 } } }, 0],
    [{ on: 'field', field: { id: 'f', number: { from: 2, to: 1 } } }, 1],
    [{ on: 'field', field: { id: 'f', date: {} } }, 1],
    [{ on: 'field', field: { id: 'f', date: { relative: { last: 0, unit: 'DAY' } } } }, 1],
    [{ on: 'field', field: { id: 'f', date: { relative: { this: true, unit: 'MONTH' } } } }, 0],
  ])('knows whether %j is complete', (condition, incomplete) => {
    expect(measure(newLeaf(condition)).incomplete).toBe(incomplete);
  });

  it('changes where it is changed, and nowhere else', () => {
    const [first, second] = [newLeaf({ on: 'kind', kind: 'PERSON' }), newLeaf({ on: 'status', status: 'USER' })];
    const [one, other] = [newGroup('any', [first]), newGroup('any', [second])];
    const root = newGroup('all', [one, other]);
    const changed = edit(root, first.key, { ...first, negated: true });
    expect(ruleFilter(changed)).toEqual({ all: [{ any: [{ not: { kind: 'PERSON' } }] }, { any: [{ status: 'USER' }] }] });
    expect(changed.parts[1]).toBe(other);
    expect(ruleFilter(edit(changed, first.key, null))).toEqual({ all: [{ any: [{ status: 'USER' }] }] });
    expect(ruleFilter(edit(root, root.key, { ...root, join: 'any' }))).toMatchObject({ any: [{}, {}] });
    expect(edit(root, 'of no part', null)).toBe(root);
  });

  it('holds for everybody while it is empty', () => {
    expect(ruleFilter(newGroup('any'))).toEqual({ all: [] });
  });
});
