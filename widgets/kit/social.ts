import type { Core, Manifest } from '../core/types';
import { h } from './dom';
import type { Translate } from './texts';

/**
 * A button for each of the site's providers, and a rule below. They can be clicked once the attempt
 * is prepared: the popup must open within the click itself.
 */
export function socialButtons(core: Core, { providers }: Manifest, t: Translate, from: EventTarget): Node[] {
  if (!providers.length) return [];
  const buttons = providers.map(({ name, label }) =>
    h('button.secondary', { type: 'button', disabled: true, onclick: () => core.social(name, from) }, label));
  void core.prepare().then(() => buttons.forEach((one) => { one.disabled = false; }));
  return [h('div.stack', {}, ...buttons), h('p.divider', {}, t('or'))];
}
