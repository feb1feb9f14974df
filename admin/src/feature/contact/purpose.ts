import type { Json } from '@/api/scalar';
import type { PurposeNameFragment } from '@/gql/graphql';

/** A purpose's name in the reader's language, where it has one. */
export function purposeName({ name, translations }: PurposeNameFragment, language: string): string {
  const texts: Json | undefined = typeof translations === 'object' && translations !== null && !Array.isArray(translations) ? translations[language] : undefined;
  const translated = typeof texts === 'object' && texts !== null && !Array.isArray(texts) ? texts['name'] : undefined;
  return typeof translated === 'string' && translated !== '' ? translated : name;
}
