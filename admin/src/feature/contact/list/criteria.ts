import type { Json } from '@/api/scalar';
import type { ContactRole, CustomFieldType, ContactFilter, ContactStatus, ConsentTest, FieldFilter, OperationalType } from '@/gql/graphql';

/**
 * The criteria of the advanced search (S-64 to S-82), as typed. An empty text is a criterion that is not
 * used, so what is on by default has the opposite's name.
 */
export const criterionKeys = [
  'name', 'number', 'relay', 'phone', 'email', 'country', 'postcode', 'city', 'administrativeNumber', 'reference', 'iban',
  'nature', 'type', 'role', 'status', 'group', 'label', 'color', 'ageFrom', 'ageTo', 'consent', 'linkType', 'linkTo',
  'ambassador', 'invalid', 'noProspects', 'noRelays',
] as const;
export type CriterionKey = (typeof criterionKeys)[number];

/** What is searched for: the site's own fields by their id. */
export type Criteria = Record<CriterionKey, string> & { fields: Readonly<Record<string, string>> };

export const noCriteria: Criteria = { ...(Object.fromEntries(criterionKeys.map((key) => [key, ''])) as Record<CriterionKey, string>), fields: {} };

/** Several ids of one criterion, any of which will do. */
export const listOf = (value: string): string[] => (value === '' ? [] : value.split(','));

const anyOf = (value: string, leaf: (id: string) => ContactFilter): ContactFilter[] => {
  const ids = listOf(value);
  const [first] = ids;
  if (first === undefined) return [];
  return [ids.length === 1 ? leaf(first) : { any: ids.map(leaf) }];
};

const years = (text: string): number | null => (/^\d{1,3}$/.test(text) ? Number(text) : null);

/** The part of the rule that each criterion is; two of a pair are read with the first. */
const parts: Record<CriterionKey, (value: string, all: Criteria) => ContactFilter[]> = {
  name: (name) => [{ name }],
  number: (text) => (/^\d{1,9}$/.test(text) ? [{ number: Number(text) }] : []),
  relay: (value) => [{ affiliation: { kind: 'RELAY', direction: 'IN', name: { op: 'MATCHES', value } } }],
  phone: (phone) => [{ phone }],
  email: (email) => [{ email }],
  country: (value) => [{ text: { column: 'COUNTRY', op: 'EQUALS', value } }],
  postcode: (value) => [{ text: { column: 'POSTCODE', op: 'MATCHES', value } }],
  city: (value) => [{ text: { column: 'CITY', op: 'MATCHES', value } }],
  administrativeNumber: (value) => [{ administrativeNumber: { op: 'PREFIX', value } }],
  reference: (value) => [{ reference: { op: 'PREFIX', value } }],
  iban: (value) => [{ iban: { op: 'PREFIX', value } }],
  nature: (nature) => [{ nature }],
  type: (type) => [{ type: type as OperationalType }],
  role: (role) => [{ role: role as ContactRole }],
  status: (status) => [{ status: status as ContactStatus }],
  group: (value) => anyOf(value, (group) => ({ group })),
  label: (value) => anyOf(value, (label) => ({ label })),
  color: (color) => [{ color }],
  ageFrom: (text, { ageTo }) => age(text, ageTo),
  ageTo: (text, { ageFrom }) => (ageFrom === '' ? age('', text) : []),
  consent: (state) => [{ consent: { state: state as ConsentTest } }],
  linkType: (value, { linkTo }) => {
    const [typeId, end] = value.split(' ');
    return typeId ? [{ affiliation: { typeId, direction: end === 'to' ? 'IN' : 'OUT', ...(linkTo && { contactId: linkTo }) } }] : [];
  },
  linkTo: (contactId, { linkType }) => (linkType === '' ? [{ affiliation: { contactId } }] : []),
  ambassador: () => [{ ambassador: true }],
  invalid: () => [], // an argument of the list
  noProspects: () => [{ not: { status: 'PROSPECT' } }],
  noRelays: () => [{ not: { role: 'RELAY' } }],
};

function age(fromText: string, toText: string): ContactFilter[] {
  const [from, to] = [years(fromText), years(toText)];
  if (from === null && to === null) return [];
  return [{ age: { ...(from !== null && { from }), ...(to !== null && { to }) } }];
}

/** The type of each of the site's fields, by id. */
export type FieldTypes = ReadonlyMap<string, CustomFieldType>;

/** The ends of a range; it is written with two dots between them, and one may be empty. */
export const endsOf = (value: string): [from: string, to: string] => {
  const [from = '', to = ''] = value.split('..');
  return [from, to];
};

/** A range as it is written; empty when both ends are. */
export const rangeOf = (from: string, to: string): string => (from === '' && to === '' ? '' : `${from}..${to}`);

function fieldPart(id: string, value: string, type: CustomFieldType): FieldFilter {
  switch (type) {
    case 'YES_NO':
      return { id, yesNo: value === 'yes' };
    case 'CHECKBOX':
      return { id, checked: value === 'yes' };
    case 'DROPDOWN':
      return { id, anyOf: listOf(value) };
    case 'NUMBER': {
      const [from, to] = endsOf(value).map((end) => (/\d/.test(end) ? Number(end) : undefined)); // a sign alone is none yet
      return { id, number: { ...(from !== undefined && { from }), ...(to !== undefined && { to }) } };
    }
    case 'DATE': {
      const [from, to] = endsOf(value);
      return { id, date: { ...(from && { from }), ...(to && { to }) } };
    }
    case 'COUNTRY':
      return { id, text: { op: 'EQUALS', value } };
    default:
      return { id, text: { op: 'CONTAINS', value } };
  }
}

/** The rule's parts, all of which must hold. A field whose type is not known yet is left out. */
export function partsOf(criteria: Criteria, types: FieldTypes): ContactFilter[] {
  return [
    ...criterionKeys.flatMap((key) => (criteria[key] === '' ? [] : parts[key](criteria[key], criteria))),
    ...Object.entries(criteria.fields).flatMap(([id, value]) => {
      const type = types.get(id);
      return type && (type === 'NUMBER' ? /\d/.test(value) : value) ? [{ field: fieldPart(id, value, type) }] : [];
    }),
  ];
}

/** One rule of several parts. */
export function allOf(list: readonly ContactFilter[]): ContactFilter | undefined {
  return list.length > 1 ? { all: [...list] } : list[0];
}

/** How many criteria are in use. */
export const countOf = (criteria: Criteria): number =>
  criterionKeys.filter((key) => criteria[key] !== '').length + Object.values(criteria.fields).filter((value) => value !== '').length;

type Open = { [key: string]: Json };
const object = (value: Json | undefined): Open | null => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null);
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');

/** Stored rules keep neither the order of entries nor what says nothing. */
function tidy(value: Json): Json {
  if (Array.isArray(value)) return value.map(tidy);
  const open = object(value);
  if (!open) return value;
  return Object.fromEntries(
    Object.entries(open)
      .filter(([, entry]) => entry !== null)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, entry]) => [key, tidy(entry)]),
  );
}
const same = (a: unknown, b: unknown) => JSON.stringify(tidy(a as Json)) === JSON.stringify(tidy(b as Json));

/** What a part of a rule might say, by its one entry; whether it does say it is tried afterwards. */
function guess(part: Open): Partial<Record<CriterionKey, string>> {
  const [key, value] = Object.entries(part)[0] ?? ['', null];
  const inner = object(value) ?? {};
  switch (key) {
    case 'affiliation': {
      if (inner['kind']) return { relay: text(object(inner['name'])?.['value']) };
      const type = text(inner['typeId']);
      return { linkType: type && `${type} ${inner['direction'] === 'IN' ? 'to' : 'from'}`, linkTo: text(inner['contactId']) };
    }
    case 'text': {
      const column = text(inner['column']).toLowerCase();
      return column === 'country' || column === 'postcode' || column === 'city' ? { [column]: text(inner['value']) } : {};
    }
    case 'age':
      return { ageFrom: text(inner['from']), ageTo: text(inner['to']) };
    case 'consent':
      return { consent: text(inner['state']) };
    case 'ambassador':
      return { ambassador: '1' };
    case 'not':
      return 'status' in inner ? { noProspects: '1' } : { noRelays: '1' };
    case 'any': {
      const ids = Array.isArray(value) ? value.map((leaf) => object(leaf) ?? {}) : [];
      const of = ids[0] && 'label' in ids[0] ? 'label' : 'group';
      return { [of]: ids.map((leaf) => text(leaf[of])).join(',') };
    }
    case 'administrativeNumber':
    case 'reference':
    case 'iban':
      return { [key]: text(inner['value']) };
    default:
      return (criterionKeys as readonly string[]).includes(key) ? { [key]: text(value) } : {};
  }
}

function guessField(part: Open): [string, string] | null {
  const field = object(part['field']);
  if (!field) return null;
  const choices = field['anyOf'];
  const flag = field['yesNo'] ?? field['checked'];
  const range = object(field['number'] ?? field['date']);
  if (range) {
    const value = rangeOf(text(range['from']), text(range['to']));
    return value ? [text(field['id']), value] : null;
  }
  const value = typeof flag === 'boolean' ? (flag ? 'yes' : 'no') : Array.isArray(choices) ? choices.map(text).join(',') : text(object(field['text'])?.['value']);
  return value ? [text(field['id']), value] : null;
}

/** Reads a rule, for example a saved view's: the criteria it has, and the parts that are none. */
export function readRule(rule: Json, types: FieldTypes): { criteria: Criteria; rest: ContactFilter[] } {
  let criteria = noCriteria;
  const rest: ContactFilter[] = [];
  const root = tidy(rule);
  const all = object(root)?.['all'];
  for (const part of Array.isArray(all) ? all : object(root) ? [root] : []) {
    const open = object(part) ?? {};
    const field = guessField(open);
    const told = field ? {} : guess(open);
    const next: Criteria = { ...criteria, ...told, ...(field && { fields: { ...criteria.fields, [field[0]]: field[1] } }) };
    const alone: Criteria = { ...noCriteria, ...told, fields: field ? { [field[0]]: field[1] } : {} };
    const free = field ? criteria.fields[field[0]] === undefined : (Object.keys(told) as CriterionKey[]).every((key) => criteria[key] === '');
    if (free && same(partsOf(alone, types), [part])) criteria = next;
    else rest.push(part as unknown as ContactFilter);
  }
  return { criteria, rest };
}

// How criteria are called in the address. An IBAN never stands there: addresses are shared and logged.
const fieldMark = 'field.';

/** Writes the criteria into an address. */
export function writeCriteria(criteria: Criteria, query: URLSearchParams): void {
  for (const key of criterionKeys) if (criteria[key] !== '' && key !== 'iban') query.set(key, criteria[key]);
  for (const [id, value] of Object.entries(criteria.fields)) if (value !== '') query.set(fieldMark + id, value);
}

/** Reads the criteria of an address. */
export function readCriteria(query: URLSearchParams, iban: string): Criteria {
  const criteria = { ...noCriteria, iban };
  for (const key of criterionKeys) if (key !== 'iban') criteria[key] = (query.get(key) ?? '').slice(0, 200);
  const fields: Record<string, string> = {};
  for (const [key, value] of query) if (key.startsWith(fieldMark) && value !== '') fields[key.slice(fieldMark.length)] = value.slice(0, 800);
  return { ...criteria, fields };
}
