import type { Typed } from './typed';

/** A calendar day, from the year 1 to 9999, as the browser lets one pick it. */
export const date: Typed = {
  type: 'date',
  more: { min: '0001-01-01', max: '9999-12-31' },
  read(date) {
    if (!date) return { given: {} };
    const day = /^\d{4}-\d\d-\d\d$/.test(date) && date > '0001' ? new Date(`${date}T00:00Z`) : undefined;
    // The 30th of February is the 2nd of March to some, and no day to others.
    const is = day && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(date);
    return { given: { date }, ...(!is && { mistake: { code: 'INVALID_DATE' } }) };
  },
};
