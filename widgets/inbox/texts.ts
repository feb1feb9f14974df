import { type Translate, translator } from '../kit/texts';
import en from './locale/en.json';
import fr from './locale/fr.json';
import nb from './locale/nb.json';

/** The name of one of this module's own texts. */
export type Key = keyof typeof en;

/** Gives one of this module's own texts. */
export type Own = Translate<Key>;

/** This module's own texts, which travel with it. */
export const ownTexts = (language: string): Own => translator({ fr, nb }[language] ?? en);
