import { type Translate, translator } from '../kit/texts';
import en from './locale/en.json';
import fr from './locale/fr.json';
import nb from './locale/nb.json';

/** Gives one of this widget's own texts, which travel with it. */
export type Own = Translate<keyof typeof en>;

export const ownTexts = (language: string): Own => translator({ fr, nb }[language] ?? en);
