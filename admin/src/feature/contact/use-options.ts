import { useMemo } from 'react';
import { useQuery } from 'urql';
import { ContactOptionsDocument, type ContactKind, type ContactOptionList } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';

/** What one of the site's own lists offers to a kind of contact, in the reader's language. What the contact has already stays. */
export function useOptions(list: ContactOptionList, kind: ContactKind, has: { id: string; name: string } | null): { value: string; label: string }[] {
  const { language } = useLocale();
  const [{ data }] = useQuery({ query: ContactOptionsDocument, requestPolicy: 'cache-and-network' });
  return useMemo(() => {
    const offered = (data?.contactOptions ?? [])
      .filter((option) => option.list === list && (option.kind === null || option.kind === kind))
      .map((option) => ({ value: option.id, label: nameIn(option.translations, language) ?? option.name }));
    return has && !offered.some((option) => option.value === has.id) ? [...offered, { value: has.id, label: has.name }] : offered;
  }, [data, list, kind, has, language]);
}

function nameIn(translations: unknown, language: string): string | null {
  if (typeof translations !== 'object' || translations === null || !(language in translations)) return null;
  const texts: unknown = Object.entries(translations).find(([key]) => key === language)?.[1];
  return typeof texts === 'object' && texts !== null && 'name' in texts && typeof texts.name === 'string' && texts.name ? texts.name : null;
}
