import { notes, star } from '../control';
import { h, newId } from '../dom';
import type { FieldType } from './index';

/** Ticked if its sentence applies (T-43); required means that it must be ticked (T-44). */
export const checkbox: FieldType = (t, { label, help, required, id }, before) => {
  const input = h('input.checkbox', { type: 'checkbox', id: newId(), name: id, 'aria-required': required && 'true' });
  input.checked = !!before?.checked;
  const { nodes, mark } = notes(t, input, help);
  return {
    element: h('div.field', {}, h('label.choice', {}, input, h('span', {}, label, star(required))), ...nodes),
    focusable: input,
    mark,
    check: () => (required && !input.checked ? { code: 'MUST_BE_TICKED' } : undefined),
    value: () => ({ checked: input.checked }),
  };
};
