import type { Json } from '@/api/scalar';
import type { AffiliationFilter, BirthdayUnit, CodeOperator, ConsentChannel, ConsentTest, ContactFilter, ContactKind, ContactStatus, DateColumn, DateUnit, FieldDateFilter, FieldFilter, LinkKind, SalesMeasure, TextColumn, TextOperator } from '@/gql/graphql';

/** A condition of a rule, being edited: what it compares, and with what. */
export type Condition =
  | { on: 'kind'; kind: ContactKind }
  | { on: 'status'; status: ContactStatus }
  | { on: 'group'; group: string }
  | { on: 'text'; column: TextColumn; op: TextOperator; value: string }
  | { on: 'date'; column: DateColumn; when: DateWhen; from: string; to: string; count: string; unit: DateUnit }
  | { on: 'birthday'; when: BirthdayWhen; unit: BirthdayUnit; count: string; month: string }
  | { on: 'postcode'; country: string; from: string; to: string }
  | { on: 'field'; field: FieldFilter }
  | { on: 'typed'; key: TypedKey; value: string }
  | { on: 'number'; number: string }
  | { on: 'age'; from: string; to: string }
  | { on: 'indicator'; id: string; band: string; from: string; to: string }
  | { on: 'sales'; measure: SalesMeasure; from: string; to: string }
  | { on: 'choice'; key: ChoiceKey; value: string }
  | { on: 'flag'; key: FlagKey; value: boolean }
  | { on: 'labelSet'; set: string; any: boolean }
  | { on: 'code'; op: CodeOperator; value: string }
  | { on: 'reference'; source: string; op: CodeOperator; value: string }
  | { on: 'consent'; purpose: string; channel: ConsentChannel; state: ConsentTest }
  | { on: 'affiliation'; link: LinkCondition }
  | { on: 'other'; filter: ContactFilter };

/** What is typed as into the search box, and read by its rules. */
export const typedKeys = ['search', 'name', 'email', 'phone'] as const;
export type TypedKey = (typeof typedKeys)[number];

/** The greatest age that a rule can ask for, in years. */
export const maxAge = 150;

/** Attributes of which one value is chosen. */
export const choiceKeys = ['segment', 'label', 'color', 'type', 'role', 'function', 'nature', 'plan', 'channel'] as const;
export type ChoiceKey = (typeof choiceKeys)[number];

/** Attributes that are yes or no. */
export const flagKeys = ['ambassador', 'valid', 'account', 'childProduct'] as const;
export type FlagKey = (typeof flagKeys)[number];

/** How a date is compared: with fixed days, or with days around today. */
export const dateWhens = ['range', 'last', 'next', 'this'] as const;
export type DateWhen = (typeof dateWhens)[number];

/** How far from today each unit reaches at most: 36,500 days or 100 years. */
export const furthest: Record<DateUnit, number> = { DAY: 36_500, WEEK: 5_214, MONTH: 1_200, YEAR: 100 };

/** How a birthday is compared. */
export const birthdayWhens = ['this', 'next', 'month'] as const;
export type BirthdayWhen = (typeof birthdayWhens)[number];
const furthestBirthday = 366;

/** A text at the other end of a link, or the part played. */
export interface LinkText {
  op: TextOperator;
  value: string;
}

/** A link while its condition is edited; what is empty does not matter. */
export interface LinkCondition {
  /** `kind:RELAY` or `type:<id>`. */
  type: string;
  direction: '' | 'OUT' | 'IN';
  contactId: string;
  name: LinkText;
  role: LinkText;
}

/** Conditions that all or any must hold. */
export interface RuleGroup {
  key: string;
  negated: boolean;
  join: 'all' | 'any';
  parts: RuleNode[];
}

/** One condition at its place. */
export interface RuleLeaf {
  key: string;
  negated: boolean;
  condition: Condition;
}

/** A part of a rule. `key` tells parts apart on the screen and is never sent. */
export type RuleNode = RuleGroup | RuleLeaf;

/** The API's limits. */
export const limits = { depth: 8, leaves: 200 };

let count = 0;
const newKey = () => `rule-${++count}`;

/** Whether a part is a group. */
export const isGroup = (node: RuleNode): node is RuleGroup => 'parts' in node;

/** An empty group. */
export const newGroup = (join: RuleGroup['join'] = 'all', parts: RuleNode[] = []): RuleGroup => ({ key: newKey(), negated: false, join, parts });

/** A condition at a place of its own. */
export const newLeaf = (condition: Condition): RuleLeaf => ({ key: newKey(), negated: false, condition });

/** The rule with another part in the place of the one with a key, or without it. Parts that are as they were stay the same objects. */
export function edit(root: RuleGroup, key: string, part: RuleNode | null): RuleGroup {
  if (root.key === key) return part && isGroup(part) ? part : root;
  const parts = root.parts.flatMap((one) => (one.key === key ? (part ?? []) : isGroup(one) ? edit(one, key, part) : one));
  const same = parts.length === root.parts.length && parts.every((one, index) => one === root.parts[index]);
  return same ? root : { ...root, parts };
}

/** Whether a condition says enough to be sent. */
export function isComplete(condition: Condition): boolean {
  switch (condition.on) {
    case 'group':
      return condition.group !== '';
    case 'text':
      return condition.op === 'EMPTY' || condition.value.trim() !== '';
    case 'date':
      if (condition.when === 'range') return condition.from !== '' || condition.to !== '';
      return condition.when === 'this' || between(condition.count, 1, furthest[condition.unit]);
    case 'birthday':
      if (condition.when === 'month') return between(condition.month, 1, 12);
      return condition.when === 'this' || between(condition.count, 1, furthestBirthday);
    case 'postcode':
      return /^[A-Z]{2}$/.test(condition.country) && [condition.from, condition.to].some((code) => /[0-9a-z]/i.test(code));
    case 'typed':
      return condition.value.trim() !== '';
    case 'number':
      return /^\d{1,9}$/.test(condition.number);
    case 'age': {
      const [from, to] = [years(condition.from), years(condition.to, maxAge)];
      return from !== null && to !== null && (condition.from !== '' || condition.to !== '') && from <= to;
    }
    case 'sales':
      return isRange(condition);
    case 'indicator':
      return condition.id !== '' && (condition.band !== '' || isRange(condition));
    case 'field':
      return isCompleteField(condition.field);
    case 'choice':
      // No colour is a choice too.
      return condition.key === 'color' || condition.value !== '';
    case 'labelSet':
      return condition.set !== '';
    case 'code':
    case 'reference':
      return condition.op === 'EMPTY' || condition.value.trim() !== '';
    default:
      return true;
  }
}

/** A range of whole numbers that has one end at least. */
const isRange = ({ from, to }: { from: string; to: string }) =>
  [from, to].some((end) => end !== '') && [from, to].every((end) => /^\d{0,12}$/.test(end)) && (from === '' || to === '' || Number(from) <= Number(to));

const between = (text: string, least: number, most: number) => /^\d{1,5}$/.test(text) && Number(text) >= least && Number(text) <= most;

/** An end of a range of ages; null when it is none. What is empty is as far as it goes. */
function years(text: string, empty = 0): number | null {
  if (text === '') return empty;
  return /^\d{1,3}$/.test(text) && Number(text) <= maxAge ? Number(text) : null;
}

function isCompleteField({ id, answered, yesNo, checked, text, number, date, anyOf, allOf, noneOf }: FieldFilter): boolean {
  if (id === '') return false;
  if (number) return (number.from ?? number.to ?? null) !== null && (number.from ?? -Infinity) <= (number.to ?? Infinity);
  if (date) return isComplete(fieldDays(date));
  if (text) return text.op === 'EMPTY' || (text.value ?? '').trim() !== '';
  const lists = [anyOf, allOf, noneOf];
  if (lists.some((list) => list)) return lists.some((list) => list && list.length > 0);
  return [answered, yesNo, checked].some((value) => typeof value === 'boolean');
}

/** A day of a field's, edited as the other dates are. */
export function fieldDays({ from, to, relative }: FieldDateFilter): Condition & { on: 'date' } {
  const when = relative && dateWhens.find((one) => one !== 'range' && (relative[one] ?? null) !== null);
  const count = relative?.last ?? relative?.next;
  return { on: 'date', column: 'CREATED_AT', when: when ?? 'range', from: from ?? '', to: to ?? '', count: count ? String(count) : '', unit: relative?.unit ?? 'DAY' };
}

/** The way back. */
export function daysFilter({ when, from, to, count, unit }: Condition & { on: 'date' }): FieldDateFilter {
  if (when === 'range') return { ...(from && { from }), ...(to && { to }) };
  return { relative: { ...(when === 'this' ? { this: true } : { [when]: Number(count) }), unit } };
}

function leafFilter(condition: Condition): ContactFilter {
  switch (condition.on) {
    case 'kind':
      return { kind: condition.kind };
    case 'status':
      return { status: condition.status };
    case 'group':
      return { group: condition.group };
    case 'text': {
      const { column, op, value } = condition;
      return { text: op === 'EMPTY' ? { column, op } : { column, op, value: value.trim() } };
    }
    case 'date': {
      const { column, when, from, to, count, unit } = condition;
      if (when === 'range') return { date: { column, ...(from && { from }), ...(to && { to }) } };
      return { date: { column, relative: { ...(when === 'this' ? { this: true } : { [when]: Number(count) }), unit } } };
    }
    case 'birthday':
      if (condition.when === 'this') return { birthday: { this: condition.unit } };
      return { birthday: condition.when === 'next' ? { next: Number(condition.count) } : { month: Number(condition.month) } };
    case 'postcode': {
      const [country, from, to] = [condition.country, condition.from.trim(), condition.to.trim()];
      return { postcode: { country, ...(from && { from }), ...(to && { to }) } };
    }
    case 'field':
      return { field: condition.field };
    case 'typed':
      return { [condition.key]: condition.value.trim() };
    case 'number':
      return { number: Number(condition.number) };
    case 'age': {
      const { from, to } = condition;
      return { age: { ...(from && { from: Number(from) }), ...(to && { to: Number(to) }) } };
    }
    case 'indicator': {
      const { id, band, from, to } = condition;
      return { indicator: band ? { id, band } : { id, ...(from && { from: Number(from) }), ...(to && { to: Number(to) }) } };
    }
    case 'sales': {
      const { measure, from, to } = condition;
      return { sales: { measure, ...(from && { from: Number(from) }), ...(to && { to: Number(to) }) } };
    }
    case 'choice':
      // Its values are of the enum, or ids, by the key.
      return { [condition.key]: condition.value };
    case 'flag':
      return { [condition.key]: condition.value };
    case 'labelSet':
      return { labelSet: { id: condition.set, any: condition.any } };
    case 'code':
      return { administrativeNumber: codeFilter(condition) };
    case 'reference':
      return { reference: { ...(condition.source.trim() && { source: condition.source.trim() }), ...codeFilter(condition) } };
    case 'consent': {
      const { purpose, channel, state } = condition;
      return { consent: { ...(purpose && { purpose }), ...(channel !== 'ANY' && { channel }), state } };
    }
    case 'affiliation':
      return { affiliation: linkFilter(condition.link) };
    case 'other':
      return condition.filter;
  }
}

const codeFilter = ({ op, value }: { op: CodeOperator; value: string }) => (op === 'EMPTY' ? { op } : { op, value: value.trim() });

function linkFilter({ type, direction, contactId, name, role }: LinkCondition): AffiliationFilter {
  const [by, of = ''] = type.split(':');
  const said = (text: LinkText) => text.op === 'EMPTY' || text.value.trim() !== '';
  const told = (text: LinkText) => (text.op === 'EMPTY' ? { op: text.op } : { op: text.op, value: text.value.trim() });
  return {
    ...(by === 'kind' && { kind: of as LinkKind }),
    ...(by === 'type' && { typeId: of }),
    ...(direction && { direction }),
    ...(contactId && { contactId }),
    ...(said(name) && { name: told(name) }),
    ...(said(role) && { role: told(role) }),
  };
}

/** The rule as the API takes it. Conditions that are not complete yet are left out; null when nothing is left. */
export function toFilter(node: RuleNode): ContactFilter | null {
  let filter: ContactFilter | null;
  if (isGroup(node)) {
    const parts = node.parts.flatMap((part) => toFilter(part) ?? []);
    filter = parts.length === 0 ? null : node.join === 'all' ? { all: parts } : { any: parts };
  } else {
    filter = isComplete(node.condition) ? leafFilter(node.condition) : null;
  }
  return filter && node.negated ? { not: filter } : filter;
}

/** The whole rule; without any condition it holds for everybody who is listed. */
export const ruleFilter = (root: RuleGroup): ContactFilter => toFilter(root) ?? { all: [] };

/** How many conditions a rule has, and how many of them are not complete. */
export function measure(node: RuleNode): { leaves: number; incomplete: number; depth: number } {
  if (!isGroup(node)) return { leaves: 1, incomplete: isComplete(node.condition) ? 0 : 1, depth: 1 };
  const parts = node.parts.map(measure);
  return {
    leaves: parts.reduce((sum, part) => sum + part.leaves, 0),
    incomplete: parts.reduce((sum, part) => sum + part.incomplete, 0),
    depth: 1 + Math.max(0, ...parts.map((part) => part.depth)),
  };
}

type Open = { [key: string]: Json };
const object = (value: Json | undefined): Open | null => (typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null);
const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
const digits = (value: Json | undefined): string => (typeof value === 'number' ? String(value) : '');

// The server wrote these rules and has checked them: their enums are trusted, their shape is not.
function readLeaf(rule: Open): Condition | null {
  const [key] = Object.keys(rule);
  const value = key === undefined ? undefined : rule[key];
  const inner = object(value);
  switch (key) {
    case 'kind':
      return { on: 'kind', kind: text(value) as ContactKind };
    case 'status':
      return { on: 'status', status: text(value) as ContactStatus };
    case 'group':
      return { on: 'group', group: text(value) };
    case 'number':
      return { on: 'number', number: digits(value) };
    case 'age':
      return inner && { on: 'age', from: digits(inner['from']), to: digits(inner['to']) };
    case 'indicator':
      return inner && { on: 'indicator', id: text(inner['id']), band: text(inner['band']), from: digits(inner['from']), to: digits(inner['to']) };
    case 'sales':
      return inner && { on: 'sales', measure: text(inner['measure']) as SalesMeasure, from: digits(inner['from']), to: digits(inner['to']) };
    case 'text':
      return inner && { on: 'text', column: text(inner['column']) as TextColumn, op: text(inner['op']) as TextOperator, value: text(inner['value']) };
    case 'date':
      return inner && readDate(inner);
    case 'birthday': {
      const when = birthdayWhens.find((one) => inner?.[one] !== undefined && inner[one] !== null);
      return inner && { on: 'birthday', when: when ?? 'this', unit: (text(inner['this']) || 'DAY') as BirthdayUnit, count: digits(inner['next']), month: digits(inner['month']) };
    }
    case 'postcode':
      return inner && { on: 'postcode', country: text(inner['country']), from: text(inner['from']), to: text(inner['to']) };
    case 'field':
      return inner && { on: 'field', field: inner as unknown as FieldFilter };
    case 'labelSet':
      return inner && { on: 'labelSet', set: text(inner['id']), any: inner['any'] === true };
    case 'administrativeNumber':
      return inner && { on: 'code', op: text(inner['op']) as CodeOperator, value: text(inner['value']) };
    case 'reference':
      return inner && { on: 'reference', source: text(inner['source']), op: text(inner['op']) as CodeOperator, value: text(inner['value']) };
    case 'consent':
      return inner && { on: 'consent', purpose: text(inner['purpose']), channel: (text(inner['channel']) || 'ANY') as ConsentChannel, state: text(inner['state']) as ConsentTest };
    case 'affiliation':
      return inner && { on: 'affiliation', link: readLink(inner) };
    case undefined:
      return null;
    default: {
      const typed = typedKeys.find((one) => one === key);
      if (typed) return { on: 'typed', key: typed, value: text(value) };
      const choice = choiceKeys.find((one) => one === key);
      if (choice) return { on: 'choice', key: choice, value: text(value) };
      const flag = flagKeys.find((one) => one === key);
      if (flag) return { on: 'flag', key: flag, value: value === true };
      // What is written elsewhere and not known here stays as it is.
      return { on: 'other', filter: rule as unknown as ContactFilter };
    }
  }
}

function readDate(told: Open): Condition {
  const relative = object(told['relative']);
  const when = relative && dateWhens.find((one) => relative[one] !== undefined && relative[one] !== null);
  return {
    on: 'date',
    column: text(told['column']) as DateColumn,
    when: when ?? 'range',
    from: text(told['from']),
    to: text(told['to']),
    count: digits(relative?.['last'] ?? relative?.['next']),
    unit: (text(relative?.['unit']) || 'DAY') as DateUnit,
  };
}

function readLink(told: Open): LinkCondition {
  const read = (value: Json | undefined): LinkText => {
    const inner = object(value);
    return { op: (text(inner?.['op']) || 'PREFIX') as TextOperator, value: text(inner?.['value']) };
  };
  const [kind, typeId] = [text(told['kind']), text(told['typeId'])];
  return {
    type: kind ? `kind:${kind}` : typeId ? `type:${typeId}` : '',
    direction: told['direction'] === 'OUT' || told['direction'] === 'IN' ? told['direction'] : '',
    contactId: text(told['contactId']),
    name: read(told['name']),
    role: read(told['role']),
  };
}

function readNode(value: Json | undefined): RuleNode | null {
  // A stored rule may hold entries that say nothing.
  const rule = object(value);
  if (!rule) return null;
  const told: Open = Object.fromEntries(Object.entries(rule).filter(([, entry]) => entry !== null));
  if ('not' in told) {
    const inner = readNode(told['not']);
    if (!inner) return null;
    return inner.negated ? { ...newGroup('all', [inner]), negated: true } : { ...inner, negated: true };
  }
  for (const join of ['all', 'any'] as const) {
    const parts = told[join];
    if (Array.isArray(parts)) return newGroup(join, parts.flatMap((part) => readNode(part) ?? []));
  }
  const condition = readLeaf(told);
  return condition && newLeaf(condition);
}

/** Reads a stored rule for editing. The root is always a group that is not negated. */
export function readRule(rule: Json): RuleGroup {
  const node = readNode(rule);
  if (!node) return newGroup();
  return isGroup(node) && !node.negated ? node : newGroup('all', [node]);
}

/** Reads one leaf of a rule, for showing it. */
export function readCondition(filter: Json): Condition | null {
  const node = readNode(filter);
  return node && !isGroup(node) ? node.condition : null;
}
