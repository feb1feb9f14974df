import type { Problem } from '../core/types';
import { prepareCheckout } from '../operations';
import { type Control, emailInput, textInput } from '../kit/control';
import { button, h, sheet } from '../kit/dom';
import { CarnetElement } from '../kit/element';
import { type Questions, questions } from '../kit/field/index';
import { alertLine, checkAll, markAll } from '../kit/form';
import { fullName } from '../kit/person';
import { type Translate, mistakeText } from '../kit/texts';
import fields from '../kit/field/styles.css';
import css from './styles.css';

const own = sheet(fields + css);

/** The name of the hidden value that the host's form sends along. */
const tokenName = 'carnet_token';

type Guest = Record<'email' | 'firstName' | 'lastName', ReturnType<typeof textInput>>;

/**
 * `<carnet-checkout order nonce>`: who buys and the site's checkout fields (T-56), as one control of the
 * host's own form. When that form is submitted the answers are checked by Carnet, the signed token is put into
 * the form as `carnet_token`, `carnet:checkout` is fired, and the form goes on its way. While an answer is missing the
 * form is invalid, as with any control. Outside of a form it has a button of its own.
 *
 * Where buying needs an account (T-20) it shows the login first.
 */
export class CarnetCheckout extends CarnetElement {
  static readonly formAssociated = true;

  readonly #internals = this.attachInternals();
  #form: HTMLFormElement | null = null;
  #asked: Questions | undefined;
  #guest: Guest | undefined;
  #alert: ReturnType<typeof alertLine> | undefined;
  #login = false;
  #passing = false;
  #working = false;

  constructor() {
    super(own);
    this.addEventListener('invalid', (event) => {
      event.preventDefault(); // the questions say themselves what is wrong, instead of the browser's bubble
      if (this.#controls().length) checkAll(this.#controls());
      else this.focus();
    });
    for (const kind of ['input', 'change']) this.root.addEventListener(kind, () => this.#validate());
  }

  formAssociatedCallback(form: HTMLFormElement | null): void {
    this.#form?.removeEventListener('submit', this.#intercept, true);
    this.#form = form;
    form?.addEventListener('submit', this.#intercept, true);
  }

  formResetCallback(): void {
    this.#asked = this.#guest = undefined;
    if (this.core) this.update();
  }

  protected override update(focus = false): void {
    const { core, t, manifest } = this;
    if (core.me) this.#login = false;
    const needsLogin = manifest.loginRequired && !core.me;
    if (needsLogin || this.#login) {
      this.#guest = this.#asked = undefined;
      this.#showLogin(needsLogin);
    } else if (this.#asked) {
      this.#showQuestions(focus, this.#asked);
    } else {
      questions(core, t, manifest, 'CHECKOUT').then(
        (asked) => {
          this.#asked = asked;
          this.update(focus);
        },
        (error: Problem) => this.fail(error),
      );
    }
    this.#validate();
  }

  #showLogin(needed: boolean): void {
    const { t } = this;
    this.show(false,
      h('p.notice', {}, t(needed ? 'checkout.login_required' : 'checkout.login_hint')),
      this.nest('login', { registerHref: this.getAttribute('register-href') }),
      !needed && button('link', t('checkout.as_guest'), () => this.#turn(false)));
  }

  #turn(login: boolean): void {
    this.#login = login;
    this.update(true);
  }

  #showQuestions(focus: boolean, asked: Questions): void {
    const { core, t, manifest } = this;
    this.#alert ??= alertLine(t);
    if (core.me) this.#guest = undefined;
    else this.#guest ??= guestInputs(this.t);
    const who = core.me
      ? [h('div.buyer', {}, h('span', {}, t('checkout.buyer', { name: fullName(core.me) })), button('link', t('checkout.not_you'), () => void core.signOut(false, this)))]
      : this.#guest ? [h('div.pair', {}, this.#guest.firstName.element, this.#guest.lastName.element), this.#guest.email.element] : [];
    this.show(focus,
      this.heading(t('checkout.title')),
      !core.me && manifest.accountsEnabled && h('p.subheading', {}, `${t('checkout.have')} `, button('link', t('login.submit'), () => this.#turn(true))),
      h('div.stack.fields', {}, this.#alert.element, ...who, ...asked.controls.map((one) => one.element)),
      !this.#form && h('button.button', { type: 'button', onclick: () => void this.prepare() }, t('checkout.submit')),
      h('p.footer', {}, t('required_note')));
  }

  #controls(): readonly Control[] {
    return this.#asked ? [...Object.values(this.#guest ?? {}), ...this.#asked.controls] : [];
  }

  /** Tells the host's form whether all is answered, and at what the browser may point. */
  #validate(): void {
    const wrong = this.#controls().find((control) => control.check());
    const mistake = wrong?.check();
    if (wrong && mistake) this.#internals.setValidity({ customError: true }, mistakeText(this.t, mistake), wrong.focusable);
    else if (this.#asked) this.#internals.setValidity({});
    else this.#internals.setValidity({ valueMissing: true }, mistakeText(this.t, { code: 'LOGIN_REQUIRED' }));
  }

  /**
   * Has the answers checked and signed. Gives the token, or null when something is left to mend, which is then shown.
   * Each call gives a new token; one is good for five minutes and for one purchase.
   */
  async prepare(): Promise<string | null> {
    if (!this.#asked || this.#working || !checkAll(this.#controls())) return null;
    this.#working = true;
    this.#alert?.say();
    try {
      const typed = (name: keyof Guest) => this.#guest?.[name].input.value.trim() ?? '';
      const guest = this.#guest && { email: typed('email'), firstName: typed('firstName'), lastName: typed('lastName') };
      const order = this.getAttribute('order') ?? '';
      // Browsers hide the attribute `nonce` of every element; the property still holds it.
      const input = { order, nonce: this.nonce || this.getAttribute('nonce') || '', answers: this.#asked.answers(), ...guest };
      const { payload } = await this.core.graphql(prepareCheckout, { input });
      const other = payload.errors.some(({ path }) => path.includes('answers')) && (await this.#asked.renewed());
      if (other) {
        this.#asked = other;
        this.update(true);
        this.#alert?.say({ code: 'QUESTIONS_CHANGED' });
        return null;
      }
      const [rest] = markAll(this.#controls(), payload.errors);
      if (rest) this.#alert?.say(rest);
      if (!payload.token) return null;
      const value = new FormData();
      value.set(tokenName, payload.token);
      this.#internals.setFormValue(value);
      this.core.emit('checkout', { token: payload.token, order }, this);
      return payload.token;
    } catch (error) {
      const { code } = error as Problem;
      this.#alert?.say({ code });
      this.core.emit('error', { code }, this);
      return null;
    } finally {
      this.#working = false;
    }
  }

  /** Holds the host's submit until there is a token, then lets the same submit through. */
  readonly #intercept = (event: SubmitEvent): void => {
    if (this.#passing) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void this.prepare().then((token) => {
      if (!token) return;
      this.#passing = true;
      this.#form?.requestSubmit(event.submitter);
      this.#passing = false;
    });
  };
}

/** Who buys, when nobody is signed in. */
function guestInputs(t: Translate): Guest {
  return {
    firstName: textInput(t, { name: 'firstName', label: t('first_name'), autocomplete: 'given-name', required: true, maxlength: 200 }),
    lastName: textInput(t, { name: 'lastName', label: t('last_name'), autocomplete: 'family-name', required: true, maxlength: 200 }),
    email: emailInput(t, 'email'),
  };
}
