import { useMemo } from 'react';
import { useQuery } from 'urql';
import { useFields } from '@/feature/field/use-fields';
import { ContactNameByIdDocument, CriteriaOptionsDocument, GroupNamesDocument, LinkTypesDocument, type FieldFullFragment, type LinkTypeFullFragment } from '@/gql/graphql';
import { useLocale } from '@/locale/locale';
import { linkText, type LinkEnd } from '../link-words';
import type { FieldTypes } from './criteria';

/** Something one can choose. */
export interface Choice {
  value: string;
  label: string;
}

/** What the criteria choose from, by name in the reader's language. */
export interface CriteriaOptions {
  natures: Choice[];
  groups: Choice[];
  labels: { group: string; items: Choice[] }[];
  /** Types of link with the end that the contact searched for stands at; `from` and `to` as words of the value. */
  links: (Choice & { type: LinkTypeFullFragment; end: LinkEnd })[];
  fields: FieldFullFragment[];
  fieldById: ReadonlyMap<string, FieldFullFragment>;
  /** Known once the fields are read; a rule about them cannot be written before. */
  types: FieldTypes | null;
}

/** Reads what the criteria choose from; many parts of the page may ask, each question is sent once. */
export function useCriteriaOptions(): CriteriaOptions {
  const locale = useLocale();
  const cached = 'cache-first' as const;
  const [{ data: own }] = useQuery({ query: CriteriaOptionsDocument, requestPolicy: cached });
  const [{ data: groups }] = useQuery({ query: GroupNamesDocument, requestPolicy: cached });
  const [{ data: links }] = useQuery({ query: LinkTypesDocument, requestPolicy: cached });
  const { fields, byId, loading } = useFields();
  return useMemo(() => {
    const active = fields.filter((field) => field.archivedAt === null);
    const choice = ({ id, name }: { id: string; name: string }): Choice => ({ value: id, label: name });
    return {
      natures: (own?.contactOptions ?? []).map(({ id, name, translations }) => ({ value: id, label: nameIn(translations, locale.language) || name })),
      groups: (groups?.groups ?? []).map(choice),
      labels: (own?.labelSets ?? []).map((set) => ({ group: set.name, items: set.labels.map(choice) })).filter((set) => set.items.length > 0),
      links: (links?.linkTypes ?? []).flatMap((type) =>
        (['from', 'to'] as const).map((end) => ({ value: `${type.id} ${end}`, label: linkText(type, end, locale), type, end })),
      ),
      fields: active,
      fieldById: byId,
      types: loading ? null : new Map(fields.map((field) => [field.id, field.type])),
    };
  }, [own, groups, links, fields, byId, loading, locale]);
}

const nameIn = (translations: unknown, language: string): string => {
  const texts = (translations as Record<string, Record<string, string>> | null)?.[language];
  return texts?.['name'] ?? '';
};

/** A contact's name, for a criterion that has only its id. */
export function useContactName(id: string): string {
  const [{ data }] = useQuery({ query: ContactNameByIdDocument, variables: { id }, pause: id === '', requestPolicy: 'cache-first' });
  return id === '' ? '' : (data?.contact?.displayName ?? '…');
}
