import type { Manifest } from '../core/types';
import { type Translate, translator } from '../kit/texts';
import en from './locale/en.json';
import fr from './locale/fr.json';
import nb from './locale/nb.json';

const of = (language: string): typeof en => ({ fr, nb })[language] ?? en;

/** This module's own texts: they travel with it, since most visits need none of them. */
export const ownTexts = (language: string): Translate<keyof typeof en> => translator(of(language));

/** The manifest's texts and these, for forms: they say what went wrong with a passkey. */
export const withOwn = ({ texts, language }: Manifest): Translate => translator({ ...texts, ...of(language) });
