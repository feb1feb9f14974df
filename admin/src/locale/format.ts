import type { Language } from './language';

/** Dates, numbers and names as a language writes them. */
export interface Format {
  /** A whole number with the language's grouping. */
  number: (value: number) => string;
  /** An amount of minor units of a currency: 12000 of NOK is 120 kroner. */
  money: (minor: number, currency: string) => string;
  /** The same where there is little room: without decimals from a thousand on, and 97.6M from a million. */
  moneyShort: (minor: number, currency: string) => string;
  /** A number as short as it can be said: 12K. */
  short: (value: number) => string;
  /** A share of one, as a percentage without decimals. */
  percent: (value: number) => string;
  /** A day, from a date or an instant. */
  day: (iso: string) => string;
  /** A day without its year. */
  dayOfYear: (iso: string) => string;
  /** A month with its year, from a day of it. */
  monthOf: (iso: string) => string;
  /** A day and time in the browser's zone. */
  moment: (iso: string) => string;
  /** A time of the day with its seconds, in the browser's zone. */
  clock: (iso: string) => string;
  /** A month's name, from 1 to 12. */
  month: (month: number) => string;
  /** How long ago, in the largest fitting unit. */
  ago: (iso: string, now?: number) => string;
  /** A country's name by its ISO 3166 code; the code itself when it is not one. */
  country: (code: string) => string;
  /** A language's name by its BCP 47 tag; the tag itself when it is not one. */
  language: (tag: string) => string;
}

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86400],
  ['month', 30 * 86400],
  ['day', 86400],
  ['hour', 3600],
  ['minute', 60],
];

const moneys = new Map<string, Intl.NumberFormat>();

function moneyOf(language: Language, currency: string): Intl.NumberFormat {
  const key = `${language} ${currency}`;
  const known = moneys.get(key) ?? new Intl.NumberFormat(language, { style: 'currency', currency });
  moneys.set(key, known);
  return known;
}

/** How many digits of a currency's amounts are its minor unit's: two of NOK, none of JPY. */
export const digitsOf = (currency: string): number => moneyOf('en', currency).resolvedOptions().maximumFractionDigits ?? 2;

// A date alone is a calendar day, not midnight in some zone.
const parse = (iso: string): Date => new Date(iso.length === 10 ? `${iso}T00:00:00` : iso);

const nameOf = (names: Intl.DisplayNames, code: string): string => {
  try {
    return names.of(code) ?? code;
  } catch {
    return code;
  }
};

/** The formats of a language. Make it once a language: Intl objects are dear. */
export function formatOf(language: Language): Format {
  const number = new Intl.NumberFormat(language);
  const short = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 2 });
  const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 0 });
  const day = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const dayOfYear = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short' });
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const clock = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });
  const monthOf = new Intl.DateTimeFormat(language, { month: 'short', year: 'numeric' });
  const month = new Intl.DateTimeFormat(language, { month: 'long' });
  const ago = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const countries = new Intl.DisplayNames(language, { type: 'region' });
  const tongues = new Intl.DisplayNames(language, { type: 'language' });
  return {
    number: (value) => number.format(value),
    money: (minor, currency) => moneyOf(language, currency).format(minor / 10 ** digitsOf(currency)),
    moneyShort: (minor, currency) => {
      const value = minor / 10 ** digitsOf(currency);
      if (Math.abs(value) < 1e3) return moneyOf(language, currency).format(value);
      const large = Math.abs(value) >= 1e6;
      return new Intl.NumberFormat(language, { style: 'currency', currency, notation: large ? 'compact' : 'standard', maximumFractionDigits: large ? 1 : 0 }).format(value);
    },
    short: (value) => short.format(value),
    percent: (value) => percent.format(value),
    day: (iso) => day.format(parse(iso)),
    dayOfYear: (iso) => dayOfYear.format(parse(iso)),
    monthOf: (iso) => monthOf.format(parse(iso)),
    moment: (iso) => moment.format(parse(iso)),
    clock: (iso) => clock.format(parse(iso)),
    month: (one) => month.format(new Date(2000, one - 1, 1)),
    ago: (iso, now = Date.now()) => {
      const seconds = (parse(iso).getTime() - now) / 1000;
      const unit = units.find(([, size]) => Math.abs(seconds) >= size);
      return unit ? ago.format(Math.round(seconds / unit[1]), unit[0]) : ago.format(0, 'second');
    },
    country: (code) => (code ? nameOf(countries, code) : ''),
    language: (tag) => (tag ? nameOf(tongues, tag) : ''),
  };
}
