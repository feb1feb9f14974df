/** The periods that can be chosen, and days of one's own. */
export const periodNames = ['30', '90', '365', 'own'] as const;
export type PeriodName = (typeof periodNames)[number];

/** Days of the site's, both included. */
export interface Period {
  name: PeriodName;
  from: string;
  to: string;
}

/** As many days as the server counts at once. */
export const mostDays = 1098;

const dayLength = 86_400_000;
const isDay = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

/** The day that lies some days after another, or before it. */
const after = (day: string, days: number): string => new Date(Date.parse(day) + days * dayLength).toISOString().slice(0, 10);

/** How many days a period has. */
export const daysOf = ({ from, to }: { from: string; to: string }): number => Math.round((Date.parse(to) - Date.parse(from)) / dayLength) + 1;

/** The first day of the twelve months that a day's is the last of. */
function yearBefore(day: string): string {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return new Date(Date.UTC(year, month - 12, 1)).toISOString().slice(0, 10);
}

/** A period up to a day: that many days, or this month with eleven before it. */
export function periodUpTo(name: Exclude<PeriodName, 'own'>, today: string): Period {
  return { name, from: name === '365' ? yearBefore(today) : after(today, 1 - Number(name)), to: today };
}

/** What an address says: a name, or two days. What says nothing, or nothing that can be counted, is the last 30 days. */
export function readPeriod(query: URLSearchParams, today: string): Period {
  const [from, to] = [query.get('from') ?? '', query.get('to') ?? ''];
  if (isDay(from) && isDay(to) && problemOf(from, to) === null) return { name: 'own', from, to };
  const name = query.get('period');
  return periodUpTo(name === '90' || name === '365' ? name : '30', today);
}

/** Why two days are no period. */
export function problemOf(from: string, to: string): 'order' | 'length' | null {
  if (to < from) return 'order';
  return daysOf({ from, to }) > mostDays ? 'length' : null;
}

/** A period as an address says it. */
export const writePeriod = ({ name, from, to }: Period): Record<string, string> => (name === 'own' ? { from, to } : name === '30' ? {} : { period: name });
