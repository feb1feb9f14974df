import type { ContactKind, LinkFullFragment, LinkTypeFullFragment } from '@/gql/graphql';
import type { Locale } from '@/locale/locale';

/** Which end of a link a contact stands at. */
export type LinkEnd = 'from' | 'to';

/** A type of link in the reader's language, as read from one of its ends. */
export function linkText(type: LinkTypeFullFragment, end: LinkEnd, locale: Locale): string {
  const texts = type.translations[locale.language];
  return end === 'from' ? texts?.['name'] || type.name : texts?.['reverseName'] || type.reverseName;
}

/** A type as one can add it to a contact: the end the contact would stand at, and whom to look for. */
export interface LinkChoice {
  key: string;
  type: LinkTypeFullFragment;
  end: LinkEnd;
  other: ContactKind | null;
}

/** Every way in which a contact of a kind can be linked. */
export function linkChoices(types: readonly LinkTypeFullFragment[], kind: ContactKind): LinkChoice[] {
  return types.flatMap((type) => {
    const choices: LinkChoice[] = [];
    if (type.fromKind === null || type.fromKind === kind) choices.push({ key: `${type.id} from`, type, end: 'from', other: type.toKind });
    if (type.toKind === null || type.toKind === kind) choices.push({ key: `${type.id} to`, type, end: 'to', other: type.fromKind });
    return choices;
  });
}

/** The end at which a contact stands, and who is at the other. */
export function seenFrom(link: LinkFullFragment, contactId: string): { end: LinkEnd; other: LinkFullFragment['to'] } {
  return link.from.id === contactId ? { end: 'from', other: link.to } : { end: 'to', other: link.from };
}
