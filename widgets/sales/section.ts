import type { Account } from '../account/element';
import { button, h, sheet } from '../kit/dom';
import css from './styles.css';

const own = sheet(css);

/** Shows what a section holds, in the place of what was there. */
export type Show = (...content: Node[]) => void;

/** Reads what a section has to show into its place in the account; what cannot be read says so, and is read again. */
export function fill({ element, t }: Account, place: HTMLElement, section: (show: Show) => Promise<void>): void {
  const root = element.shadowRoot;
  if (root && !root.adoptedStyleSheets.includes(own)) root.adoptedStyleSheets = [...root.adoptedStyleSheets, own];
  const show: Show = (...content) => {
    place.removeAttribute('aria-busy');
    place.replaceChildren(...content);
  };
  const read = () => void section(show).catch(() => show(h('p.alert', { role: 'alert' }, t('error.UNEXPECTED')), button('link', t('retry'), read)));
  read();
}
