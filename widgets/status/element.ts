import { button, h, sheet } from '../kit/dom';
import { CarnetElement } from '../kit/element';
import { fullName } from '../kit/person';
import css from './styles.css';

const own = sheet(css);

/**
 * `<carnet-status>`: one line that says who is signed in, with the way out; for a page's head. While nobody is, it
 * links to `login-href`, the host's page with a `<carnet-login>`. Inside the login it is what that shows
 * once somebody is signed in, with the way out of all devices too.
 */
export class CarnetStatus extends CarnetElement {
  constructor() {
    super(own);
  }

  protected override update(): void {
    if (this.hasAttribute('nested')) this.show(false, ...this.#person());
    else this.root.replaceChildren(h('div.line', { lang: this.manifest.language }, ...this.#line()));
  }

  #out(kind: 'secondary' | 'link', everywhere = false): HTMLButtonElement {
    return button(kind, this.t(everywhere ? 'status.everywhere' : 'sign_out'), () => void this.core.signOut(everywhere, this));
  }

  #line(): HTMLElement[] {
    const { core, t } = this;
    const href = this.getAttribute('login-href');
    if (core.me) return [h('span.name', {}, fullName(core.me)), this.#out('link')];
    return [href ? h('a.link', { href }, t('status.sign_in')) : h('span', {}, t('status.nobody'))];
  }

  #person(): HTMLElement[] {
    const { me } = this.core;
    if (!me) return [];
    const name = fullName(me);
    const initials = name.split(/\s+/).map((word) => word.charAt(0)).slice(0, 2).join('');
    return [
      h('div.person', {}, h('span.avatar', { 'aria-hidden': 'true' }, initials), this.heading(this.t('status.hello', { name: me.firstName || name }), me.email)),
      this.#out('secondary'),
      this.#out('link', true),
    ];
  }
}
