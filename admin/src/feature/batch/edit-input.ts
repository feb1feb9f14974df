import { answerInput, type AnswerValue } from '@/feature/contact/answer';
import type { AnswerInput, BatchEditInput, FieldFullFragment, OperationalType, OrganizationKind } from '@/gql/graphql';

/** What can be set on many contacts at once (P-16), in the order it is offered. Custom fields follow by their ids. */
export const attributes = [
  'title', 'company', 'functionId', 'organizationKind', 'recognised', 'natureId', 'types', 'language', 'postcode', 'city', 'country', 'validUntil', 'ambassador', 'listed', 'note',
] as const;
export type Attribute = (typeof attributes)[number];

/** The name of an attribute. */
export const attributeText = (key: Attribute) => (key === 'functionId' ? 'contact.field.function' : key === 'natureId' ? 'contact.field.nature' : (`contact.field.${key}` as const));

/** Attributes and fields that are yes or no, where empty would clear nothing. */
export const flags: readonly string[] = ['recognised', 'ambassador', 'listed'];

/** One attribute to set, as the form holds it; `key` is an attribute's name or a field's id. */
export interface Row {
  key: string;
  text: string;
  types: OperationalType[];
  answer: AnswerValue;
}

const isAttribute = (key: string): key is Attribute => attributes.some((one) => one === key);

/** The input of the rows; null while one is not chosen, or a yes or no not answered. */
export function editInput(rows: readonly Row[], fields: ReadonlyMap<string, FieldFullFragment>): BatchEditInput | null {
  if (rows.length === 0) return null;
  const edit: BatchEditInput = {};
  const answers: AnswerInput[] = [];
  for (const { key, text, types, answer } of rows) {
    const field = fields.get(key);
    if (field) answers.push(answerInput(field, answer));
    else if (!isAttribute(key)) return null;
    else if (key === 'recognised' || key === 'ambassador' || key === 'listed') {
      if (text === '') return null;
      edit[key] = text === 'true';
    } else if (key === 'types') edit.types = types;
    else if (key === 'postcode' || key === 'city' || key === 'country') edit.address = { ...edit.address, [key]: text };
    else if (key === 'organizationKind') edit.organizationKind = (text || null) as OrganizationKind | null;
    else if (key === 'validUntil' || key === 'functionId' || key === 'natureId') edit[key] = text || null;
    else edit[key] = text;
  }
  return answers.length > 0 ? { ...edit, answers } : edit;
}
