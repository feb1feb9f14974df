// The schema's open scalars, as narrow as their descriptions allow.

/** A JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** A segment's rule: an object of the shape of ContactFilter. `segment/rule.ts` reads it. */
export type Rule = { [key: string]: Json };

/** Texts by language code: `{ fr: { label: 'Prénom' } }`. */
export type Translations = { [language: string]: { [text: string]: string } };
