import type checkout from '../checkout/locale/en.json';
import type code from '../code/locale/en.json';
import type login from '../login/locale/en.json';
import type registration from '../registration/locale/en.json';
import type shared from '../locale/en.json';
import type status from '../status/locale/en.json';

/** The name of a text. The build refuses a language that has more or fewer. */
export type Key = keyof (typeof shared & typeof login & typeof registration & typeof checkout & typeof code & typeof status);

/** Gives a text with its `{...}` filled in. */
export type Translate<K = Key> = (key: K, values?: Record<string, string | number>) => string;

/** A mistake to mend: a code of the server's, or of a check made here, and what its text speaks of. */
export interface Mistake {
  readonly code: string;
  readonly values?: Record<string, string | number>;
}

/** The text of a mistake. A code that has none yet is told as unexpected, never shown raw. */
export function mistakeText(t: Translate, { code, values }: Mistake): string {
  return t(`error.${code}` as Key, values) || t('error.UNEXPECTED');
}

/** Reads texts of a manifest. A key it lacks gives an empty text. */
export function translator<K extends string = Key>(texts: Readonly<Record<string, string>>): Translate<K> {
  return (key, values = {}) => (texts[key] ?? '').replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}
