/** How many members a segment had when a day of the site's began. */
export interface DayCount {
  day: string;
  count: number;
}

/** A known count at its place. */
export interface Point {
  /** Null for what is now. */
  day: string | null;
  /** Days since the chart's first day began. */
  at: number;
  count: number;
}

/** A segment's counts over some days. What is now stands where tomorrow begins. */
export interface Trend {
  /** The first day. */
  first: string;
  /** How many days. */
  span: number;
  /** In their order; the last is what is now. Days that were not counted have none. */
  points: Point[];
}

const dayLength = 86_400_000;
const numberOf = (day: string): number => Date.parse(day) / dayLength;
const dayOf = (number: number): string => new Date(number * dayLength).toISOString().slice(0, 10);

/** The day that it is in a time zone. */
export const dayIn = (zone: string, at: Date): string => new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(at);

/** The day that lies some days after another. */
export const dayAfter = (day: string, days: number): string => dayOf(numberOf(day) + days);

/**
 * Lays the counts of the last days out, up to what is now. A segment that is younger than the days that are asked for
 * begins on the day it was made.
 */
export function trendOf(history: readonly DayCount[], { days, made, today, now }: { days: number; made: string; today: string; now: number }): Trend {
  const known = history.map(({ day, count }) => ({ number: numberOf(day), count })).sort((a, b) => a.number - b.number);
  // The server's clock may be ahead of the browser's.
  const end = Math.max(numberOf(today), known.at(-1)?.number ?? 0);
  const start = Math.max(end - days + 1, Math.min(numberOf(made), known[0]?.number ?? end, end));
  const points = known.filter(({ number }) => number >= start).map<Point>(({ number, count }) => ({ day: dayOf(number), at: number - start, count }));
  const span = end - start + 1;
  return { first: dayOf(start), span, points: [...points, { day: null, at: span, count: now }] };
}

/** The points that follow one another day by day; between two stretches there are days that were not counted. */
export function stretches(points: readonly Point[]): Point[][] {
  const out: Point[][] = [];
  for (const point of points) {
    const last = out.at(-1);
    if (last && point.at - (last.at(-1)?.at ?? 0) <= 1) last.push(point);
    else out.push([point]);
  }
  return out;
}

/** The places of about so many days' names below the chart, the first day's among them. What is now has its own. */
export function dayTicks(span: number, wanted: number): number[] {
  const parts = Math.max(1, Math.min(span, wanted));
  return Array.from({ length: parts }, (_, index) => Math.round((index * span) / parts));
}

/** The point that lies nearest to a place. */
export function nearest(points: readonly Point[], at: number): Point | undefined {
  return points.reduce<Point | undefined>((best, point) => (best && Math.abs(best.at - at) <= Math.abs(point.at - at) ? best : point), undefined);
}

/** A row of the chart as a table: a count, or days that were not counted. */
export type HistoryRow = { day: string | null; count: number } | { from: string; to: string };

/** The chart as rows, the newest first. Days before the first count are left out. */
export function rowsOf({ first, points }: Trend): HistoryRow[] {
  const rows: HistoryRow[] = [];
  points.forEach(({ day, at, count }, index) => {
    const before = points[index - 1];
    if (before && at - before.at > 1) rows.push({ from: dayAfter(first, before.at + 1), to: dayAfter(first, at - 1) });
    rows.push({ day, count });
  });
  return rows.reverse();
}

/** What the chart shows, for those who are told it: where it began, where it is, and between what. */
export function summaryOf(points: readonly Point[]): { from: Point; to: Point; least: number; most: number } | null {
  const [from, to] = [points[0], points.at(-1)];
  if (!from || !to || from === to) return null;
  const counts = points.map(({ count }) => count);
  return { from, to, least: Math.min(...counts), most: Math.max(...counts) };
}
