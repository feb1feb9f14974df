/** Times of the site, told in its own time zone: a concert begins when the clock of its hall says so. */
export interface Clock {
  /** Day and time. */
  moment(time: string): string;
  /** From one to the other; the day once where both are on it. */
  span(from: string, to: string): string;
  /** The day of a time. */
  day(time: string): string;
  /** A calendar day, which is in no time zone. */
  date(day: string): string;
  /** A time as `<input type="datetime-local">` has it. */
  local(time: string): string;
  /** What was typed there as a time; undefined for none. */
  time(local: string): string | undefined;
}

export function clock(language: string, timeZone: string): Clock {
  const format = new Intl.DateTimeFormat(language, { timeZone, dateStyle: 'medium', timeStyle: 'short' });
  const days = new Intl.DateTimeFormat(language, { timeZone, dateStyle: 'medium' });
  const dates = new Intl.DateTimeFormat(language, { timeZone: 'UTC', dateStyle: 'medium' });
  const plain = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }); // 2026-11-27 10:00
  const local = (time: string | Date) => plain.format(new Date(time)).replace(' ', 'T');
  return {
    moment: (time) => format.format(new Date(time)),
    span: (from, to) => format.formatRange(new Date(from), new Date(to)),
    day: (time) => days.format(new Date(time)),
    date: (day) => dates.format(new Date(day)),
    local,
    time(typed) {
      const read = new Date(`${typed}Z`);
      if (Number.isNaN(read.getTime())) return undefined;
      // What the zone's clock shows at a guess is off by its offset; a second look is right beside a change of the clocks too.
      let guess = read;
      for (let look = 0; look < 2; look++) guess = new Date(guess.getTime() + read.getTime() - new Date(`${local(guess)}Z`).getTime());
      return guess.toISOString();
    },
  };
}

/** An amount of minor units as people write it. */
export function money(language: string, amount: number, currency: string): string {
  const format = new Intl.NumberFormat(language, { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
