import type { Me, Problem, ThirdParty } from '../core/types';
import { button, h, sheet } from '../kit/dom';
import { CarnetElement } from '../kit/element';
import { Agreement } from './agreement';
import { lookOf } from './look';
import { personFor, personalOf, subjectFor } from './person';
import { open } from './port';
import css from './styles.css';
import { ownTexts, withOwn } from './texts';

const own = sheet(css);

/** How long a page may take until it connects, in milliseconds. */
const patience = 20_000;

const dark = matchMedia('(prefers-color-scheme: dark)');

/**
 * `<x-vendor-name>`: the page of another vendor in a sandboxed frame, without an origin of its own: it reaches neither this page nor
 * anything a browser keeps. Its page asks for a port, once, and is told by it what the site grants; never a session, a token or a
 * code. What is personal waits until the visitor has agreed here, outside the frame.
 */
export abstract class ThirdPartyFrame extends CarnetElement {
  static override readonly observedAttributes = ['lang', 'theme'];

  protected abstract readonly widget: ThirdParty;
  readonly #ask = h('div');
  #frame: HTMLIFrameElement | undefined;
  #port: ReturnType<typeof open> | undefined;
  #end = new AbortController();
  #told = 0;

  constructor() {
    super(own);
  }

  get #host(): string {
    return new URL(this.widget.page).host;
  }

  override connectedCallback(): void {
    this.#leave(); // a frame that is put elsewhere begins anew
    super.connectedCallback();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    if (!this.isConnected) this.#leave();
  }

  protected override update(): void {
    this.t = withOwn(this.manifest);
    if (!this.#frame) this.#enter();
    void this.#tell();
  }

  /** Makes the frame and waits for its page to connect. */
  #enter(): void {
    const { name, page } = this.widget;
    const frame = h('iframe', { title: name, sandbox: 'allow-scripts allow-forms', referrerpolicy: 'no-referrer', src: page });
    const { signal } = (this.#end = new AbortController());
    const late = setTimeout(() => this.#break('FRAME_SILENT', `${page} has not connected; does it call connect() of the SDK?`), patience);
    signal.addEventListener('abort', () => clearTimeout(late));
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => {
      if (effectiveDirective === 'frame-src' && blockedURI.startsWith(new URL(page).origin)) this.#break('FRAME_BLOCKED', `add ${new URL(page).origin} to frame-src in this page's Content Security Policy`);
    }, { signal });
    addEventListener('message', ({ source, data }) => {
      // Once: a port ends with its document, and whoever the frame goes on to was granted nothing.
      if (this.#port || !source || source !== frame.contentWindow || data !== 'carnet:connect') return;
      clearTimeout(late);
      this.#connect(frame);
    }, { signal });
    dark.addEventListener('change', () => void this.#tell(), { signal });
    this.#frame = frame;
    this.root.replaceChildren(h('div.stack', { lang: this.manifest.language }, this.#ask, frame));
  }

  #connect(frame: HTMLIFrameElement): void {
    const { port1, port2 } = new MessageChannel();
    const fire = (name: string, detail: unknown) => this.dispatchEvent(new CustomEvent(`${this.localName}:${name}`, { detail, bubbles: true, composed: true }));
    this.#port = open(port1, {
      resize: (height) => { frame.height = String(height); },
      emit: fire,
      noisy: () => this.#break('FRAME_NOISY', `${this.widget.page} sent more messages than a page can want`),
    });
    // A sandboxed page has no origin that could be named. The port goes to the window that asked.
    frame.contentWindow?.postMessage('carnet:port', '*', [port2]);
    void this.#tell();
    fire('connected', null);
  }

  /** Tells the frame what it may know now, and the visitor what that is. The newest call wins: answers take a while. */
  async #tell(): Promise<void> {
    const call = ++this.#told;
    const { core, manifest, widget } = this;
    const subject = core.me ? await subjectFor(manifest.site, this.localName, core.me.subject) : '';
    const agreement = new Agreement(manifest.site, this.localName, subject, widget.page, ...widget.grants);
    const may = !!core.me && !(core.me as Me & { supportedBy?: string }).supportedBy; // consent is the customer's, not the staff's
    if (call !== this.#told) return;
    this.#say(may ? agreement : undefined);
    const person = await personFor(core, manifest, widget, subject, may && agreement.choice === 'yes').catch((error: Problem) => {
      core.emit('error', { code: error.code || 'UNEXPECTED' }, this);
      return null;
    });
    if (call === this.#told) this.#port?.tell({ locale: manifest.language, person, ...lookOf(this) });
  }

  /** Asks the visitor, or tells what they have decided. */
  #say(agreement: Agreement | undefined): void {
    const personal = personalOf(this.widget);
    this.#ask.hidden = !agreement || personal.length === 0;
    if (!agreement || this.#ask.hidden) return this.#ask.replaceChildren();
    const t = ownTexts(this.manifest.language);
    const what = new Intl.ListFormat(this.manifest.language).format(personal.map((grant) => t(grant)));
    const values = { name: this.widget.name, host: this.#host, what };
    const choose = (kind: 'secondary' | 'link', label: string, choice: 'yes' | 'no') => button(kind, label, () => {
      agreement.choice = choice;
      void this.#tell().then(() => this.#ask.querySelector<HTMLElement>('[tabindex]')?.focus());
    });
    const line = (text: string) => h('p', { tabindex: -1 }, text);
    this.#ask.replaceChildren(
      agreement.choice === 'yes' ? h('div.state', {}, line(t('shared', values)), choose('link', t('stop'), 'no'))
        : agreement.choice === 'no' ? h('div.state', {}, choose('link', t('offer', values), 'yes'))
          : h('div.notice.agree', { role: 'group', 'aria-label': this.widget.name }, line(t('ask', values)), h('div.buttons', {}, choose('secondary', t('share'), 'yes'), choose('secondary', t('keep'), 'no'))),
    );
  }

  #break(code: string, why: string): void {
    this.#leave();
    this.fail(Object.assign(new Error(`carnet: <${this.localName}> ${why}`), { code, status: 0 }));
  }

  #leave(): void {
    this.#end.abort();
    this.#port?.close();
    this.#port = this.#frame = undefined;
  }
}
