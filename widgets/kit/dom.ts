/** What an element may be given: `on...` listeners, true and false for attributes without a value, texts for the rest. */
type Props = Record<string, string | number | boolean | undefined | ((event: Event) => void)>;
type Child = Node | string | false | undefined;

/**
 * Makes an element, named as in `h('p.error', ...)`: what follows the tag is both its class, for our style sheet, and its
 * part, for the host's. Nodes only, never markup: the host's page may enforce Trusted Types, and texts of
 * a site or a person stay texts.
 */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K | `${K}.${string}`, props?: Props, ...children: Child[]): HTMLElementTagNameMap[K];
export function h(tag: `carnet-${string}`, props?: Props, ...children: Child[]): HTMLElement;
export function h(name: string, props: Props = {}, ...children: Child[]): HTMLElement {
  const [tag = '', ...parts] = name.split('.');
  const el = document.createElement(tag);
  if (parts[0]) {
    el.className = parts.join(' ');
    el.part.add(...parts);
  }
  for (const [key, value] of Object.entries(props)) {
    if (typeof value === 'function') el.addEventListener(key.slice(2), value);
    else if (value !== false && value !== undefined) el.setAttribute(key, value === true ? '' : String(value));
  }
  el.append(...children.filter((child): child is Node | string => !!child));
  return el;
}

/** A button that does something here. */
export function button(kind: 'button' | 'secondary' | 'link', label: string, onclick: () => void): HTMLButtonElement {
  return h(`button.${kind}`, { type: 'button', onclick }, label);
}

let last = 0;
/** An id of its own for each label and message of a page. */
export const newId = (): string => `c${++last}`;

/** A style sheet to adopt: needs no `style-src` of the host's policy. */
export function sheet(css: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(css);
  return made;
}
