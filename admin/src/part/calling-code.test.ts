import { expect, test } from 'vitest';
import { callingCodes, partsOf } from './calling-code';

// S-33: what is pasted with a prefix chooses the country.
test('a number is taken apart', () => {
  expect(partsOf('+47 412 34 567', 'FR')).toEqual({ country: 'NO', rest: '412 34 567' });
  expect(partsOf('0033123456789', 'NO')).toEqual({ country: 'FR', rest: '123456789' });
  expect(partsOf('+14165550100', 'CA')).toEqual({ country: 'CA', rest: '4165550100' });
  expect(partsOf('+14165550100', 'NO')).toEqual({ country: 'US', rest: '4165550100' });
  expect(partsOf('412 34 567', 'NO')).toBeNull();
  expect(callingCodes.get('NO')).toBe('47');
});
