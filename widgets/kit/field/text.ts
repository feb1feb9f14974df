import { type Typed, textOf } from './typed';

/** A sentence (T-42) of at most so many characters; the same number stands in `internal/field/text.go`. */
const maxlength = 2000;

export const text: Typed = { read: textOf(maxlength), maxlength };
