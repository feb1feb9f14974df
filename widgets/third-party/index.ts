import type { ThirdParty } from '../core/types';
import { page } from '../kit/element';
import { ThirdPartyFrame } from './frame';

// One module for all of a site's widgets of other vendors: the manifest names it by the tag of each.
const { widgets } = await page().manifest(document.documentElement.lang);
for (const [tag, { thirdParty }] of Object.entries(widgets)) {
  if (thirdParty && !customElements.get(tag)) define(tag, thirdParty);
}

function define(tag: string, widget: ThirdParty): void {
  customElements.define(tag, class extends ThirdPartyFrame {
    protected override readonly widget = widget;
  });
}
