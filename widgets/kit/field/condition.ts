import type { Field, Given } from './index';

/** What conditions compare of an answer. A box that is not ticked is so, seen or not. */
function words(type: Field['type'], { yesNo, checked, number, text, date, choiceIds }: Given): string[] {
  if (type === 'CHECKBOX') return [String(!!checked)];
  if (choiceIds) return choiceIds;
  const value = yesNo ?? number ?? text ?? date;
  return value == null ? [] : [String(value)]; // no number of a field's is written with an exponent
}

/**
 * Which fields of a form are asked, given the answers: all whose conditions hold. What the form does not ask counts as not
 * answered. The server computes the same (internal/field/condition.go).
 */
export function asked(fields: readonly Pick<Field, 'id' | 'type' | 'showIf'>[], given: (id: string) => Given): Set<string> {
  const known = new Map<string, boolean>();
  const ask = (id: string): boolean => {
    const field = fields.find((one) => one.id === id);
    if (!field) return false;
    const is = known.get(id);
    if (is !== undefined) return is;
    known.set(id, false); // in a circle, which the server refuses, nobody is asked
    const all = field.showIf.every(({ fieldId, op, values }) => {
      if (!ask(fieldId)) return false;
      const type = fields.find((one) => one.id === fieldId)!.type;
      const said = words(type, given(fieldId));
      if (op === 'EQUALS') return said.join('\n') === values.join('\n');
      if (op === 'ANY_OF') return said.some((word) => values.includes(word));
      return type === 'CHECKBOX' ? said[0] === 'true' : said.length > 0;
    });
    known.set(id, all);
    return all;
  };
  return new Set(fields.map(({ id }) => id).filter(ask));
}
