import { textInput } from '../control';
import type { Mistake, Translate } from '../texts';
import { single } from './dropdown';
import type { Before, Field, FieldControl, Given } from './index';

/** A type of question whose answer is typed, or picked of a list that the type brings: what such a type says of itself. */
export interface Typed {
  /** What is typed, as the API takes it, or what is wrong with it. The server says the same of it (`internal/field`). */
  read(typed: string): { given: Given; mistake?: Mistake };
  /** The input's type, where it is not a plain line of text. */
  readonly type?: string;
  readonly maxlength?: number;
  /** For several lines: a `textarea`, whose rows stand in `more`. */
  readonly tag?: 'textarea.input';
  /** More of the input's attributes. */
  readonly more?: Record<string, string>;
  /** A list to pick from instead, in a language. */
  choices?(language: string): Field['choices'];
}

/** Makes the control of such a type, filled with what was answered before. */
export function typed(t: Translate, field: Field, { read, choices, ...type }: Typed, language: string, before?: Before): FieldControl {
  const was = before && String(before.text ?? before.number ?? before.date ?? '');
  if (choices) {
    const control = single(t, { ...field, choices: choices(language) }, was ? [was] : []);
    return { ...control, value: () => read((control.focusable as HTMLSelectElement).value).given };
  }
  const { label, help, required } = field;
  const control = textInput(t, { name: field.id, label, help, required, autocomplete: 'off', ...type });
  const { input } = control;
  input.value = was ?? ''; // a textarea has no attribute for it
  return {
    ...control,
    // A browser gives no value of a date that is typed by halves.
    check: () => (input.validity.badInput ? { code: 'INVALID_DATE' } : control.check() ?? read(input.value).mistake),
    value: () => read(input.value).given,
  };
}

/** Reads a text of so many characters at most. White space around it does not count, nor does white space alone answer. */
export const textOf = (most: number): Typed['read'] => (typed) => {
  const text = typed.trim();
  return { given: text ? { text } : {}, ...([...text].length > most && { mistake: { code: 'TOO_LONG' } }) };
};
