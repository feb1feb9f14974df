import { confirmEmailCode, requestEmailCode } from '../operations';
import { emailInput, textInput } from '../kit/control';
import { button, h, sheet } from '../kit/dom';
import { CarnetElement } from '../kit/element';
import { type UserError, form } from '../kit/form';
import css from './styles.css';

const own = sheet(css);

/** A code on its way to a mailbox. */
export interface Sent {
  readonly attempt: string;
  readonly email: string;
  /** Sends the mail anew, where that is possible. */
  again?(): Promise<readonly UserError[]>;
}

/** What the widgets around it may set before it is put into the page. */
export interface CodeOptions {
  /** The address to begin with. */
  email?: string;
  /** Begins at the second step: a mail is already sent. */
  sent?: Sent | null | undefined;
  /** The mail is for a new password, which is set along with the proof. */
  reset?: boolean;
  /** Called instead of going back to the first step. */
  back?: (() => void) | null | undefined;
}

/**
 * `<carnet-code>`: sign in by a code sent to the mailbox. By itself a login without passwords; inside
 * the login and registration the step that every way by mail ends in: the eight digits of the mail, or the two that
 * the page of its link shows on another device. Confirmed, it signs in.
 */
export class CarnetCode extends CarnetElement implements CodeOptions {
  email = '';
  sent: Sent | null | undefined;
  reset = false;
  back: (() => void) | null | undefined;

  constructor() {
    super(own);
  }

  protected override update(focus = this.hasAttribute('nested')): void {
    const { core } = this;
    this.sent = core.proving ?? this.sent;
    if (core.me) this.show(focus, this.nest('status'));
    else if (this.sent) this.show(focus, ...this.#confirm(this.sent));
    else this.show(focus, ...this.#ask());
  }

  #ask(): Node[] {
    const { core, t } = this;
    const email = emailInput(t, 'username', this.email);
    const send = async () => {
      const attempt = await core.attempt();
      const input = { attempt, email: email.input.value.trim(), reset: this.reset };
      const again = async () => (await core.graphql(requestEmailCode, { input }, this)).payload.errors;
      const errors = await again();
      if (errors.length) return errors;
      this.email = input.email;
      this.sent = { attempt: attempt.id, email: input.email, again };
      return this.update(true);
    };
    return [this.heading(t(this.reset ? 'code.reset' : 'code.ask'), t(this.reset ? 'code.reset_hint' : 'code.ask_hint')), form(t, { controls: [email], submit: t('code.send'), send })];
  }

  #confirm({ attempt, email, again }: Sent): Node[] {
    const { core, t } = this;
    const code = textInput(t, {
      name: 'code', label: t('code.label'), autocomplete: 'one-time-code', required: true, maxlength: 16, help: t('code.help'),
      more: { inputmode: 'numeric', class: 'input code', spellcheck: 'false' },
    });
    const password = this.reset && textInput(t, { name: 'newPassword', label: t('code.new_password'), type: 'password', autocomplete: 'new-password', required: true, maxlength: 1000, help: t('code.new_help', { min: 10 }) });
    const send = async () => {
      const input = { attempt: await core.attempt(attempt), email, code: code.input.value.replace(/\D/g, ''), ...(password && { newPassword: password.input.value }) };
      const { payload } = await core.graphql(confirmEmailCode, { input }, this);
      if (payload.code) await core.finish(attempt, payload.code, this);
      return payload.errors;
    };
    const said = h('p.help', { role: 'status' });
    const resend = async () => {
      const errors = await again?.().catch(() => [{ code: 'NETWORK', path: [] }]);
      said.textContent = t(errors?.length ? 'error.UNEXPECTED' : 'code.sent');
    };
    const back = () => {
      this.sent = undefined;
      core.dismiss();
      if (this.back) this.back();
      else this.update(true);
    };
    return [
      this.heading(t('code.title')),
      h('p.notice', {}, t('code.hint', { email })),
      form(t, { controls: password ? [code, password] : [code], submit: t('code.submit'), send }),
      h('div.row', {}, !!again && button('link', t('code.again'), () => void resend()), button('link', t('code.other'), back), said),
    ];
  }
}
