import type { Core, Manifest, Page, Problem } from '../core/types';
import { button, h, sheet } from './dom';
import css from './styles.css';
import { type Translate, mistakeText, translator } from './texts';

const base = sheet(css);

/** The page that the loader left; there is always one where a widget runs. */
export const page = (): Page => (globalThis as unknown as Record<symbol, Page>)[Symbol.for('carnet')] as Page;

/**
 * What every widget is: an open shadow root with adopted style sheets, filled once the site's manifest
 * is read and the session taken up, then again at each change of the session. Fires `carnet:ready`
 * at the first, `carnet:error` when that fails.
 */
export abstract class CarnetElement extends HTMLElement {
  static readonly observedAttributes: readonly string[] = ['lang'];

  declare protected core: Core;
  declare protected manifest: Manifest;
  declare protected t: Translate;
  protected readonly root: ShadowRoot;
  #unwatch: (() => void) | undefined;

  constructor(own?: CSSStyleSheet) {
    super();
    this.root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    this.root.adoptedStyleSheets = own ? [base, own] : [base];
  }

  /** Shows what the session's state asks for. Called again at each change of it. */
  protected abstract update(): void;

  connectedCallback(): void {
    void this.#start();
  }

  disconnectedCallback(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  attributeChangedCallback(_name: string, before: string | null, after: string | null): void {
    if (this.#unwatch && before !== after) void this.#start();
  }

  async #start(): Promise<void> {
    this.disconnectedCallback();
    try {
      const language = this.closest<HTMLElement>('[lang]')?.lang ?? '';
      const [manifest, core] = await Promise.all([page().manifest(language), page().core]);
      await core.ready;
      if (!this.isConnected || this.#unwatch) return;
      this.root.adoptedStyleSheets = [...this.root.adoptedStyleSheets.slice(0, 2), sheet(manifest.style)];
      this.manifest = manifest;
      this.core = core;
      this.t = translator(manifest.texts);
      this.#unwatch = core.watch(() => this.update());
      this.update();
      core.emit('ready', {}, this);
    } catch (error) {
      this.fail(error as Problem);
    }
  }

  /** Replaces what is shown. The focus follows where the person asked for the change, or was inside. */
  protected show(focus: boolean, ...content: (Node | string | false)[]): void {
    focus ||= !!this.root.activeElement;
    const card = h('div.card', { lang: this.manifest.language }, ...content);
    this.root.replaceChildren(card);
    // Inside another widget the parts stay within reach of the host's style sheet.
    if (this.hasAttribute('nested')) this.setAttribute('exportparts', Array.from(card.querySelectorAll('[part]'), (el) => [...el.part]).flat().join());
    if (focus) card.querySelector<HTMLElement>('input:not([type=hidden]),select,[tabindex="-1"]')?.focus();
  }

  /** The widget cannot work now: says so, keeps what the author put inside the tag, and lets one try again. */
  fail(error: Problem): void {
    const code = error.code || 'UNEXPECTED';
    console.error(error);
    const { t } = this;
    const said = t ? [h('p.alert', { role: 'alert' }, mistakeText(t, { code })), button('secondary', t('retry'), () => void this.#start())] : [];
    this.root.replaceChildren(h('div.card', {}, ...said, h('slot')));
    this.dispatchEvent(new CustomEvent('carnet:error', { detail: { code }, bubbles: true, composed: true }));
  }

  /** Another widget inside this one, loaded when it is needed, without a card of its own. */
  protected nest(name: string, options: object = {}): HTMLElement {
    const box = h('div.nested');
    page().use(name).then(
      () => box.append(Object.assign(h(`carnet-${name}`, { lang: this.manifest.language, nested: true }), options)),
      (error: Problem) => this.fail(error),
    );
    return box;
  }

  protected heading(title: string, sub?: string): HTMLElement {
    return h('header', {}, h('h2.heading', { tabindex: -1 }, title), !!sub && h('p.subheading', {}, sub));
  }
}

/** Defines a widget's element, unless a module of another version has: that one goes on, and the console says so. */
export function define(name: string, element: CustomElementConstructor): void {
  if (customElements.get(name)) console.warn(`carnet: this page has two versions of <${name}>`);
  else customElements.define(name, element);
}
