import { type Typed, textOf } from './typed';

// As in internal/field/url.go.
const anyScheme = /^[a-z][a-z0-9+.-]*:/i;
const pageAddress = /^https?:\/\/(?:[^\0- \x7f-\xa0./?#@:[\]\\<>"%]+\.)+[^\0- \x7f-\xa0./?#@:[\]\\<>"%]+(?::\d{1,5})?(?:[/?#][^\0- \x7f-\xa0<>"\\]*)?$/i;

const text = textOf(2000);

/** The address of a page, http or https; the server adds the scheme where none is typed. */
export const url: Typed = {
  maxlength: 2000,
  more: { inputmode: 'url', spellcheck: 'false', autocapitalize: 'off' },
  read(typed) {
    const read = text(typed);
    const address = read.given.text ?? '';
    if (!address || pageAddress.test(anyScheme.test(address) ? address : `https://${address}`)) return read;
    return { given: read.given, mistake: { code: 'INVALID_URL' } };
  },
};
