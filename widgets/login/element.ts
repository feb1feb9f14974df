import { signIn } from '../operations';
import { emailInput, textInput } from '../kit/control';
import { button, h } from '../kit/dom';
import { CarnetElement, page } from '../kit/element';
import { form } from '../kit/form';
import { socialButtons } from '../kit/social';
import type { Key } from '../kit/texts';

/** What the card shows while nobody is signed in. */
type View = 'password' | 'code' | 'reset' | 'passkey' | 'registration';

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
    this.show(focus, ...(this.#view === 'password' ? this.#password() : this.#other(this.#view)));
  }

  readonly #back = (): void => this.#go('password');

  /** Another view, because the person asked for it. */
  #go(view: View): void {
    this.#view = view;
    if (this.core.proving || this.core.problem) this.core.dismiss();
    this.update(true);
  }

  #password(): (Node | false)[] {
    const { core, t, manifest } = this;
    const email = emailInput(t, 'username webauthn', this.email);
    if (manifest.passkeys) email.input.onfocus = () => void page().use('passkey').then((it) => (it as typeof import('../passkey')).suggest(core, this, email.input));
    const password = textInput(t, { name: 'password', label: t('password'), type: 'password', autocomplete: 'current-password', required: true });
    const keep = () => (this.email = email.input.value.trim());
    const send = async () => {
      const attempt = await core.attempt();
      const { payload } = await core.graphql(signIn, { input: { attempt, email: keep(), password: password.input.value } }, this);
      if (payload.code) await core.finish(attempt.id, payload.code, this);
      return payload.errors;
    };
    const byCode = (kind: 'secondary' | 'link', label: Key, view: View) => button(kind, t(label), () => {
      keep();
      this.#go(view);
    });
    return [
      this.heading(t('login.title'), t('login.intro', { site: manifest.name })),
      ...socialButtons(core, manifest, t, this),
      form(t, { controls: [email, password], submit: t('login.submit'), send, problem: core.problem }),
      byCode('secondary', 'login.by_code', 'code'),
      manifest.passkeys && 'PublicKeyCredential' in self && byCode('secondary', 'login.passkey', 'passkey'),
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

  /** What is a widget of its own, and the way back. */
  #other(view: View): Node[] {
    const { email, t } = this;
    const { proving: sent } = this.core;
    const reset = view === 'reset';
    return [
      this.nest(reset ? 'code' : view, { email, sent, reset, back: sent && this.#back }),
      button('link', t(view === 'registration' ? 'login.have' : 'login.by_password'), this.#back),
    ];
  }
}
