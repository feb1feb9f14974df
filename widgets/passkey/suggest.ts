import type { Core } from '../core/types';
import { page } from '../kit/element';
import { mistakeText } from '../kit/texts';
import { offer } from './ceremony';
import { withOwn } from './texts';

/** Lets the browser offer passkeys at an address, and says in its form when the one that was taken up is no good. */
export async function suggest(core: Core, from: HTMLElement, at: HTMLElement): Promise<void> {
  const [wrong] = await offer(core, from);
  const line = at.closest('form')?.querySelector('[role=alert]');
  if (!wrong || !line) return;
  const manifest = await page().manifest(from.closest<HTMLElement>('[lang]')?.lang ?? '');
  line.textContent = mistakeText(withOwn(manifest), wrong);
}
