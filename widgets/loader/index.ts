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
const once = <T>(get: (key: string) => T) => {
  const had: Record<string, T> = {};
  return (key: string): T => (had[key] ??= get(key));
};
const languageOf = (el: Element) => el.closest<HTMLElement>('[lang]')?.lang ?? '';

const load = async ({ url, integrity }: Module) => {
  const link = document.createElement('link');
  if (link.relList.supports('modulepreload')) {
    await new Promise((resolve, reject) => {
      Object.assign(link, { rel: 'modulepreload', crossOrigin: '', integrity, nonce: script?.nonce, onload: resolve, onerror: reject, href: url });
      document.head.append(link);
    });
  }
  return import(url);
};

const manifest = once(async (language): Promise<Manifest> => {
  const answer = await fetch(new URL(`sites/${script?.dataset['site']}?lang=${language}`, import.meta.url), { credentials: 'omit' });
  const body = await answer.json();
  if (!answer.ok) throw Error(body.error.message);
  return body;
});

const first = manifest(languageOf(script ?? document.body));
const use = once(async (widget) => {
  const module = (await first).widgets[widget];
  if (!module) throw Error(`carnet: no widget ${widget}`);
  return load(module);
});
const core = once(async () => {
  const site = await first;
  return ((await load(site.core)) as { open(site: Manifest): Core }).open(site);
});
const page: Page = { manifest, use, get core() { return core(''); } };
Object.assign(globalThis, { [Symbol.for('carnet')]: page });

/** A widget that cannot be had leaves what the author put inside the tag, or the server's address to turn to. */
const fail = (el: Element) => (error: Error) => {
  console.error(error);
  if (!el.hasChildNodes()) el.append(`⚠ ${new URL(import.meta.url).host}`);
  el.dispatchEvent(new CustomEvent('carnet:error', { detail: { code: 'LOAD_FAILED' }, bubbles: true, composed: true }));
};

const seen = new WeakSet<Element>();
const scan = (names: string[]) => {
  for (const name of names) {
    for (const box of document.querySelectorAll<HTMLElement>(`[data-carnet=${name}]`)) {
      const el = document.createElement(`carnet-${name}`);
      for (const [key, value] of Object.entries(box.dataset)) el.setAttribute(key.replace(/[A-Z]/g, '-$&').toLowerCase(), value ?? '');
      el.append(...box.childNodes);
      box.removeAttribute('data-carnet');
      box.append(el);
    }
    for (const el of document.querySelectorAll(`carnet-${name}:not(:defined)`)) {
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
  (error: Error) => document.querySelectorAll('carnet-login,carnet-registration,carnet-checkout,[data-carnet]').forEach((el) => fail(el)(error)),
);
