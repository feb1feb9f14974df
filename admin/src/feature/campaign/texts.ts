import { languages, type Language } from '@/locale/language';

/** A campaign's texts as a form holds them: every language, written or not. */
export type Texts = Record<Language, { subject: string; body: string }>;

interface Text { language: string; subject: string; body: string }

/** Texts as the API gives them, for a form. */
export function textsOf(texts: readonly Text[]): Texts {
  const of = (language: Language) => {
    const found = texts.find((one) => one.language === language);
    return { subject: found?.subject ?? '', body: found?.body ?? '' };
  };
  return { en: of('en'), fr: of('fr'), nb: of('nb') };
}

/** Those that somebody has begun to write. */
export const written = (texts: Texts): Language[] => languages.filter((one) => texts[one].subject || texts[one].body);

/** Texts as the API takes them. */
export const textsInput = (texts: Texts): Text[] => written(texts).map((language) => ({ language, ...texts[language] }));

/** The first language with a text that has something to mend. */
export const firstRefused = (fields: Record<string, string>): Language | undefined => languages.find((one) => Object.keys(fields).some((path) => path.startsWith(`texts.${one}`)));
