import { textInput } from '../kit/control';
import { button, h } from '../kit/dom';
import { form } from '../kit/form';
import { confirmEmailCode, requestEmailCode, signIn } from '../operations';
import type { Account, Tab } from './element';
import { provePasskey, usable } from './passkey';

/** Who signed in a while ago signs in once more before a sensitive view: by a passkey, by password, or by a code in the mailbox. `back` is where they came from. */
export function prove(account: Account, then: () => Promise<void>, back: Tab): Node[] {
  const { own, mine, go, heading } = account;
  const box = h('div.stack');
  const show = (...content: Node[]) => {
    box.replaceChildren(...content);
    box.querySelector<HTMLElement>('input,button')?.focus();
  };
  const byMail = () => show(mail(account, show, then));
  const byPasskey = usable(account) && mine.security.passkeys.length > 0;
  show(...(byPasskey ? [provePasskey(account, then)] : []), ...(mine.security.hasPassword ? [password(account, then), button('link', own('account.prove_mail'), byMail)] : [mail(account, show, then)]));
  return [heading(own('account.prove'), own('account.prove_hint')), box, button('link', own('account.back'), () => go(back))];
}

function password({ core, t, own, email, element }: Account, then: () => Promise<void>): HTMLElement {
  const typed = textInput(t, { name: 'password', label: own('account.prove_password'), type: 'password', autocomplete: 'current-password', required: true, maxlength: 1000 });
  const send = async () => {
    const attempt = await core.attempt();
    const { payload } = await core.graphql(signIn, { input: { attempt, email, password: typed.input.value } });
    if (!payload.code) return payload.errors;
    await core.finish(attempt.id, payload.code, element);
    return then();
  };
  return form(t, { controls: [typed], submit: own('account.prove_go'), send });
}

function mail(account: Account, show: (...content: Node[]) => void, then: () => Promise<void>): HTMLElement {
  const { core, t, own, email, element } = account;
  const ask = async () => {
    const attempt = await core.attempt();
    const { payload } = await core.graphql(requestEmailCode, { input: { attempt, email } });
    if (payload.errors.length) return payload.errors;
    const code = codeInput(account);
    const send = async () => {
      const { payload } = await core.graphql(confirmEmailCode, { input: { attempt: await core.attempt(attempt.id), email, code: code.digits() } });
      if (!payload.code) return payload.errors;
      await core.finish(attempt.id, payload.code, element);
      return then();
    };
    return show(h('p.notice', {}, own('account.prove_sent', { email })), form(t, { controls: [code], submit: own('account.prove_go'), send }));
  };
  return form(t, { controls: [], submit: own('account.prove_send'), send: ask });
}

/** Where the eight digits of a mail are typed. */
export function codeInput({ t, own }: Account) {
  const made = textInput(t, { name: 'code', label: own('account.email_code'), autocomplete: 'one-time-code', required: true, maxlength: 16, more: { inputmode: 'numeric', class: 'input code', spellcheck: 'false' } });
  return { ...made, digits: () => made.input.value.replace(/\D/g, '') };
}
