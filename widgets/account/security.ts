import { emailInput, textInput } from '../kit/control';
import { button, h } from '../kit/dom';
import { type UserError, form } from '../kit/form';
import { cancelMyEmailChange, changeMyPassword, closeMyAccount, confirmMyEmailChange, endMySession, removeMyIdentity, requestMyEmailChange, signOut } from '../operations';
import { device } from './device';
import { type Account, type View, answered } from './element';
import { passkeys } from './passkey';
import { codeInput } from './prove';

/** The shortest password that the server takes. */
const shortest = 10;

/** How one signs in and where one is signed in, each with the way to change it. */
export function security(account: Account): Node[] {
  const { core, t, own, mine, manifest, email, go, done, element } = account;
  const { security: how } = mine;
  const day = (time: string) => new Intl.DateTimeFormat(manifest.language, { dateStyle: 'medium' }).format(new Date(time));
  const said = h('div.alert', { role: 'alert' });
  /** A button that asks the server for one thing. */
  const act = (label: string, work: () => Promise<readonly UserError[]>) => button('link', label, () => void work().then(
    (errors) => (errors.length ? Promise.reject(errors) : done('security')),
  ).catch(() => { said.textContent = t('error.UNEXPECTED'); }));
  // The other devices are signed out only when the server has heard of it.
  const everywhere = () => void core.graphql(signOut, { input: { everywhere: true } }).then(() => core.signOut(false, element)).catch(() => { said.textContent = t('error.UNEXPECTED'); });
  const part = (title: string, ...content: (Node | string | false)[]) => h('section.part', {}, h('h3.title', {}, title), ...content);
  const keys = passkeys(account, day);
  return [
    said,
    part(own('account.email'), h('p.value', {}, email), button('link', own('account.email_change'), () => go('address'))),
    part(own('account.password'), h('p.value', {}, own(how.hasPassword ? 'account.password_set' : 'account.password_unset')), button('link', own(how.hasPassword ? 'account.password_change' : 'account.password_add'), () => go('password'))),
    ...(how.identities.length ? [part(own('account.logins'), h('ul.rows', {}, ...how.identities.map(({ provider, label, createdAt }) => h('li', {},
      h('span', {}, h('strong', {}, label), h('span.help', {}, own('account.login_since', { day: day(createdAt) }))),
      button('link', own('account.login_remove', { name: label }), () => go({ remove: provider }))))))] : []),
    ...(keys.length ? [part(own('account.passkeys'), ...keys)] : []),
    part(own('account.sessions'), h('ul.rows', {}, ...how.sessions.map(({ id, current, userAgent, usedAt, supportedBy }) => {
      const name = supportedBy ? own('account.session_support', { name: supportedBy }) : device(userAgent) || own('account.session_unknown');
      return h('li', {},
        h('span', {}, h('strong', {}, name), h('span.help', {}, current ? own('account.session_here') : own('account.session_used', { day: day(usedAt) }))),
        !current && act(own('account.session_end', { name }), async () => (await core.graphql(endMySession, { input: { id } })).payload.errors));
    })), button('link', own('account.everywhere'), everywhere)),
    h('hr'),
    button('link', own('account.close'), () => go('closing')),
  ];
}

/** A new address: asked for, then proven by the code that its mailbox gets. */
export function newAddress(account: Account): Node[] {
  const { core, t, own, mine, heading, go, done } = account;
  const waiting = mine.security.emailChange;
  const back = button('link', own('account.back'), () => go('security'));
  if (!waiting) {
    const email = emailInput(t, 'email');
    const send = async () => {
      const { payload } = await core.graphql(requestMyEmailChange, { input: { email: email.input.value.trim() } });
      return payload.errors.length ? answered(account, 'address', payload.errors) : done('address');
    };
    return [heading(own('account.email_new'), own('account.email_hint')), form(t, { controls: [email], submit: own('account.email_send'), send }), back];
  }
  const code = codeInput(account);
  const send = async () => {
    const { payload } = await core.graphql(confirmMyEmailChange, { input: { code: code.digits() } });
    return payload.errors.length ? payload.errors : done('security', own('account.email_done'));
  };
  const said = h('div.alert', { role: 'alert' });
  const cancel = () => void core.graphql(cancelMyEmailChange, {}).then(() => done('security')).catch(() => { said.textContent = t('error.UNEXPECTED'); });
  return [
    heading(own('account.email_new')), said, h('p.notice', {}, own('account.email_wait', { email: waiting.email })),
    form(t, { controls: [code], submit: own('account.email_confirm'), send }), button('link', own('account.email_cancel'), cancel), back,
  ];
}

/** A password, or another one. This session goes on as a new one; every other ends. */
export function newPassword(account: Account): Node[] {
  const { core, t, own, mine, heading, go, done, element, email } = account;
  const typed = textInput(t, { name: 'password', label: own('account.password_new'), type: 'password', autocomplete: 'new-password', required: true, maxlength: 1000, help: own('account.password_hint', { min: shortest }) });
  const user = h('input', { type: 'text', autocomplete: 'username', value: email, hidden: true }); // for password managers
  const send = async () => {
    const attempt = await core.attempt();
    const { payload } = await core.graphql(changeMyPassword, { input: { attempt, password: typed.input.value } });
    if (!payload.code) return answered(account, 'password', payload.errors);
    await core.finish(attempt.id, payload.code, element);
    return done('security', own('account.password_done'));
  };
  return [
    heading(own(mine.security.hasPassword ? 'account.password_change' : 'account.password_add')),
    form(t, { controls: [{ ...typed, check: () => (typed.input.value.length < shortest ? { code: 'WEAK_PASSWORD' } : undefined) }], submit: own('account.save'), send, between: [user] }),
    button('link', own('account.back'), () => go('security')),
  ];
}

/** The last question before an account is closed, or a linked login removed. */
export function closing(account: Account, view: View): Node[] {
  const { core, t, own, mine, heading, go, done, element } = account;
  const remove = typeof view === 'object' && 'remove' in view && view.remove;
  const name = mine.security.identities.find((one) => one.provider === remove)?.label ?? (remove || '');
  const send = async () => {
    if (remove) {
      const { payload } = await core.graphql(removeMyIdentity, { input: { provider: remove } });
      return payload.errors.length ? answered(account, view, payload.errors) : done('security');
    }
    const { payload } = await core.graphql(closeMyAccount, {});
    return payload.errors.length ? answered(account, view, payload.errors) : core.signOut(false, element);
  };
  return [
    remove ? heading(own('account.login_remove', { name })) : heading(own('account.close_title'), own('account.close_hint')),
    form(t, { controls: [], submit: remove ? own('account.login_remove', { name }) : own('account.close_yes'), send }),
    button('link', remove ? own('account.back') : own('account.close_no'), () => go('security')),
  ];
}
