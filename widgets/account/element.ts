import type { Core, Manifest, Problem } from '../core/types';
import { button, h, sheet } from '../kit/dom';
import { CarnetElement } from '../kit/element';
import { fullName } from '../kit/person';
import type { Translate } from '../kit/texts';
import { type Operation, myAccount } from '../operations';
import fields from '../kit/field/styles.css';
import { profile } from './profile';
import { prove } from './prove';
import { closing, newAddress, newPassword, security } from './security';
import css from './styles.css';
import { type Own, ownTexts } from './texts';

const own = sheet(fields + css);

type Answered<T> = T extends Operation<infer Answer, infer _Variables> ? Answer : never;

/** What the server tells of one's own account. */
export type Mine = NonNullable<Answered<typeof myAccount>['me']>;

/** What the parts of the account are given. */
export interface Account {
  readonly element: CarnetAccount;
  readonly core: Core;
  readonly manifest: Manifest;
  readonly t: Translate;
  /** The widget's own texts. */
  readonly own: Own;
  readonly mine: Mine;
  readonly email: string;
  heading(title: string, sub?: string): HTMLElement;
  /** Shows another view; a sensitive one only after a fresh proof of who one is. */
  go(view: View): void;
  /** Asks the server anew and shows a view, with a line that says what was done. */
  done(view: View, said?: string): Promise<void>;
}

/** What may be shown. */
export type View = 'profile' | 'security' | 'address' | 'password' | 'closing' | { readonly remove: string };

/** Views that change how one signs in, or end it (embed §1.4). */
const sensitive = (view: View) => view !== 'profile' && view !== 'security';

/**
 * `<carnet-account>`: "my account". While nobody is signed in it is the login; then the own record with the site's profile
 * questions (T-58, T-59), and how one signs in: address, password, linked logins, devices, and closing the account.
 */
export class CarnetAccount extends CarnetElement {
  #view: View = 'profile';
  #mine: Mine | undefined;
  #said = '';
  #subject = '';

  constructor() {
    super(own);
  }

  protected override update(focus = false): void {
    const { core, t, manifest } = this;
    const { me } = core;
    if (!me || me.subject !== this.#subject) { // nobody, or somebody else
      this.#mine = undefined;
      this.#view = 'profile';
      this.#said = '';
      this.#subject = me?.subject ?? '';
    }
    if (!me) return this.show(focus, this.nest('login'));
    if (!this.#mine) {
      void this.#read(focus);
      return;
    }
    const account: Account = {
      element: this, core, manifest, t, own: ownTexts(manifest.language), mine: this.#mine, email: me.email,
      heading: (title, sub) => this.heading(title, sub),
      go: (view) => {
        this.#said = '';
        this.#view = view;
        this.update(true);
      },
      done: (view, said) => this.#done(view, said),
    };
    const said = h('p.notice', { role: 'status' }, this.#said);
    said.hidden = !this.#said;
    this.show(focus, ...this.#content(account, said));
  }

  #content(account: Account, said: HTMLElement): Node[] {
    const { own, mine } = account;
    const view = this.#view;
    const name = this.core.me ? fullName(this.core.me) : '';
    if (sensitive(view)) {
      if (!mine.security.fresh && !(view === 'address' && mine.security.emailChange)) return prove(account, () => this.#done(view));
      if (view === 'address') return newAddress(account);
      if (view === 'password') return newPassword(account);
      return closing(account, view);
    }
    const tab = (to: 'profile' | 'security', label: string) => {
      const made = button('link', label, () => account.go(to));
      made.part.add('tab');
      made.classList.add('tab');
      if (view === to) made.setAttribute('aria-current', 'page');
      return made;
    };
    return [
      this.heading(name, name === account.email ? '' : account.email),
      h('nav.tabs', { 'aria-label': own('account.sections') }, tab('profile', own('account.profile')), tab('security', own('account.security'))),
      said,
      ...(view === 'profile' ? profile(account) : security(account)),
    ];
  }

  async #read(focus: boolean): Promise<void> {
    try {
      const { me } = await this.core.graphql(myAccount, { language: this.manifest.language });
      if (!me || me.subject !== this.core.me?.subject) return; // somebody else by now: read anew when the session tells who
      this.#mine = me;
      this.update(focus);
    } catch (error) {
      this.fail(error as Problem);
    }
  }

  async #done(view: View, said = ''): Promise<void> {
    this.#view = view;
    this.#said = said;
    await this.core.reload();
    await this.#read(true);
  }
}
