import { type Translate, translator } from '../kit/texts';
import en from './locale/en.json';
import fr from './locale/fr.json';
import nb from './locale/nb.json';

/** This module's own texts: they travel with it, since most visits need none of them. */
export const ownTexts = (language: string): Translate<keyof typeof en> => translator({ fr, nb }[language] ?? en);
