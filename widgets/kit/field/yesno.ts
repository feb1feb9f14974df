import { notes, star } from '../control';
import { button, h, newId } from '../dom';
import type { FieldType } from './index';

/**
 * Yes or No, actively marked (T-40): nothing is marked at first, and a question that need not be
 * answered can be made unanswered again (T-41).
 */
export const yesNo: FieldType = (t, { label, help, required, id }, before) => {
  const name = newId();
  const option = (value: string) => h('input.radio', { type: 'radio', name, value, id: newId(), 'data-field': id, onchange: () => { clear.hidden = !!required; } });
  const yes = option('yes');
  const no = option('no');
  const clear = button('link', t('clear'), () => {
    yes.checked = no.checked = false;
    clear.hidden = true;
    yes.focus();
    yes.dispatchEvent(new Event('input', { bubbles: true }));
  });
  yes.checked = before?.yesNo === true;
  no.checked = before?.yesNo === false;
  clear.hidden = !!required || !(yes.checked || no.checked);
  const legend = h('legend.label', { id: newId() }, label, star(required));
  const choice = (input: HTMLInputElement, word: string) => h('label.segment', {}, input, h('span', {}, word));
  const group = h('fieldset.field', { role: 'radiogroup', 'aria-labelledby': legend.id, 'aria-required': required && 'true' }, legend);
  const { nodes, mark } = notes(t, group, help);
  group.append(h('div.row', {}, h('div.segments', {}, choice(yes, t('yes')), choice(no, t('no'))), clear), ...nodes.filter((node): node is HTMLElement => !!node));
  return {
    element: group,
    focusable: yes,
    mark,
    check: () => (required && !yes.checked && !no.checked ? { code: 'REQUIRED' } : undefined),
    value: () => (yes.checked || no.checked ? { yesNo: yes.checked } : {}),
  };
};
