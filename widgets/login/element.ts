import { signIn } from '../operations';
import { emailInput, textInput } from '../kit/control';
import { button, h } from '../kit/dom';
import { CarnetElement } from '../kit/element';
import { form } from '../kit/form';
import { socialButtons } from '../kit/social';
import type { Key } from '../kit/texts';

/** What the card shows while nobody is signed in. */
type View = 'password' | 'code' | 'reset' | 'registration';

/**
 * `<carnet-login>`: sign in by password, by a code sent to the mailbox or with a provider; then who is
 * signed in and the way out, which is a `<carnet-status>`. `register-href` is the address of the host's own page with a
 * `<carnet-registration>`; without it registration opens in place.
 */
export class CarnetLogin extends CarnetElement {
  #view: View = 'password';
  /** What was typed as the address: kept from view to view. */
  email = '';

  /** The attribute `register-href`, for widgets around this one. */
  registerHref: string | null = null;

  protected override update(focus = false): void {
    const { core, t } = this;
    if (core.me) {
      this.#view = 'password';
      return this.show(focus, this.nest('status'));
    }
    if (!this.manifest.accountsEnabled) return this.show(focus, h('p.notice', {}, t('login.disabled')));
    if (core.proving) this.#view = 'code';
    const views: Partial<Record<View, () => Node[]>> = { password: this.#password, registration: this.#registration };
    this.show(focus, ...(views[this.#view] ?? this.#code).call(this));
  }

  readonly #back = (): void => this.#go('password');

  /** Another view, because the person asked for it. */
  #go(view: View): void {
    this.#view = view;
    if (this.core.proving || this.core.problem) this.core.dismiss();
    this.update(true);
  }

  #password(): Node[] {
    const { core, t, manifest } = this;
    const email = emailInput(t, 'username', this.email);
    const password = textInput(t, { name: 'password', label: t('password'), type: 'password', autocomplete: 'current-password', required: true });
    const keep = () => (this.email = email.input.value.trim());
    const send = async () => {
      const attempt = await core.attempt();
      const { payload } = await core.graphql(signIn, { input: { attempt, email: keep(), password: password.input.value } });
      if (payload.code) await core.finish(attempt.id, payload.code, this);
      return payload.errors;
    };
    const byCode = (kind: 'secondary' | 'link', label: Key, view: View) => button(kind, t(label), () => {
      keep();
      this.#go(view);
    });
    return [
      this.heading(t('login.title'), manifest.name),
      ...socialButtons(core, manifest, t, this),
      form(t, { controls: [email, password], submit: t('login.submit'), send, problem: core.problem }),
      byCode('secondary', 'login.by_code', 'code'),
      byCode('link', 'login.forgot', 'reset'),
      this.#register(),
    ];
  }

  /** The way to an account: the host's own page where it has one, else in place. */
  #register(): HTMLElement {
    const { t } = this;
    const href = this.registerHref ?? this.getAttribute('register-href');
    const link = href ? h('a.link', { href }, t('login.create')) : button('link', t('login.create'), () => this.#go('registration'));
    return h('p.footer', {}, t('login.new'), ' ', link);
  }

  #code(): Node[] {
    const { email, t } = this;
    const { proving: sent } = this.core;
    return [this.nest('code', { email, sent, reset: this.#view === 'reset', back: sent && this.#back }), button('link', t('login.by_password'), this.#back)];
  }

  #registration(): Node[] {
    return [this.nest('registration'), button('link', this.t('login.have'), this.#back)];
  }
}
