import { describe, expect, it } from 'vitest';
import { axisOf } from '@/part/axis';
import { dayIn, dayTicks, nearest, rowsOf, stretches, summaryOf, trendOf } from './history';

const about = { days: 30, made: '2024-01-01', today: '2026-03-30', now: 9 };
const counts = (...days: string[]) => days.map((day, index) => ({ day, count: index + 1 }));

describe('the counts of the last days', () => {
  it('end with what is now, where tomorrow begins', () => {
    const { first, span, points } = trendOf(counts('2026-03-29', '2026-03-30'), about);
    expect([first, span]).toEqual(['2026-03-01', 30]); // the day on which clocks change is one day
    expect(points).toEqual([{ day: '2026-03-29', at: 28, count: 1 }, { day: '2026-03-30', at: 29, count: 2 }, { day: null, at: 30, count: 9 }]);
  });

  it('begin when the segment was made, not before', () => {
    expect(trendOf(counts('2026-03-29'), { ...about, made: '2026-03-28' })).toMatchObject({ first: '2026-03-28', span: 3 });
    expect(trendOf([], { ...about, made: '2026-03-30' })).toMatchObject({ first: '2026-03-30', span: 1, points: [{ at: 1, count: 9 }] });
  });

  it('leave older days out', () => {
    expect(trendOf(counts('2026-02-28', '2026-03-01'), about).points[0]).toEqual({ day: '2026-03-01', at: 0, count: 2 });
  });

  it('believe the server about which day it is', () => {
    expect(trendOf(counts('2026-03-31'), about)).toMatchObject({ first: '2026-03-02', span: 30, points: [{ at: 29 }, { at: 30 }] });
  });

  it('say nothing of days that were not counted: a gap, not a zero', () => {
    const trend = trendOf(counts('2026-03-20', '2026-03-21', '2026-03-25', '2026-03-30'), about);
    expect(stretches(trend.points).map((points) => points.map(({ count }) => count))).toEqual([[1, 2], [3], [4, 9]]);
    expect(rowsOf(trend)).toEqual([
      { day: null, count: 9 },
      { day: '2026-03-30', count: 4 },
      { from: '2026-03-26', to: '2026-03-29' },
      { day: '2026-03-25', count: 3 },
      { from: '2026-03-22', to: '2026-03-24' },
      { day: '2026-03-21', count: 2 },
      { day: '2026-03-20', count: 1 },
    ]);
    expect(summaryOf(trend.points)).toMatchObject({ from: { day: '2026-03-20' }, to: { day: null, count: 9 }, least: 1, most: 9 });
  });

  it('are nothing to sum up before the first', () => {
    expect(summaryOf(trendOf([], about).points)).toBeNull();
  });

  it('are found by a place', () => {
    const { points } = trendOf(counts('2026-03-20', '2026-03-25'), about);
    expect([0, 20, 22, 26, 31].map((at) => nearest(points, at)?.count)).toEqual([1, 1, 2, 2, 9]);
  });
});

describe('the axis', () => {
  it.each([
    [[0], [0, 1]],
    [[1, 0, 1], [0, 1]],
    [[2], [0, 1, 2]],
    [[0, 10], [0, 5, 10]],
    [[3, 134], [0, 50, 100, 150]],
    [[120], [0, 50, 100, 150]], // level
    [[1_000_000, 1_000_042], [1_000_000, 1_000_020, 1_000_040, 1_000_060]], // seen to move
    [[999_990, 1_000_001], [999_990, 999_995, 1_000_000, 1_000_005]],
    [[7, 2_000_000_000], [0, 1_000_000_000, 2_000_000_000]],
  ])('of %j is %j', (values, ticks) => {
    expect(axisOf(values)).toEqual({ low: ticks[0], high: ticks.at(-1), ticks });
  });

  it('names days without crowding', () => {
    expect(dayTicks(1, 5)).toEqual([0]);
    expect(dayTicks(3, 5)).toEqual([0, 1, 2]);
    expect(dayTicks(30, 5)).toEqual([0, 6, 12, 18, 24]);
  });
});

it('the day is that of the site', () => {
  const at = new Date('2026-03-29T22:30:00Z');
  expect([dayIn('Europe/Oslo', at), dayIn('America/New_York', at)]).toEqual(['2026-03-30', '2026-03-29']);
});
