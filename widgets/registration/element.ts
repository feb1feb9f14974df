import type { Problem } from '../core/types';
import { signUp } from '../operations';
import type { Sent } from '../code/element';
import { emailInput, textInput } from '../kit/control';
import { button, h, newId, sheet } from '../kit/dom';
import { CarnetElement } from '../kit/element';
import { type Questions, questions } from '../kit/field/index';
import { form } from '../kit/form';
import { socialButtons } from '../kit/social';
import type { Translate } from '../kit/texts';
import fields from '../kit/field/styles.css';
import css from './styles.css';

const own = sheet(fields + css);

/** The shortest password that the server takes; absent is fine, codes by mail then sign in. */
const shortest = 10;

/**
 * `<carnet-registration>`: who one is, the site's registration fields (T-55), consent where the site
 * asks for it, then the code that proves the mailbox. There is no account before that.
 */
export class CarnetRegistration extends CarnetElement {
  #form: Node[] | undefined;
  #who: ReturnType<typeof personInputs> | undefined;
  #sent: Sent | undefined;

  constructor() {
    super(own);
  }

  protected override update(focus = false): void {
    const { core, t } = this;
    this.#sent = core.proving ?? this.#sent;
    if (core.me) {
      this.#form = this.#who = this.#sent = undefined;
      return this.show(focus,
        h('div.tick', { 'aria-hidden': 'true' }),
        this.heading(t('registration.done', { name: core.me.firstName || core.me.displayName }), t('registration.done_hint', { email: core.me.email })),
        button('secondary', t('sign_out'), () => void core.signOut(false, this)));
    }
    if (!this.manifest.accountsEnabled) return this.show(focus, h('p.notice', {}, t('registration.disabled')));
    if (this.#sent) return this.show(focus, this.nest('code', { sent: this.#sent, back: () => this.#back() }));
    if (this.#form) return this.show(focus, ...this.#form);
    questions(core, t, this.manifest, 'REGISTRATION').then(
      (asked) => {
        this.#form = this.#build(asked);
        this.update(focus);
      },
      (error: Problem) => this.fail(error),
    );
  }

  /** Back to the form, which keeps what was typed. */
  #back(): void {
    this.#sent = undefined;
    this.core.dismiss();
    this.update(true);
  }

  #build(asked: Questions, problem?: string): Node[] {
    const { core, t, manifest } = this;
    const wording = manifest.consent;
    const { first, last, email, password, consent } = (this.#who ??= personInputs(t));
    const send = async () => {
      const attempt = await core.attempt();
      const input = {
        attempt, email: email.input.value.trim(), firstName: first.input.value.trim(), lastName: last.input.value.trim(),
        ...(password.input.value && { password: password.input.value }), answers: asked.answers(),
        ...(wording && { consent: consent.checked, consentWording: wording.version, consentLanguage: wording.language }),
      };
      const again = async () => (await core.graphql(signUp, { input }, this)).payload.errors;
      const errors = await again();
      const other = errors.some(({ path }) => path.includes('answers')) && (await asked.renewed());
      if (other) this.#form = this.#build(other, 'QUESTIONS_CHANGED');
      else if (errors.length) return errors;
      else this.#sent = { attempt: attempt.id, email: input.email, again };
      return this.update(true);
    };
    const agree = wording !== undefined && h('label.choice.consent', {}, consent, h('span', { lang: wording.language }, wording.text));
    const links = manifest.links && h('p.links', {}, ...manifest.links.map(({ label, url }) => h('a.link', { href: url, target: '_blank', rel: 'noopener' }, label)));
    const rows = form(t, { controls: [first, last, email, password, ...asked.controls], submit: t('registration.submit'), send, between: [agree, links ?? false], ...(problem && { problem }) });
    rows.insertBefore(h('div.pair', {}, first.element, last.element), email.element); // the two names side by side, where there is room
    return [
      this.heading(t('registration.title'), t('registration.intro', { site: manifest.name })),
      ...socialButtons(core, manifest, t, this),
      rows,
      h('p.footer', {}, t('required_note')),
    ];
  }
}

/** Who one is, and what one agrees to. */
function personInputs(t: Translate) {
  const name = (key: 'firstName' | 'lastName', label: string, autocomplete: string) => textInput(t, { name: key, label, autocomplete, required: true, maxlength: 200 });
  return {
    first: name('firstName', t('first_name'), 'given-name'),
    last: name('lastName', t('last_name'), 'family-name'),
    email: emailInput(t, 'email'),
    password: passwordInput(t),
    consent: h('input.checkbox', { type: 'checkbox', id: newId(), name: 'consent' }),
  };
}

/** A new password, which may be left out. */
function passwordInput(t: Translate) {
  const control = textInput(t, { name: 'password', label: t('registration.password'), type: 'password', autocomplete: 'new-password', maxlength: 1000, help: t('registration.password_help', { min: shortest }) });
  const check = () => (control.input.value && control.input.value.length < shortest ? { code: 'WEAK_PASSWORD' } : undefined);
  return { ...control, check };
}
