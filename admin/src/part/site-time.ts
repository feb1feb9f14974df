import { useMemo } from 'react';
import { useSession } from '@/feature/session/session';
import { useLocale } from '@/locale/locale';

// What happens at the site is told and typed by its clock, wherever who reads it is.

/** A moment as an input of the type datetime-local holds it, by a zone's clock. */
export function clockIn(zone: string, iso: string): string {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(new Date(iso));
  return text.replace(' ', 'T');
}

/** The moment that a zone's clock shows so; empty when it is no time. */
export function momentIn(zone: string, clock: string): string {
  const wall = Date.parse(`${clock}Z`);
  if (Number.isNaN(wall)) return '';
  const off = (at: number) => Date.parse(`${clockIn(zone, new Date(at).toISOString())}Z`) - at;
  // The offset of a first guess may be that of the other side of a change of clocks.
  const guess = wall - off(wall);
  return new Date(wall - off(guess)).toISOString();
}

/** How many days a zone's calendar has from one moment to another: 0 on the same day. */
export function daysBetween(zone: string, from: string, to: string): number {
  const day = (iso: string) => Date.parse(clockIn(zone, iso).slice(0, 10));
  return Math.round((day(to) - day(from)) / 86_400_000);
}

/** Reads and writes times by the site's clock. */
export function useSiteTime() {
  const { language } = useLocale();
  const { timeZone } = useSession().site;
  return useMemo(() => {
    const moment = new Intl.DateTimeFormat(language, { timeZone, weekday: 'short', day: 'numeric', month: 'short', year: 'numeric', hour: 'numeric', minute: '2-digit' });
    const hour = new Intl.DateTimeFormat(language, { timeZone, hour: 'numeric', minute: '2-digit' });
    const day = new Intl.DateTimeFormat('sv-SE', { timeZone });
    return {
      /** From a moment to another; the second's day only when it is another one. */
      span: (from: string, to: string) => `${moment.format(new Date(from))} – ${(day.format(new Date(from)) === day.format(new Date(to)) ? hour : moment).format(new Date(to))}`,
      moment: (iso: string) => moment.format(new Date(iso)),
      toClock: (iso: string) => clockIn(timeZone, iso),
      fromClock: (clock: string) => momentIn(timeZone, clock),
    };
  }, [language, timeZone]);
}
