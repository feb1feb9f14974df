import { notes, star } from '../control';
import { h, newId } from '../dom';
import type { Mistake, Translate } from '../texts';
import type { Field, FieldControl, FieldType } from './index';

/** One item of a list (T-45), or several where the field allows it (T-49). */
export const dropdown: FieldType = (t, field, before) => {
  const picked = before?.choices?.map(({ id }) => id) ?? [];
  return field.multiple ? several(t, field, picked) : single(t, field, picked);
};

/** A list that opens. Its first line stands for "not answered". */
export function single(t: Translate, { label, help, required, choices, id }: Field, before: readonly string[]): FieldControl {
  const select = h('select.select', { id: newId(), name: id, 'aria-required': required && 'true' }, h('option', { value: '' }, t('choose')), ...choices.map((one) => h('option', { value: one.id }, one.label)));
  select.value = before[0] ?? '';
  const { nodes, mark } = notes(t, select, help);
  return {
    element: h('div.field', {}, h('label.label', { for: select.id }, label, star(required)), h('div.list', {}, select), ...nodes),
    focusable: select,
    mark,
    check: () => (required && !select.value ? { code: 'REQUIRED' } : undefined),
    value: () => (select.value ? { choiceIds: [select.value] } : {}),
  };
}

/** Boxes to tick, with a line that says how many are asked for and how many are picked. */
function several(t: Translate, field: Field, before: readonly string[]): FieldControl {
  const { label, help, required, choices, multiple, id } = field;
  const min = field.minChoices ?? 0;
  const max = field.maxChoices ?? choices.length;
  const boxes = choices.map((one) => h('input.checkbox', { type: 'checkbox', value: one.id, name: id }));
  for (const box of boxes) box.checked = before.includes(box.value);
  const picked = () => boxes.filter((box) => box.checked);
  const asked = t(multiple === 'EXACT' ? 'pick.exact' : multiple === 'RANGE' ? 'pick.range' : 'pick.any', { min, max });
  const count = h('span.count', { role: 'status' });
  const legend = h('legend.label', { id: newId() }, label, star(required));
  const list = h('div.choices', {}, ...boxes.map((box, i) => h('label.choice', {}, box, h('span', {}, choices[i]?.label))));
  const group = h('fieldset.field', { 'aria-labelledby': legend.id }, legend);
  const { nodes, mark } = notes(t, group, [help, asked].filter(Boolean).join(' '));
  group.addEventListener('change', () => { count.textContent = t('pick.count', { n: picked().length }); });
  group.append(list, count, ...nodes.filter((node): node is HTMLElement => !!node));
  return {
    element: group,
    focusable: boxes[0] ?? group,
    mark,
    check: () => countMistake(picked().length, { required, min, max }),
    value: () => {
      const choiceIds = picked().map((box) => box.value);
      return choiceIds.length ? { choiceIds } : {};
    },
  };
}

/** Holds a number of picks to the field's mode, both ends included (T-50 to T-52). None is "not answered". */
export function countMistake(n: number, { required, min, max }: { required: boolean; min: number; max: number }): Mistake | undefined {
  if (n === 0) return required ? { code: 'REQUIRED' } : undefined;
  if (n < min) return { code: 'TOO_FEW_CHOICES', values: { min } };
  return n > max ? { code: 'TOO_MANY_CHOICES', values: { max } } : undefined;
}
