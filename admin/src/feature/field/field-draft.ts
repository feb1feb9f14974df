import type { Translations } from '@/api/scalar';
import type {
  ChoiceInput,
  CreateCustomFieldInput,
  CustomFieldType,
  FieldConditionOp,
  FieldFullFragment,
  MultipleMode,
  UpdateCustomFieldInput,
} from '@/gql/graphql';
import { languages } from '@/locale/language';

/** The types, in the order they are offered (T-39). */
export const fieldTypes: readonly CustomFieldType[] = ['YES_NO', 'TEXT', 'CHECKBOX', 'DROPDOWN', 'NUMBER', 'DATE', 'PHONE', 'URL', 'COUNTRY', 'LONG_TEXT'];

/** How many choices a dropdown may have (T-48). The server refuses more. */
export const choiceLimit = 20;

/** How many conditions a field may have. The server refuses more. */
export const conditionLimit = 5;

/** What another field's answer must be, while it is written. */
export interface ConditionDraft {
  fieldId: string;
  op: FieldConditionOp;
  values: string[];
}

/** The three places where a field may show, by the flag that says so. */
export const surfaces = ['onRegistration', 'onCheckout', 'onProfile'] as const;

/** A choice that exists, with its label as edited. */
export interface ChoiceDraft {
  id: string;
  label: string;
}

/** A field while it is written or edited; texts are in the site's language. */
export interface FieldDraft {
  type: CustomFieldType;
  label: string;
  help: string;
  required: boolean;
  onRegistration: boolean;
  onCheckout: boolean;
  onProfile: boolean;
  /** Choices that exist. They keep their ids, so that renaming one loses no answer. */
  choices: ChoiceDraft[];
  /** New choices, one per line (T-47). */
  added: string;
  /** Empty when one choice is the answer. */
  multiple: MultipleMode | '';
  minChoices: number | '';
  maxChoices: number | '';
  /** All must hold for the field to be asked. */
  showIf: ConditionDraft[];
  /** By language, then `label` and `help`. */
  texts: Translations;
  /** By choice (its id, or `+` and its label while it is new), then by language. */
  choiceTexts: Translations;
}

/** The lines of a text that hold something, without the blanks around. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** How many choices the field would have. */
export const choiceCount = (draft: FieldDraft): number => draft.choices.length + linesOf(draft.added).length;

/** Where a new choice's translations are kept. */
export const newChoiceKey = (label: string): string => `+${label}`;

/** The languages a site's texts can be translated to: all of ours but its own. */
export const otherLanguages = (own: string) => languages.filter((language) => language !== own);

/** A new field: a text, shown nowhere yet. */
export const blankDraft: FieldDraft = {
  type: 'TEXT',
  label: '',
  help: '',
  required: false,
  onRegistration: false,
  onCheckout: false,
  onProfile: false,
  choices: [],
  added: '',
  multiple: '',
  minChoices: '',
  maxChoices: '',
  showIf: [],
  texts: {},
  choiceTexts: {},
};

/** An existing field, ready to edit. */
export function draftOf(field: FieldFullFragment): FieldDraft {
  const choiceTexts: Translations = {};
  for (const choice of field.choices) {
    choiceTexts[choice.id] = Object.fromEntries(Object.entries(choice.translations ?? {}).map(([language, texts]) => [language, texts['label'] ?? '']));
  }
  return {
    type: field.type,
    label: field.label,
    help: field.help,
    required: field.required,
    onRegistration: field.onRegistration,
    onCheckout: field.onCheckout,
    onProfile: field.onProfile,
    choices: field.choices.map(({ id, label }) => ({ id, label })),
    added: '',
    multiple: field.multiple ?? '',
    minChoices: field.minChoices ?? '',
    maxChoices: field.maxChoices ?? '',
    showIf: field.showIf.map(({ fieldId, op, values }) => ({ fieldId, op, values: [...values] })),
    texts: field.translations ?? {},
    choiceTexts,
  };
}

/** Drops empty texts, and languages without any. */
function withoutEmpty(texts: Translations): Translations {
  const kept: Translations = {};
  for (const [language, byName] of Object.entries(texts)) {
    const some = Object.entries(byName).filter(([, text]) => text.trim() !== '');
    if (some.length > 0) kept[language] = Object.fromEntries(some);
  }
  return kept;
}

function choiceInputs(draft: FieldDraft): ChoiceInput[] {
  const translationsOf = (key: string) =>
    withoutEmpty(Object.fromEntries(Object.entries(draft.choiceTexts[key] ?? {}).map(([language, label]) => [language, { label }])));
  return [
    ...draft.choices.map(({ id, label }) => ({ id, label, translations: translationsOf(id) })),
    ...linesOf(draft.added).map((label) => ({ label, translations: translationsOf(newChoiceKey(label)) })),
  ];
}

const shared = (draft: FieldDraft) => ({
  label: draft.label,
  help: draft.help,
  translations: withoutEmpty(draft.texts),
  required: draft.required,
  onRegistration: draft.onRegistration,
  onCheckout: draft.onCheckout,
  onProfile: draft.onProfile,
  showIf: draft.showIf.filter(({ fieldId }) => fieldId !== ''),
});

/** What only a dropdown has. A mode brings its own bounds and clears the others. */
const dropdown = (draft: FieldDraft) => ({
  choices: choiceInputs(draft),
  multiple: draft.multiple || null,
  minChoices: draft.multiple === 'EXACT' || draft.multiple === 'RANGE' ? orNull(draft.minChoices) : null,
  maxChoices: draft.multiple === 'RANGE' ? orNull(draft.maxChoices) : null,
});

const orNull = (value: number | ''): number | null => (value === '' ? null : value);

/** The input that makes the field. */
export const createInput = (draft: FieldDraft): CreateCustomFieldInput => ({
  type: draft.type,
  ...shared(draft),
  ...(draft.type === 'DROPDOWN' && dropdown(draft)),
});

/** The input that changes the field; its type stays. */
export const updateInput = (id: string, draft: FieldDraft): UpdateCustomFieldInput => ({
  id,
  ...shared(draft),
  ...(draft.type === 'DROPDOWN' && dropdown(draft)),
});
