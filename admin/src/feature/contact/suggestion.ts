import type { QuickSearchQuery } from '@/gql/graphql';

/** A contact as suggestions have it. */
export type Suggestion = QuickSearchQuery['contactSuggestions'][number];

/** SURNAME, First name, country-postcode, [number] (S-93); a missing postcode is a blank mark (S-94). */
export function suggestionText(contact: Suggestion): string {
  const names = 'lastName' in contact && contact.lastName ? [contact.lastName.toLocaleUpperCase(), contact.firstName] : [contact.displayName];
  const { country, postcode } = contact.address;
  const place = `${country}-${postcode || '—'}`.replace(/^-/, '');
  return [...names, `${place} [${contact.number}]`].filter((part) => part !== '').join(', ');
}
