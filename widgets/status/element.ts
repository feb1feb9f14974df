import type { Me } from '../core/types';
import { button, h, sheet } from '../kit/dom';
import { CarnetElement } from '../kit/element';
import { fullName } from '../kit/person';
import { enterSupportSession } from '../operations';
import css from './styles.css';

const own = sheet(css);

/**
 * `<carnet-status>`: one line that says who is signed in, with the way out; for a page's head. While nobody is, it
 * links to `login-href`, the host's page with a `<carnet-login>`. Inside the login it is what that shows
 * once somebody is signed in, with the way out of all devices too.
 *
 * It also takes up a support link: `#carnet-support=<code>` lets a member of staff into a customer's account, once, and the
 * line then says so.
 */
export class CarnetStatus extends CarnetElement {
  constructor() {
    super(own);
  }

  #refused = false;

  protected override update(): void {
    const [, code] = /^#carnet-support=([\w-]+)$/.exec(location.hash) ?? [];
    if (code) void this.#enter(code);
    if (this.hasAttribute('nested')) this.show(false, ...this.#person());
    else this.root.replaceChildren(h('div.line', { lang: this.manifest.language }, ...this.#line()));
  }

  /** Who of the staff is in the account; empty when its owner is. */
  get #supporter(): string {
    return (this.core.me as (Me & { supportedBy: string }) | null)?.supportedBy ?? '';
  }

  #support(): HTMLElement | false {
    return !!this.#supporter && h('span.support', { role: 'status' }, this.t('status.support', { name: this.#supporter }));
  }

  /** Exchanges the code of a support link, which is taken out of the address at once. */
  async #enter(code: string): Promise<void> {
    history.replaceState(history.state, '', location.pathname + location.search);
    const { core } = this;
    try {
      await core.ready;
      const attempt = await core.attempt();
      const { payload } = await core.graphql(enterSupportSession, { input: { attempt, code } });
      if (payload.code) return await core.finish(attempt.id, payload.code, this);
    } catch {
      // told below, as a code that does not fit
    }
    this.#refused = true;
    this.update();
  }

  #out(kind: 'secondary' | 'link', everywhere = false): HTMLButtonElement {
    return button(kind, this.t(everywhere ? 'status.everywhere' : 'sign_out'), () => void this.core.signOut(everywhere, this));
  }

  #line(): HTMLElement[] {
    const { core, t } = this;
    const href = this.getAttribute('login-href');
    const support = this.#support();
    if (this.#refused) return [h('span', { role: 'alert' }, t('status.support_over'))];
    if (core.me) return [...(support ? [support] : []), h('span.name', {}, fullName(core.me)), this.#out('link')];
    return [href ? h('a.link', { href }, t('status.sign_in')) : h('span', {}, t('status.nobody'))];
  }

  #person(): HTMLElement[] {
    const { me } = this.core;
    if (!me) return [];
    const name = fullName(me);
    const initials = name.split(/\s+/).map((word) => word.charAt(0)).slice(0, 2).join('');
    const support = this.#support();
    return [
      ...(support ? [support] : []),
      h('div.person', {}, h('span.avatar', { 'aria-hidden': 'true' }, initials), this.heading(this.t('status.hello', { name: me.firstName || name }), me.email)),
      this.#out('secondary'),
      ...(support ? [] : [this.#out('link', true)]),
    ];
  }
}
