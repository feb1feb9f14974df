import { describe, expect, it } from 'vitest';
import type { Json } from '@/api/scalar';
import type { CustomFieldType } from '@/gql/graphql';
import { allOf, criterionKeys, noCriteria, partsOf, readCriteria, readRule, writeCriteria, type Criteria } from './criteria';

const types = new Map<string, CustomFieldType>([['f1', 'TEXT'], ['f2', 'YES_NO'], ['f3', 'CHECKBOX'], ['f4', 'DROPDOWN'], ['f5', 'NUMBER'], ['f6', 'DATE'], ['f7', 'COUNTRY'], ['f8', 'PHONE']]);

const full: Criteria = {
  name: 'Dupont, j', number: '12', relay: 'kar*', phone: '+47412', email: 'a@b', country: 'NO', postcode: '39', city: '*sund', administrativeNumber: '99',
  reference: 'R-1', iban: 'NO93', nature: 'n1', type: 'GUIDE', role: 'MEMBER', status: 'USER', group: 'g1,g2', label: 'l1', color: '#112233', ageFrom: '18', ageTo: '30', consent: 'GIVEN',
  linkType: 't1 to', linkTo: 'c1', ambassador: '1', invalid: '', noProspects: '1', noRelays: '1', fields: { f1: 'song', f2: 'no', f3: 'yes', f4: 'x,y', f5: '-1.5..', f6: '2026-01-01..2026-12-31', f7: 'NO', f8: '+47' },
};

describe('criteria', () => {
  it('say nothing by default: prospects and relays are in, invalid contacts out (S-79 to S-82)', () => {
    expect(partsOf(noCriteria, types)).toEqual([]);
    expect(allOf([])).toBeUndefined();
  });

  it('become the rule of the API', () => {
    expect(partsOf({ ...noCriteria, relay: 'kari', country: 'NO' }, types)).toEqual([
      { affiliation: { kind: 'RELAY', direction: 'IN', name: { op: 'MATCHES', value: 'kari' } } },
      { text: { column: 'COUNTRY', op: 'EQUALS', value: 'NO' } },
    ]);
    expect(partsOf({ ...noCriteria, noProspects: '1', noRelays: '1' }, types)).toEqual([{ not: { status: 'PROSPECT' } }, { not: { role: 'RELAY' } }]);
    expect(partsOf({ ...noCriteria, ageTo: '30' }, types)).toEqual([{ age: { to: 30 } }]);
    expect(partsOf({ ...noCriteria, linkTo: 'c1' }, types)).toEqual([{ affiliation: { contactId: 'c1' } }]);
    expect(partsOf({ ...noCriteria, linkType: 't1 from', linkTo: 'c1' }, types)).toEqual([{ affiliation: { typeId: 't1', direction: 'OUT', contactId: 'c1' } }]);
  });

  it('ask for ranges of numbers and days, open at an end or not', () => {
    const part = (fields: Record<string, string>) => partsOf({ ...noCriteria, fields }, types);
    expect(part({ f5: '..10' })).toEqual([{ field: { id: 'f5', number: { to: 10 } } }]);
    expect(part({ f5: '-..' })).toEqual([]);
    expect(part({ f6: '2026-01-01..' })).toEqual([{ field: { id: 'f6', date: { from: '2026-01-01' } } }]);
  });

  it('come back from a stored rule, whatever order its entries have', () => {
    expect(readRule(allOf(partsOf(full, types)) as Json, types)).toEqual({ criteria: full, rest: [] });
    for (const key of criterionKeys.filter((one) => one !== 'invalid')) {
      const one = { ...noCriteria, [key]: full[key] };
      expect(readRule(allOf(partsOf(one, types)) as Json, types), key).toEqual({ criteria: one, rest: [] });
    }
    expect(readRule({ text: { value: 'Oslo', op: 'MATCHES', column: 'CITY', also: null } }, types).criteria.city).toBe('Oslo');
  });

  it('leave what they cannot say as it is', () => {
    const odd: Json[] = [{ text: { column: 'CITY', op: 'EQUALS', value: 'Oslo' } }, { any: [{ kind: 'PERSON' }, { group: 'g1' }] }, { group: 'g2' }, { group: 'g3' }];
    const { criteria, rest } = readRule({ all: odd }, types);
    expect(criteria).toEqual({ ...noCriteria, group: 'g2' });
    expect(rest).toEqual([odd[0], odd[1], { group: 'g3' }]);
  });

  it('travel in an address, but for an IBAN', () => {
    const query = new URLSearchParams();
    writeCriteria(full, query);
    expect(query.toString()).not.toContain('NO93');
    expect(readCriteria(new URLSearchParams(query.toString()), '')).toEqual({ ...full, iban: '' });
  });
});
