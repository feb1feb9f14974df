/**
 * The rarer types of question, and questions that depend on others, in a module of their own that the loader fetches when a form has such a question: a page
 * without one pays nothing for them. What is in here makes no nodes itself, so that ids stay those of the widget's.
 */
import { country } from './country';
import { date } from './date';
import type { FurtherType } from './index';
import { longText } from './longtext';
import { number } from './number';
import { phone } from './phone';
import type { Typed } from './typed';
import { url } from './url';

export { asked } from './condition';

/** Every further type: the one place to add one. */
export const types: Record<FurtherType, Typed> = { NUMBER: number, DATE: date, PHONE: phone, URL: url, COUNTRY: country, LONG_TEXT: longText };
