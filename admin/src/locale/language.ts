/** The languages of the admin, as BCP 47 tags. Each has a file of texts beside this one. */
export const languages = ['en', 'fr', 'nb'] as const;

/** One of the admin's languages. */
export type Language = (typeof languages)[number];

/** What each language calls itself. */
export const languageNames: Record<Language, string> = {
  en: 'English',
  fr: 'Français',
  nb: 'Norsk bokmål',
};

const key = 'carnet.language';

const isLanguage = (value: string | null): value is Language =>
  languages.some((language) => language === value);

/** The language chosen here before, else the browser's first that we have, else English. */
export function preferredLanguage(): Language {
  const kept = localStorage.getItem(key);
  if (isLanguage(kept)) return kept;
  for (const tag of navigator.languages) {
    const base = tag.toLowerCase().split('-')[0] ?? '';
    // Nynorsk readers are nearer to Bokmål than to English.
    if (base === 'no' || base === 'nn') return 'nb';
    if (isLanguage(base)) return base;
  }
  return 'en';
}

/** Remembers a choice for the next visit. */
export function keepLanguage(language: Language): void {
  localStorage.setItem(key, language);
}
