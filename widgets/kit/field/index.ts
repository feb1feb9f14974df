/**
 * The site's own questions, one file a type, each with the rules of its twin in the server's
 * `internal/field`. The server decides; a rule here only says the same without a journey.
 */
import type { Core, Manifest } from '../../core/types';
import { type AnswerInput, type CustomFieldType, type Operation, type Surface, surfaceFields } from '../../operations';
import type { Control } from '../control';
import { h } from '../dom';
import { page } from '../element';
import type { Translate } from '../texts';
import { checkbox } from './checkbox';
import { dropdown } from './dropdown';
import { text } from './text';
import { typed } from './typed';
import { yesNo } from './yesno';

type Answered<T> = T extends Operation<infer Answer, infer _Variables> ? Answer : never;

/** A question as the API tells it. */
export type Field = Answered<typeof surfaceFields>['surfaceFields'][number];

/** A question of the site's own in a form. */
export interface FieldControl extends Omit<Control, 'owns'> {
  /** What is answered now; without a value when nothing is. */
  value(): Given;
}

/** The value of an answer. */
export type Given = Omit<AnswerInput, 'fieldId'>;

/** What was answered before, as the API tells it: the one value of the question's type. */
export interface Before {
  readonly field: { readonly id: string };
  readonly yesNo: boolean | null;
  readonly text: string | null;
  readonly number: number | null;
  readonly date: string | null;
  readonly checked: boolean | null;
  readonly choices: readonly { readonly id: string }[] | null;
}

/** Makes the control of one type of question, filled with what was answered before. */
export type FieldType = (t: Translate, field: Field, before?: Before) => FieldControl;

/** The types that most forms ask (T-39). The others stand in further.ts: that is the place to add one. */
const types = { YES_NO: yesNo, TEXT: (t, field, before) => typed(t, field, text, '', before), CHECKBOX: checkbox, DROPDOWN: dropdown } satisfies Partial<Record<CustomFieldType, FieldType>>;

/** A type that is fetched when a form asks it. */
export type FurtherType = Exclude<CustomFieldType, keyof typeof types>;

const isUsual = (type: CustomFieldType): type is keyof typeof types => type in types;

/** The questions of a surface, in the site's order, and their answers as the API takes them. */
export interface Questions {
  readonly controls: readonly Control[];
  answers(): AnswerInput[];
  /** After a refusal of answers: the questions as they are now, with what was answered; none when they are these. */
  renewed(): Promise<Questions | undefined>;
}

/**
 * Makes the controls of a surface's questions, filled with what was answered before. The questions are those that came with the manifest, else the
 * server is asked.
 */
export async function questions(core: Core, t: Translate, manifest: Manifest, surface: Surface, before: readonly Before[] = []): Promise<Questions> {
  return controls(core, t, manifest, surface, before, manifest.questions?.[surface] ?? (await ask(core, manifest, surface)));
}

const ask = async (core: Core, { language }: Manifest, surface: Surface): Promise<readonly Field[]> => (await core.graphql(surfaceFields, { surface, language })).surfaceFields;

async function controls(core: Core, t: Translate, manifest: Manifest, surface: Surface, before: readonly Before[], fields: readonly Field[]): Promise<Questions> {
  const { language } = manifest;
  const further = fields.some(({ type, showIf }) => !isUsual(type) || showIf.length) ? ((await page().use('fields')) as typeof import('./further')) : undefined;
  const make = (field: Field) => {
    const was = before.find((one) => one.field.id === field.id);
    return isUsual(field.type) ? types[field.type](t, field, was) : typed(t, field, further!.types[field.type], language, was);
  };
  const made = fields.map((field) => ({ field, control: make(field) }));
  /** Shows what is asked and hides the rest. Who cannot see it is told what came. */
  const settle = (said?: Element) => {
    const asked = further?.asked(fields, (id) => made.find(({ field }) => field.id === id)!.control.value());
    const moved = made.filter(({ field, control: { element } }) => asked && element.hidden !== (element.hidden = !asked.has(field.id)));
    const come = moved.filter(({ control }) => !control.element.hidden);
    if (said && moved[0]) said.textContent = come[0] ? t('asked', { labels: come.map(({ field }) => field.label).join(', ') }) : '';
  };
  for (const { field, control: { element } } of made) {
    if (!fields.some(({ showIf }) => showIf.some(({ fieldId }) => fieldId === field.id))) continue;
    const said = h('span.spoken', { role: 'status' });
    element.append(said);
    for (const kind of ['input', 'change']) element.addEventListener(kind, () => settle(said));
  }
  settle();
  // What is not asked is sent without a value, so that each answer keeps its place.
  const answers = (): AnswerInput[] => made.map(({ field, control }) => ({ fieldId: field.id, ...(!control.element.hidden && control.value()) }));
  return {
    controls: made.map(({ field, control }, index) => ({
      ...control,
      check: () => (control.element.hidden ? undefined : control.check()),
      // The path of an error holds the answer's place in what was sent, or the field's id where none was.
      owns: (path) => {
        const at = path[path.indexOf('answers') + 1];
        return path.includes('answers') && (at === String(index) || at === field.id);
      },
    })),
    answers,
    async renewed() {
      const now = await ask(core, manifest, surface);
      const was = answers().map(({ fieldId, choiceIds, ...rest }) => ({ ...rest, field: { id: fieldId }, choices: choiceIds?.map((id) => ({ id })) }));
      return JSON.stringify(now) === JSON.stringify(fields) ? undefined : controls(core, t, manifest, surface, was as unknown as Before[], now);
    },
  };
}
