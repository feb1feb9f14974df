import { createContext, use, useEffect, useMemo, useState, type ReactNode } from 'react';
import { formatOf, type Format } from './format';
import { keepLanguage, preferredLanguage, type Language } from './language';
import { fill, find, namesAt, type Key, type PluralKey, type Texts, type Values } from './text';

/** Texts and formats of the language in use. */
export interface Locale {
  language: Language;
  choose: (language: Language) => void;
  /** The text at a key, with its places filled. */
  t: (key: Key, values?: Values) => string;
  /** The plural form for `count`, which also fills the place `{n}`. */
  tn: (key: PluralKey, count: number, values?: Values) => string;
  /** The text of a name that came from the server, undefined when we have none for it. */
  known: (group: string, name: string) => string | undefined;
  /** The names of a group that have texts. */
  names: (group: string) => string[];
  format: Format;
}

const Context = createContext<Locale | null>(null);

const files: Record<Language, () => Promise<{ default: Texts }>> = {
  en: () => import('./en.json'),
  fr: () => import('./fr.json'),
  nb: () => import('./nb.json'),
};

/** French sets a space before these and behind «, at which no line may end. */
const unbroken = (text: string): string => text.replace(/ (?=[:;?!»])|(?<=«) /g, '\u00a0');

function localeOf(language: Language, texts: Texts, choose: (language: Language) => void): Locale {
  const rules = new Intl.PluralRules(language);
  const read = (key: string): string | undefined => {
    const text = find(texts, key);
    return text !== undefined && language === 'fr' ? unbroken(text) : text;
  };
  const t: Locale['t'] = (key, values) => fill(read(key) ?? key, values, language);
  return {
    language,
    choose,
    t,
    tn: (key, count, values) => {
      const text = read(`${key}.${rules.select(count)}`) ?? read(`${key}.other`) ?? key;
      return fill(text, { n: count, ...values }, language);
    },
    known: (group, name) => read(`${group}.${name}`),
    names: (group) => namesAt(texts, group),
    format: formatOf(language),
  };
}

/** Loads the texts of the language in use and gives them to everything below. */
export function LocaleProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(preferredLanguage);
  const [loaded, setLoaded] = useState<{ language: Language; texts: Texts } | null>(null);

  useEffect(() => {
    let current = true;
    void files[language]().then((file) => {
      if (!current) return;
      document.documentElement.lang = language;
      setLoaded({ language, texts: file.default });
    });
    return () => {
      current = false;
    };
  }, [language]);

  const locale = useMemo(() => {
    if (!loaded) return null;
    return localeOf(loaded.language, loaded.texts, (next) => {
      keepLanguage(next);
      setLanguage(next);
    });
  }, [loaded]);

  // The texts are a few kilobytes from the same place as the script: nothing is worth showing before.
  return locale && <Context value={locale}>{children}</Context>;
}

/** The language in use, its texts and its formats. */
export function useLocale(): Locale {
  const locale = use(Context);
  if (!locale) throw new Error('useLocale needs a LocaleProvider above');
  return locale;
}
