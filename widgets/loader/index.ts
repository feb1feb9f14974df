/**
 * carnet.js, the one file whose address never changes: `<script type="module" src=".../widgets/v1/carnet.js" data-site="...">`.
 * It reads the site's manifest, finds our tags in the page, also those that come later, and imports the
 * core and each widget in use once.
 *
 * How a module is fetched: `<link rel=modulepreload integrity>`, then `import()`. The link puts the
 * module into the page's module map after its digest was checked, and the import takes it from there,
 * so nothing unchecked runs. Neither is a Trusted Types sink, where setting `script.src` is one and throws
 * under `trusted-types 'none'`; and an import map added later, the other carrier of integrity for
 * imports, would need an inline script. Tested in Chromium with both. A browser that does not know modulepreload
 * (none since 2023) refuses nothing and imports without the check.
 */
import type { Core, Manifest, Module, Page } from '../core/types';

const script = [...document.querySelectorAll<HTMLScriptElement>('script[data-site]')].find((s) => s.src === import.meta.url);
const once = <T>(get: (key: string) => T, had: Record<string, T> = {}) => (key: string): T => (had[key] ??= get(key));
const languageOf = (el: Element) => el.closest<HTMLElement>('[lang]')?.lang ?? '';

const load = async ({ url, integrity }: Module) => {
  const link = document.createElement('link');
  if (link.relList.supports('modulepreload')) {
    await new Promise((resolve, reject) => {
      const onerror = () => reject(Error(url));
      document.head.append(Object.assign(link, { rel: 'modulepreload', crossOrigin: '', integrity, nonce: script?.nonce, onload: resolve, onerror, href: url }));
    });
  }
  return import(url);
};

/** Our boxes of the page that no widget fills yet. */
const boxes = () => [...document.querySelectorAll<HTMLElement>(':not(:defined),[data-carnet]')].filter((el) => el.dataset['carnet'] || /^carnet-/.test(el.localName));

const manifest = once(async (language): Promise<Manifest> => {
  // What a page holds says which of the site's own questions come along.
  const ask = boxes().map((el) => el.dataset['carnet'] ?? el.localName);
  const answer = await fetch(new URL(`sites/${script?.dataset['site']}?lang=${language}&ask=${ask}`, import.meta.url), { credentials: 'omit' });
  const site = await answer.json();
  if (site.error) throw Error(site.error.message);
  return site;
});

const key = Symbol.for('carnet');
const globals = self as unknown as Record<symbol, Page>;
// Another version of this file, or the same by another address, was before: it goes on alone.
if (globals[key]) throw Error('carnet.js twice');
const first = manifest(languageOf(script ?? document.body));
const use = once(async (widget) => load((await first).widgets[widget]!));
let core: Promise<Core> | undefined;
const page: Page = { manifest, use, get core() { return (core ??= first.then(async (site) => ((await load(site.core)) as typeof import('../core')).open(site, use))); } };
globals[key] = page;

/** A widget that cannot be had leaves what the author put inside the tag, or the server's address to turn to. */
const fail = (el: Element) => (error: Error) => {
  console.error(error);
  if (!el.hasChildNodes()) el.append(`⚠${new URL(import.meta.url).host}`);
  el.dispatchEvent(new CustomEvent('carnet:error', { detail: { code: 'LOAD_FAILED' }, bubbles: true }));
};

const seen = new WeakSet<Element>();
const scan = (names: string[]) => {
  for (const name of names) {
    const tag = name[1] === '-' ? name : `carnet-${name}`; // another vendor's widget is its whole tag, x-...
    for (const box of document.querySelectorAll<HTMLElement>(`[data-carnet=${name}]`)) {
      const el = document.createElement(tag);
      // No listeners, and addresses that lead somewhere: others than the page's owner may have written the box.
      for (const { name, value } of box.attributes) if (/^data-(?!on|.*href[^/h])/.test(name + value)) el.setAttribute(name.slice(5), value);
      el.append(...box.childNodes);
      delete box.dataset['carnet'];
      box.append(el);
    }
    for (const el of document.querySelectorAll(`${tag}:not(:defined)`)) {
      if (seen.has(el)) continue;
      seen.add(el);
      Promise.all([use(name), page.core]).catch(fail(el));
    }
  }
};

first.then(
  ({ widgets }) => {
    const names = Object.keys(widgets);
    scan(names);
    if (location.hash.startsWith('#carnet')) void page.core; // back from a provider, on a page without widgets too
    new MutationObserver(() => scan(names)).observe(document, { subtree: true, childList: true });
  },
  (error: Error) => { for (const el of boxes()) fail(el)(error); },
);
