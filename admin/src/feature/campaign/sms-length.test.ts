import { expect, test } from 'vitest';
import cases from '../../../../internal/sms/testdata/length.json';
import { smsRoom } from './sms-length';

// P-22: what one reads while writing is what the server counts.
test.each(cases)('$repeat takes $parts parts', ({ repeat: [letter, times], encoding, units, parts }) => {
  expect(smsRoom((letter as string).repeat(times as number))).toEqual({ encoding, units, parts });
});
