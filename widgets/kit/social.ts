import type { Core, Manifest } from '../core/types';
import { button, h } from './dom';
import type { Translate } from './texts';

/**
 * A button for each of the site's providers, and a rule below. They can be clicked once the attempt
 * is prepared: the popup must open within the click itself.
 */
export function socialButtons(core: Core, { providers }: Manifest, t: Translate, from: EventTarget): Node[] {
  if (!providers.length) return [];
  const stack = h('div.stack', { inert: true }, ...providers.map(({ name, label }) => button('secondary', label, () => core.social(name, from))));
  void core.prepare().then(() => { stack.inert = false; });
  return [stack, h('p.divider', {}, t('or'))];
}
