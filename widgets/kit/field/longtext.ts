import { type Typed, textOf } from './typed';

/** A text of several lines. The limit stands in `internal/field/longtext.go` too. */
export const longText: Typed = { read: textOf(10_000), tag: 'textarea.input', more: { rows: '5' } };
