import { expect, it } from 'vitest';
import { nextKey } from './key';

it('keeps the key of what went through although its answer was lost, so that nothing is sold or paid twice', () => {
  expect(nextKey('one', [{ code: 'SOLD_OUT' }])).not.toBe('one');
  expect(nextKey('one', [{ code: 'KEY_REUSED' }])).toBe('one');
});
