import { page } from '../kit/element';
import { textInput } from '../kit/control';
import { button, h } from '../kit/dom';
import { type UserError, form } from '../kit/form';
import type { Problem } from '../core/types';
import type { Translate } from '../kit/texts';
import { removeMyPasskey, renameMyPasskey } from '../operations';
import { type Account, answered } from './element';
import { device } from './device';

type Ceremony = typeof import('../passkey');

/** Whether one may be used here: the site has them, and the browser knows them. */
export const usable = ({ manifest }: Account): boolean => manifest.passkeys && 'PublicKeyCredential' in self;

/** What needs the module of passkeys, shown once it is there: a click must not wait for it. */
function withCeremony({ element, manifest }: Account, content: (use: Ceremony, t: Translate) => HTMLElement): HTMLElement {
  const box = h('div.stack');
  page().use('passkey').then(
    (loaded) => {
      const use = loaded as Ceremony;
      box.append(content(use, use.withOwn(manifest)));
    },
    (error: Problem) => element.fail(error),
  );
  return box;
}

/** A form with a button that proves who one is by a passkey of this account. */
export const provePasskey = (account: Account, then: () => Promise<void>): HTMLElement => withCeremony(account, ({ signIn }, t) => form(t, {
  controls: [], submit: account.own('account.prove_passkey'),
  async send() {
    const errors = await signIn(account.core, account.element);
    return errors.length ? errors : then();
  },
}));

/** The passkeys, each with the way to its page, and the way to one more. Nothing where there are none and can be none. */
export function passkeys(account: Account, day: (time: string) => string): Node[] {
  const { own, mine, go } = account;
  const list = mine.security.passkeys;
  if (!list.length && !usable(account)) return [];
  return [
    list.length ? h('ul.rows', {}, ...list.map((one) => h('li', {},
      h('span', {}, h('strong', {}, one.name), h('span.help', {}, one.former ? own('account.passkey_former') : own(one.usedAt ? 'account.passkey_used' : 'account.passkey_made', { day: day(one.usedAt ?? one.createdAt) }))),
      button('link', own('account.passkey_change', { name: one.name }), () => go({ passkey: one.id }))))) : h('p.value', {}, own('account.passkey_none')),
    ...(usable(account) ? [button('link', own('account.passkey_add'), () => go('passkey'))] : []),
  ];
}

const nameInput = ({ t, own }: Account, value: string) =>
  textInput(t, { name: 'name', label: own('account.passkey_name'), autocomplete: 'off', required: true, maxlength: 100, value, help: own('account.passkey_name_hint') });

/** One more passkey, made by this browser. */
export function newPasskey(account: Account): Node[] {
  const { core, own, heading, go, done } = account;
  const name = nameInput(account, device(navigator.userAgent));
  const send = async (use: Ceremony) => {
    const errors = await use.make(core, name.input.value.trim());
    return errors.length ? answered(account, 'passkey', errors) : done('security', own('account.passkey_added'));
  };
  return [
    heading(own('account.passkey_add'), own('account.passkey_hint')),
    withCeremony(account, (use, t) => form(t, { controls: [name], submit: own('account.passkey_make'), send: () => send(use) })),
    button('link', own('account.back'), () => go('security')),
  ];
}

/** One passkey: its name, and the way to be rid of it, which is asked once more. */
export function onePasskey(account: Account, id: string, gone = false): Node[] {
  const { core, t, own, mine, heading, go, done } = account;
  const one = mine.security.passkeys.find((passkey) => passkey.id === id);
  const back = button('link', own('account.back'), () => go('security'));
  if (!one) return [heading(own('account.passkeys')), back]; // removed elsewhere
  const after = async (said: string, errors: readonly UserError[]) => (errors.length ? answered(account, { passkey: id, gone }, errors) : done('security', said));
  if (gone) {
    const send = async () => after(own('account.passkey_removed'), (await core.graphql(removeMyPasskey, { input: { id } })).payload.errors);
    return [heading(own('account.passkey_remove_title', { name: one.name }), own(one.former ? 'account.passkey_former_hint' : 'account.passkey_remove_hint')), form(t, { controls: [], submit: own('account.passkey_remove'), send }), back];
  }
  const name = nameInput(account, one.name);
  const send = async () => after(own('account.saved'), (await core.graphql(renameMyPasskey, { input: { id, name: name.input.value.trim() } })).payload.errors);
  return [
    heading(one.name, one.former ? own('account.passkey_former_hint') : ''),
    form(t, { controls: [name], submit: own('account.save'), send }),
    button('link', own('account.passkey_remove'), () => go({ passkey: id, gone: true })),
    back,
  ];
}
