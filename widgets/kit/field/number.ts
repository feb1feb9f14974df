import type { Typed } from './typed';

// As in internal/field/number.go, where the reasons stand.
const between = /[ \u00a0\u2009\u202f'’]/g;
const plain = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)$/;
const eitherComma = /^[+-]?[1-9]\d{0,2},\d{3}$/;

/** A number as people write it: 1234.5, 1 234,5. A comma that could stand between thousands is asked about. */
export const number: Typed = {
  more: { inputmode: 'decimal' },
  read(typed) {
    const text = typed.trim().replace(between, '').replace('−', '-');
    if (!text) return { given: {} };
    const mistake = { code: 'INVALID_NUMBER' };
    if (!plain.test(text) || eitherComma.test(text)) return { given: {}, mistake };
    const number = Number(text.replace(',', '.')) + 0; // no negative zero
    const size = Math.abs(number);
    const digits = size.toExponential().replace(/\.|e.*/g, '').length;
    return { given: { number }, ...(digits > 15 || size >= 1e15 || (size && size < 1e-6) ? { mistake } : {}) };
  },
};
