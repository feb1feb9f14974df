import type { Account } from '../account/element';
import { type Translate, translator } from '../kit/texts';
import en from './locale/en.json';
import fr from './locale/fr.json';
import nb from './locale/nb.json';

/** The name of one of this module's own texts. */
export type Key = keyof typeof en;

/** Gives one of this module's own texts. */
export type Own = Translate<Key>;

/** This module's own texts: they travel with it, since most who open their account look at something else. */
export const ownTexts = (language: string): Own => translator({ fr, nb }[language] ?? en);

/** Texts of mistakes that only this module knows of stand in it. */
export const worded = ({ account, own }: { readonly account: Account; readonly own: Own }): Translate => (key, values) => own(key as Key, values) || account.t(key, values);
