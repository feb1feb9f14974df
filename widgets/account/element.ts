import type { Core, Manifest, Problem } from '../core/types';
import { button, h, sheet } from '../kit/dom';
import { CarnetElement, page } from '../kit/element';
import { fullName } from '../kit/person';
import type { UserError } from '../kit/form';
import type { Translate } from '../kit/texts';
import { type Operation, myAccount } from '../operations';
import fields from '../kit/field/styles.css';
import { data, erasing, exporting } from './data';
import { newPasskey, onePasskey } from './passkey';
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

/** The sections of what one bought, attends by, organizes and produces, each with its module, which is fetched when it is opened. */
const modules = {
  tickets: 'sales', purchases: 'sales', memberships: 'sales', bookings: 'sales', offers: 'further', events: 'sales', produced: 'further', calendar: 'further', messages: 'inbox',
} as const;
type SalesTab = keyof typeof modules;
const sales = Object.keys(modules) as SalesTab[];

/** The sections of a module. */
export type TabOf<M> = { [T in SalesTab]: (typeof modules)[T] extends M ? T : never }[SalesTab];

/** The sections that the account opens on. */
export type Tab = 'profile' | 'security' | 'data' | SalesTab;

/** What may be shown. */
export type View = Tab | 'export' | 'erasure' | 'address' | 'password' | 'passkey' | 'closing' | { readonly remove: string } | { readonly passkey: string; readonly gone?: boolean };

/** What went wrong with a sensitive change; a proof that has run out meanwhile is asked for again. */
export const answered = ({ done }: Account, view: View, errors: readonly UserError[]) => (errors.some(({ code }) => code === 'PROOF_NEEDED') ? done(view) : errors);

/** Views that change how one signs in, end it, or tell all that is held of one: who is there proves who they are (embed §1.4). */
const sensitive = (view: View): view is Exclude<View, Tab> => view !== 'profile' && view !== 'security' && view !== 'data' && !isSales(view);
const isSales = (view: View): view is SalesTab => sales.includes(view as SalesTab);

/**
 * `<carnet-account>`: "my account". While nobody is signed in it is the login; then the own record with the site's profile
 * questions (T-58, T-59); what one bought, attends by and organizes, each section where there is something in it (T-04 to T-11); how one signs in: address,
 * password, linked logins, devices, and closing the account; and what one may ask about one's own data. With `organizers` events can be submitted where
 * the site has none yet.
 */
export class CarnetAccount extends CarnetElement {
  #view: View = 'profile';
  #mine: Mine | undefined;
  #said = '';
  #subject = '';
  #unread = 0;
  #messages: HTMLElement | undefined;
  #stop: (() => void) | undefined;

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
      this.#stop?.();
      this.#stop = undefined;
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
      if (!mine.security.fresh && !(view === 'address' && mine.security.emailChange)) return prove(account, () => this.#done(view), view === 'export' || view === 'erasure' ? 'data' : 'security');
      if (view === 'export') return exporting(account);
      if (view === 'erasure') return erasing(account);
      if (view === 'address') return newAddress(account);
      if (view === 'password') return newPassword(account);
      if (view === 'passkey') return newPasskey(account);
      if (typeof view === 'object' && 'passkey' in view) return onePasskey(account, view.passkey, view.gone);
      return closing(account, view);
    }
    const tab = (to: Tab, label: string) => {
      const made = button('link', label, () => account.go(to));
      made.part.add('tab');
      made.classList.add('tab');
      if (view === to) made.setAttribute('aria-current', 'page');
      if (to === 'messages') {
        this.#messages = made;
        this.#count(own);
      }
      return made;
    };
    return [
      this.heading(name, name === account.email ? '' : account.email),
      h('nav.tabs', { 'aria-label': own('account.sections') }, tab('profile', own('account.profile')),
        ...sales.filter((one) => one === view || this.#has(one, mine)).map((one) => tab(one, own(`account.${one}`))), tab('security', own('account.security')), tab('data', own('account.data'))),
      said,
      ...(isSales(view) ? [this.#sales(account, view)] : { profile, security, data }[view](account)),
    ];
  }

  /** Whether a section has anything to show. Who has nothing yet, where something is sold, finds where it will be. */
  #has(tab: SalesTab, { hasThreads, holdings: { orders, tickets, memberships, passes, bookings, offers, events, produced, sells, hasEvents } }: Mine): boolean {
    const none = !(orders + tickets + memberships + passes + bookings);
    return {
      tickets: tickets > 0, purchases: orders > 0 || (sells && none), memberships: memberships + passes > 0, bookings: bookings > 0, offers: offers > 0,
      events: events > 0 || hasEvents || this.hasAttribute('organizers'), produced: produced > 0, calendar: tickets + bookings > 0, messages: hasThreads,
    }[tab];
  }

  #sales(account: Account, tab: SalesTab): HTMLElement {
    const place = h('div.stack', { 'aria-busy': 'true' });
    page().use(modules[tab]).then(
      (module) => (module as { open(account: Account, tab: SalesTab, place: HTMLElement): void }).open(account, tab, place),
      (error: Problem) => { if (place.isConnected) this.fail(error); },
    );
    return place;
  }

  async #read(focus: boolean): Promise<void> {
    try {
      const { me } = await this.core.graphql(myAccount, { language: this.manifest.language });
      if (!me || me.subject !== this.core.me?.subject) return; // somebody else by now: read anew when the session tells who
      this.#mine = me;
      this.#unread = me.unread;
      this.update(focus);
      if (me.hasThreads && !this.#stop) this.#follow();
    } catch (error) {
      this.fail(error as Problem);
    }
  }

  /** The name of the messages' section, with how many are unread. */
  #count(own: Own): void {
    if (this.#messages) this.#messages.textContent = own('account.messages') + (this.#unread ? ` (${this.#unread})` : '');
  }

  /** Follows what comes, for as long as the same person is signed in here. */
  #follow(): void {
    this.#stop = () => {};
    page().use('inbox').then((module) => {
      if (!this.isConnected || !this.core.me) return;
      this.#stop = (module as typeof import('../inbox')).follow(this.core, this.manifest, (unread) => {
        this.#unread = unread;
        this.#count(ownTexts(this.manifest.language));
      });
    }, () => {}); // the section itself says so
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#stop?.();
    this.#stop = undefined;
  }

  async #done(view: View, said = ''): Promise<void> {
    this.#view = view;
    this.#said = said;
    await this.core.reload();
    await this.#read(true);
  }
}
