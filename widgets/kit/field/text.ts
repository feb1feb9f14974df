import { textInput } from '../control';
import type { FieldType } from './index';

/** How many characters an answer has at most; the same number stands in `internal/field/text.go`. */
const most = 2000;

/** A sentence (T-42). White space around it does not count, nor does white space alone answer. */
export const text: FieldType = (t, field, given) => {
  const control = textInput(t, { name: field.id, label: field.label, help: field.help, required: field.required, autocomplete: 'off', maxlength: most, value: given?.text ?? undefined });
  return {
    ...control,
    value: () => {
      const typed = control.input.value.trim();
      return typed ? { text: typed } : {};
    },
  };
};
