import type { Json } from '@/api/scalar';
import type { FieldFullFragment } from '@/gql/graphql';
import type { Locale } from '@/locale/locale';
import { colorName } from '@/part/palette';

/** One attribute's change, in words. */
export interface Change {
  key: string;
  label: string;
  before: string;
  after: string;
}

interface Named {
  id: string;
  name: string;
}

const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const date = /^\d{4}-\d{2}-\d{2}$/;

/** A value of any shape as a short text: ids become names where they are known. */
function wordsOf(value: Json | undefined, locale: Locale, names: ReadonlyMap<string, string>): string {
  if (value === undefined || value === null || value === '') return '';
  if (typeof value === 'boolean') return locale.t(value ? 'answer.yes' : 'answer.no');
  if (typeof value === 'number') return locale.format.number(value);
  if (typeof value === 'string') return names.get(value) ?? (date.test(value) ? locale.format.day(value) : value);
  const parts = Array.isArray(value) ? value : Object.values(value);
  return parts
    .map((part) => wordsOf(part, locale, names))
    .filter(Boolean)
    .join(', ');
}

/** A link as history keeps it: both names, the type between them, and what is said of it. */
function linkWords(value: Json | undefined, locale: Locale): string {
  if (!isObject(value)) return '';
  const { from, to, type, role, since, until, workEmail, workPhone, note } = value;
  return [`${String(from)} · ${String(type)} ${String(to)}`, ...[role, since, until, workEmail, workPhone, note].map((one) => wordsOf(one, locale, new Map()))]
    .filter(Boolean)
    .join(', ');
}

// Attributes whose values are codes with a name.
const codes: Record<string, typeof wordsOf> = {
  affiliation: linkWords,
  color: (value, locale) => (typeof value === 'string' ? colorName(value, locale) : ''),
  country: (value, { format }) => (typeof value === 'string' ? format.country(value) : ''),
  language: (value, { format }) => (typeof value === 'string' ? format.language(value) : ''),
  supportUntil: (value, { format }) => (typeof value === 'string' && value ? format.moment(value) : ''),
  preferredMeans: (value, { known }) => (typeof value === 'string' ? (known('means', value.toUpperCase()) ?? value) : ''),
  organizationKind: (value, { known }) => (typeof value === 'string' ? (known('contact.organizationKind', value) ?? value) : ''),
  types: (value, { known }) =>
    (Array.isArray(value) ? value : []).map((type) => (typeof type === 'string' ? (known('contact.type', type.toUpperCase()) ?? type) : '')).join(', '),
  kind: (value, { known }) => (typeof value === 'string' ? (known('contact.kind', value) ?? value) : ''),
};

/** The same changes the other way round: what taking them back does. */
export function reversed(json: Json): Json {
  if (!isObject(json)) return json;
  return Object.fromEntries(
    Object.entries(json).map(([key, change]) => [key, isObject(change) ? { before: change['after'] ?? null, after: change['before'] ?? null } : change]),
  );
}

/** Reads a history entry's changes: `{attribute: {before, after}}`; answers are `answers.<field id>`. */
export function changesOf(json: Json, locale: Locale, fields: ReadonlyMap<string, FieldFullFragment>, groups: readonly Named[]): Change[] {
  if (!isObject(json)) return [];
  const names = new Map(groups.map((group) => [group.id, group.name]));
  for (const field of fields.values()) for (const choice of field.choices) names.set(choice.id, choice.label);
  return Object.entries(json).flatMap(([key, change]) => {
    if (!isObject(change)) return [];
    const field = key.startsWith('answers.') ? fields.get(key.slice('answers.'.length)) : undefined;
    // Parts of the address are named `address.city`.
    const name = key.split('.').at(-1) ?? key;
    // A consent is named `consent.<purpose>.<channel>`.
    const channel = key.startsWith('consent.') ? (locale.known('consent.channel', name.toUpperCase()) ?? name) : undefined;
    if (channel !== undefined) {
      const said = (value: Json | undefined) => (typeof value === 'string' ? (locale.known('consent.state', value.toUpperCase()) ?? value) : '');
      return [{ key, label: `${locale.t('consent.title')} · ${channel}`, before: said(change['before']), after: said(change['after']) }];
    }
    const label = field?.label ?? (key.startsWith('notes.') ? locale.t('contact.tab.notes') : (locale.known('contact.field', name) ?? key));
    const words = codes[name] ?? wordsOf;
    // A note is told by its text.
    const value = (side: Json | undefined) => (key.startsWith('notes.') && isObject(side) ? side['text'] : side);
    const before = words(value(change['before']), locale, names);
    const after = words(value(change['after']), locale, names);
    return before || after ? [{ key, label, before, after }] : [];
  });
}
