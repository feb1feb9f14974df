import type { CombinedError } from 'urql';
import type { MendFragment } from '@/gql/graphql';
import type { Locale } from '@/locale/locale';

/** The code of a GraphQL error; NETWORK when no answer came. */
export function codeOf(error: CombinedError): string {
  if (error.networkError) return 'NETWORK';
  const code = error.graphQLErrors[0]?.extensions['code'];
  return typeof code === 'string' ? code : 'INTERNAL';
}

/** Whether the server says that nobody is signed in. */
export const isSignedOut = (error: CombinedError): boolean =>
  error.graphQLErrors.some((one) => one.extensions['code'] === 'UNAUTHENTICATED') ||
  (error.response instanceof Response && error.response.status === 401);

/** A text as the beginning of a sentence. */
export const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A stable code of the server in the reader's language, with the server's English to fall back on. */
export function textOf(locale: Locale, code: string, message: string): string {
  return locale.known('error', code) ?? sentence(message);
}

/** What to tell of a failure that the form cannot mend. */
export function failureText(locale: Locale, error: CombinedError): string {
  const message = error.graphQLErrors[0]?.message ?? error.message;
  const names = attributesOf(locale, error);
  if (names.length > 0) return locale.t('error.builtUpon', { names: names.join(', ') });
  return textOf(locale, codeOf(error), message);
}

/** The attributes of a contact that a conflict names, in words. */
function attributesOf(locale: Locale, error: CombinedError): string[] {
  const path = error.graphQLErrors[0]?.extensions['inputPath'];
  if (codeOf(error) !== 'CONFLICT' || !Array.isArray(path)) return [];
  return [...new Set(path.map((name) => (typeof name === 'string' ? attributeText(locale, name) : '')))];
}

/** An attribute of a contact, as histories name it, in words. */
export function attributeText(locale: Pick<Locale, 't' | 'known'>, name: string): string {
  if (name.startsWith('answers.')) return locale.t('contact.history.anAnswer');
  return locale.known('contact.field', name.split('.').at(-1) ?? name) ?? name;
}

/** A server's refusals, sorted by where they can be shown. */
export interface Refusal {
  /** By the input's path, `address.city`. */
  fields: Record<string, string>;
  /** What belongs to no input of this form. */
  rest: string[];
}

/**
 * Sorts a payload's errors: those whose path leads to one of the form's values go beside that input,
 * the others above the form. `values` is the form's values, of the shape of the mutation's input.
 */
export function refusalOf(locale: Locale, errors: readonly MendFragment[], values: object): Refusal {
  const refusal: Refusal = { fields: {}, rest: [] };
  for (const error of errors) {
    const path = error.path[0] === 'input' ? error.path.slice(1) : error.path;
    const text = textOf(locale, error.code, error.message);
    if (path[0] !== undefined && path[0] in values) refusal.fields[path.join('.')] = text;
    else refusal.rest.push(text);
  }
  return refusal;
}
