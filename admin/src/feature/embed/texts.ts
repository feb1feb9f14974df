import type { SiteTextsFragment } from '@/gql/graphql';
import { languages, type Language } from '@/locale/language';

/** The texts that a site may word itself, and how many characters each may have. */
export const names = { 'login.title': 80, 'login.intro': 300, 'login.submit': 40, 'registration.title': 80, 'registration.intro': 300, 'registration.submit': 40, 'preferences.title': 80, 'preferences.intro': 300 } as const;
export type Name = keyof typeof names;

/** A link beside the consent. */
export interface LegalLink {
  label: string;
  url: string;
}

/** How many a site has in each language. */
const maxLinks = 4;

/** What the page edits; what is absent or empty is the widgets' own, or no link. */
export interface Texts {
  /** By language and name, as in `fr login.title`. */
  words: Record<string, string>;
  links: Record<Language, LegalLink[]>;
}

export const textsOf = ({ widgetTexts, legalLinks }: SiteTextsFragment): Texts => ({
  words: Object.fromEntries(widgetTexts.map(({ language, name, text }) => [`${language} ${name}`, text])),
  links: Object.fromEntries(languages.map((language) => [language, legalLinks.filter((one) => one.language === language).map(({ label, url }) => ({ label, url }))])) as Texts['links'],
});

/** The links of a language as rows to fill in: those there are, and a place for one more. */
export const rowsOf = ({ links }: Texts, language: Language): LegalLink[] => [...links[language], { label: '', url: '' }].slice(0, maxLinks);

/** The links as they are sent, each with the row it stands in. */
export const linksOf = ({ links }: Texts) =>
  languages.flatMap((language) => links[language].map(({ label, url }, row) => ({ language, row, label: label.trim(), url: url.trim() }))).filter(({ label, url }) => label || url);

export const inputOf = (texts: Texts) => ({
  widgetTexts: Object.entries(texts.words)
    .filter(([, text]) => text.trim())
    .map(([key, text]) => {
      const [language = '', name = ''] = key.split(' ');
      return { language, name, text };
    }),
  legalLinks: linksOf(texts).map(({ language, label, url }) => ({ language, label, url })),
});
