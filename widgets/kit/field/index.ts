/**
 * The site's own questions, one file a type, each with the rules of its twin in the server's
 * `internal/field`. The server decides; a rule here only says the same without a journey.
 */
import type { Core } from '../../core/types';
import { type AnswerInput, type CustomFieldType, type Operation, type Surface, surfaceFields } from '../../operations';
import type { Control } from '../control';
import type { Translate } from '../texts';
import { checkbox } from './checkbox';
import { dropdown } from './dropdown';
import { text } from './text';
import { yesNo } from './yesno';

type Answered<T> = T extends Operation<infer Answer, infer _Variables> ? Answer : never;

/** A question as the API tells it. */
export type Field = Answered<typeof surfaceFields>['surfaceFields'][number];

/** A question of the site's own in a form. */
export interface FieldControl extends Omit<Control, 'owns'> {
  /** What is answered now; without a value when nothing is. */
  value(): Omit<AnswerInput, 'fieldId'>;
}

/** What was answered before, as the API tells it: the one value of the question's type. */
export interface Given {
  readonly field: { readonly id: string };
  readonly yesNo: boolean | null;
  readonly text: string | null;
  readonly checked: boolean | null;
  readonly choices: readonly { readonly id: string }[] | null;
}

/** Makes the control of one type of question, filled with what was answered before. */
export type FieldType = (t: Translate, field: Field, given?: Given) => FieldControl;

/** Every type (T-39): the one place to add one. */
const types: Record<CustomFieldType, FieldType> = { YES_NO: yesNo, TEXT: text, CHECKBOX: checkbox, DROPDOWN: dropdown };

/** The questions of a surface, in the site's order, and their answers as the API takes them. */
export interface Questions {
  readonly controls: readonly Control[];
  answers(): AnswerInput[];
}

/** Asks the server for the questions of a surface and makes their controls, filled with what was answered before. */
export async function questions(core: Core, t: Translate, surface: Surface, language: string, given: readonly Given[] = []): Promise<Questions> {
  const { surfaceFields: fields } = await core.graphql(surfaceFields, { surface, language });
  const made = fields.map((field) => ({ field, control: types[field.type](t, field, given.find((one) => one.field.id === field.id)) }));
  return {
    controls: made.map(({ field, control }, index) => ({
      ...control,
      // The path of an error holds the answer's place in what was sent, or the field's id where none was.
      owns: (path) => {
        const at = path[path.indexOf('answers') + 1];
        return path.includes('answers') && (at === String(index) || at === field.id);
      },
    })),
    answers: () => made.map(({ field, control }) => ({ fieldId: field.id, ...control.value() })),
  };
}
