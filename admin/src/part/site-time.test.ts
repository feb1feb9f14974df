import { describe, expect, it } from 'vitest';
import { clockIn, daysBetween, momentIn } from './site-time';

describe('the site’s clock', () => {
  it('comes back as it was typed, on both sides of a change of clocks', () => {
    for (const clock of ['2026-03-29T01:59', '2026-03-29T03:00', '2026-10-25T01:59', '2026-10-25T03:00', '2026-12-31T23:59']) {
      expect(clockIn('Europe/Oslo', momentIn('Europe/Oslo', clock))).toBe(clock);
    }
  });

  it('is the zone’s', () => {
    expect(momentIn('Europe/Oslo', '2026-07-01T10:00')).toBe('2026-07-01T08:00:00.000Z');
    expect(momentIn('America/New_York', '2026-01-01T20:00')).toBe('2026-01-02T01:00:00.000Z');
    expect(momentIn('Europe/Oslo', '')).toBe('');
  });

  it('counts days as its calendar does', () => {
    expect(daysBetween('Europe/Oslo', '2026-03-28T22:30:00Z', '2026-03-28T22:59:00Z')).toBe(0);
    expect(daysBetween('Europe/Oslo', '2026-03-28T22:30:00Z', '2026-03-28T23:00:00Z')).toBe(1);
    expect(daysBetween('Europe/Oslo', '2026-03-28T12:00:00Z', '2026-03-30T06:00:00Z')).toBe(2); // with a change of clocks between
  });
});
