import type { DashboardStep } from '@/gql/graphql';
import type { Locale } from '@/locale/locale';

/** A step in full. */
export function stepName(step: DashboardStep, { from, to }: { from: string; to: string }, { format }: Locale): string {
  if (step === 'MONTH') return format.monthOf(from);
  return from === to ? format.day(from) : `${format.day(from)} – ${format.day(to)}`;
}

/** A step below a chart. */
export const stepMark = (step: DashboardStep, from: string, { format }: Locale): string => (step === 'MONTH' ? format.monthOf(from) : format.dayOfYear(from));

/** By how many it grew or shrank, with a sign. */
export const signed = (value: number, write: (value: number) => string): string => `${value > 0 ? '+' : value < 0 ? '−' : '±'}${write(Math.abs(value))}`;

/** By what share a value is more than one before it; nothing when there was none. */
export const growth = (now: number, before: number, { format }: Locale): string | null => (before === 0 ? null : signed(Math.round(((now - before) / before) * 100) / 100, format.percent));
