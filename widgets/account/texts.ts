import { type Translate, translator } from '../kit/texts';
import en from './locale/en.json';
import fr from './locale/fr.json';
import nb from './locale/nb.json';

/** The name of one of this widget's own texts. */
export type Key = keyof typeof en;

/** Gives one of this widget's own texts with its `{...}` filled in. */
export type Own = Translate<Key>;

/**
 * This widget's own texts. They travel with its module and not with every page's manifest: most pages have no
 * `<carnet-account>`, and its texts are as many as those of all other widgets together.
 */
export function ownTexts(language: string): Own {
  return translator({ fr, nb }[language] ?? en);
}
