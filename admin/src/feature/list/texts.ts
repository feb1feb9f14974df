import type { Translations } from '@/api/scalar';

/** Texts in other languages while they are edited: by language, then by what they are of. */
export type Texts = Record<string, Record<string, string>>;

/** The server's texts as a form holds them, with an entry for every language. */
export function textsOf(translations: Translations | undefined, languages: readonly string[], names: readonly string[]): Texts {
  return Object.fromEntries(languages.map((language) => [language, Object.fromEntries(names.map((name) => [name, translations?.[language]?.[name] ?? '']))]));
}

/** What is sent: without the empty ones. */
export function translationsOf(texts: Texts): Translations {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([language, names]) => {
      const given = Object.fromEntries(Object.entries(names).filter(([, text]) => text.trim() !== ''));
      return Object.keys(given).length > 0 ? [[language, given]] : [];
    }),
  );
}
