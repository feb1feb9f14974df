import { describe, expect, it } from 'vitest';
import { daysOf, problemOf, readPeriod, writePeriod } from './period';

const today = '2026-03-15';
const read = (query: string) => readPeriod(new URLSearchParams(query), today);

// T-26
describe('a period in the address', () => {
  it('is the last 30 days when nothing is said', () => {
    expect(read('')).toEqual({ name: '30', from: '2026-02-14', to: today });
    expect(daysOf(read(''))).toBe(30);
  });
  it('is so many days up to today, or twelve months', () => {
    expect(read('period=90')).toEqual({ name: '90', from: '2025-12-16', to: today });
    expect(read('period=365')).toEqual({ name: '365', from: '2025-04-01', to: today });
  });
  it('is days of one’s own', () => {
    expect(read('from=2026-01-01&to=2026-01-31')).toEqual({ name: 'own', from: '2026-01-01', to: '2026-01-31' });
  });
  it('is the last 30 days when what is said cannot be counted', () => {
    for (const query of ['from=2026-01-31&to=2026-01-01', 'from=2020-01-01&to=2026-01-01', 'from=soon&to=2026-01-01', 'from=2026-13-45&to=2026-14-01', 'period=7']) {
      expect(read(query).name).toBe('30');
    }
  });
  it('comes back as it was written', () => {
    for (const query of ['', 'period=90', 'period=365', 'from=2026-01-01&to=2026-01-31']) expect(new URLSearchParams(writePeriod(read(query))).toString()).toBe(query);
  });
  it('has an end that is no earlier than its beginning, and at most three years', () => {
    expect(problemOf('2026-01-01', '2026-01-01')).toBeNull();
    expect(problemOf('2026-01-02', '2026-01-01')).toBe('order');
    expect(problemOf('2023-01-01', '2026-01-04')).toBe('length');
  });
});
