import type { Typed } from './typed';
import { textOf } from './typed';

const text = textOf(2000);

/** A phone number, however it is typed. Which numbers a country has the server knows; here it is only seen that it can be one. */
export const phone: Typed = {
  type: 'tel',
  maxlength: 100,
  read(typed) {
    const { given } = text(typed);
    const digits = typed.replace(/\D/g, '').length;
    return { given, ...(given.text && digits < 3 && { mistake: { code: 'INVALID_PHONE' } }) };
  },
};
