import type { CustomFieldType, DateColumn, FieldFilter, FieldFullFragment, SalesMeasure, TextColumn, TextOperator } from '@/gql/graphql';
import { choiceKeys, flagKeys, typedKeys, type Condition } from './rule';

/** The text attributes, in the order they are offered. */
export const textColumns: readonly TextColumn[] = [
  'FIRST_NAME', 'LAST_NAME', 'NAME', 'COMPANY', 'EMAIL', 'PHONE', 'MOBILE', 'LANGUAGE', 'POSTCODE', 'CITY', 'COUNTRY',
];

/** The date attributes. */
export const dateColumns: readonly DateColumn[] = ['BIRTH_DATE', 'CREATED_AT', 'UPDATED_AT', 'VALID_UNTIL', 'FIRST_PURCHASE', 'LAST_PURCHASE', 'SUBSCRIBED_UNTIL'];

/** The numbers that follow from sales. */
export const salesMeasures: readonly SalesMeasure[] = ['ORDERS', 'SPENT', 'TICKETS', 'PASSES', 'BOOKINGS', 'ASSIDUITY'];

/** How texts compare. */
export const textOperators: readonly TextOperator[] = ['EQUALS', 'PREFIX', 'CONTAINS', 'MATCHES', 'EMPTY'];

/** Names what a condition compares, in one word for a select box. */
export function attributeOf(condition: Condition): string {
  switch (condition.on) {
    case 'text':
      return `text:${condition.column}`;
    case 'date':
      return `date:${condition.column}`;
    case 'sales':
      return `sales:${condition.measure}`;
    case 'indicator':
      return `indicator:${condition.id}`;
    case 'field':
      return `field:${condition.field.id}`;
    case 'typed':
    case 'choice':
    case 'flag':
      return condition.key;
    default:
      return condition.on;
  }
}

/** A first condition on an attribute, with nothing chosen yet where there is a choice. */
export function conditionOn(attribute: string, fields: ReadonlyMap<string, FieldFullFragment>): Condition {
  const [on, name = ''] = attribute.split(':');
  switch (on) {
    case 'status':
      return { on, status: 'USER' };
    case 'group':
      return { on, group: '' };
    case 'number':
      return { on, number: '' };
    case 'age':
      return { on, from: '', to: '' };
    case 'sales':
      return { on, measure: salesMeasures.find((measure) => measure === name) ?? 'ORDERS', from: '', to: '' };
    case 'indicator':
      return { on, id: name, band: '', from: '', to: '' };
    case 'text':
      return { on, column: textColumns.find((column) => column === name) ?? 'CITY', op: 'EQUALS', value: '' };
    case 'date':
      return { on, column: dateColumns.find((column) => column === name) ?? 'CREATED_AT', when: name === 'VALID_UNTIL' || name === 'SUBSCRIBED_UNTIL' ? 'next' : name === 'BIRTH_DATE' ? 'range' : 'last', from: '', to: '', count: '30', unit: 'DAY' };
    case 'birthday':
      return { on, when: 'this', unit: 'MONTH', count: '30', month: '1' };
    case 'postcode':
      return { on, country: '', from: '', to: '' };
    case 'field': {
      const tests = fieldTests[fields.get(name)?.type ?? 'TEXT'];
      return { on, field: fieldTest(name, tests[0] ?? 'answered') };
    }
    case 'labelSet':
      return { on, set: '', any: true };
    case 'code':
      return { on, op: 'EQUALS', value: '' };
    case 'reference':
      return { on, source: '', op: 'EQUALS', value: '' };
    case 'consent':
      return { on, purpose: '', channel: 'ANY', state: 'GIVEN' };
    case 'affiliation':
      return { on, link: { type: '', direction: '', contactId: '', name: { op: 'PREFIX', value: '' }, role: { op: 'PREFIX', value: '' } } };
    default: {
      const typed = typedKeys.find((key) => key === on);
      if (typed) return { on: 'typed', key: typed, value: '' };
      const choice = choiceKeys.find((key) => key === on);
      if (choice) return { on: 'choice', key: choice, value: choice === 'type' ? 'GUIDE' : choice === 'role' ? 'MEMBER' : '' };
      const flag = flagKeys.find((key) => key === on);
      return flag ? { on: 'flag', key: flag, value: true } : { on: 'kind', kind: 'PERSON' };
    }
  }
}

/** The tests of a custom field's answer. */
export type FieldTest = 'answered' | 'unanswered' | 'yes' | 'no' | 'ticked' | 'unticked' | 'equals' | 'prefix' | 'contains' | 'between' | 'days' | 'anyOf' | 'allOf' | 'noneOf';

/** Which tests fit a type, the usual one first. */
export const fieldTests: Record<CustomFieldType, readonly FieldTest[]> = {
  YES_NO: ['yes', 'no', 'answered', 'unanswered'],
  TEXT: ['contains', 'equals', 'prefix', 'answered', 'unanswered'],
  CHECKBOX: ['ticked', 'unticked', 'answered', 'unanswered'],
  DROPDOWN: ['anyOf', 'allOf', 'noneOf', 'answered', 'unanswered'],
  NUMBER: ['between', 'answered', 'unanswered'],
  DATE: ['days', 'answered', 'unanswered'],
  PHONE: ['prefix', 'equals', 'contains', 'answered', 'unanswered'],
  URL: ['contains', 'equals', 'prefix', 'answered', 'unanswered'],
  COUNTRY: ['equals', 'answered', 'unanswered'],
  LONG_TEXT: ['contains', 'prefix', 'answered', 'unanswered'],
};

const textTests: Partial<Record<FieldTest, TextOperator>> = { equals: 'EQUALS', prefix: 'PREFIX', contains: 'CONTAINS' };

/** A test of a field, keeping what was typed or picked for the test before. */
export function fieldTest(id: string, test: FieldTest, before?: FieldFilter): FieldFilter {
  const picked = before?.anyOf ?? before?.allOf ?? before?.noneOf ?? [];
  const op = textTests[test];
  if (op) return { id, text: { op, value: before?.text?.value ?? '' } };
  switch (test) {
    case 'answered':
    case 'unanswered':
      return { id, answered: test === 'answered' };
    case 'yes':
    case 'no':
      return { id, yesNo: test === 'yes' };
    case 'ticked':
    case 'unticked':
      return { id, checked: test === 'ticked' };
    case 'between':
      return { id, number: {} };
    case 'days':
      return { id, date: {} };
    case 'allOf':
      return { id, allOf: picked };
    case 'noneOf':
      return { id, noneOf: picked };
    default:
      return { id, anyOf: picked };
  }
}

/** Which test a filter makes. */
export function testOf(filter: FieldFilter): FieldTest {
  if (typeof filter.answered === 'boolean') return filter.answered ? 'answered' : 'unanswered';
  if (typeof filter.yesNo === 'boolean') return filter.yesNo ? 'yes' : 'no';
  if (typeof filter.checked === 'boolean') return filter.checked ? 'ticked' : 'unticked';
  if (filter.text) {
    if (filter.text.op === 'EMPTY') return 'unanswered';
    return filter.text.op === 'EQUALS' ? 'equals' : filter.text.op === 'PREFIX' ? 'prefix' : 'contains';
  }
  if (filter.number) return 'between';
  if (filter.date) return 'days';
  return filter.allOf ? 'allOf' : filter.noneOf ? 'noneOf' : 'anyOf';
}
