import { button, h, newId } from '../kit/dom';
import { mistakeText } from '../kit/texts';
import { endMyCalendar, makeMyCalendar, myCalendar } from '../operations';
import type { Section } from './index';
import type { Key } from './texts';

/** The address at which calendar programs read what one attends: made, made anew, and ended. It is shown once. */
export const calendar: Section = async (further, show) => {
  const { account: { core, t, own: common }, own, when } = further;
  const is = (await core.graphql(myCalendar, {})).me?.calendar;
  const said = h('div.alert', { role: 'alert' });
  const refused = (code: string) => { said.textContent = code === 'RATE_LIMITED' ? common('account.often') : own(`error.${code}` as Key) || mistakeText(t, { code }); };
  let busy = false;
  /** Does one thing at a time, and says what stands against it. */
  const act = <P extends { readonly errors: readonly { code: string }[] }>(send: () => Promise<{ payload: P }>, then: (payload: P) => unknown) => () => {
    if (busy) return;
    busy = true;
    send().then(({ payload }) => (payload.errors[0] ? refused(payload.errors[0].code) : then(payload)), ({ code }: { code?: string }) => refused(code ?? '')).finally(() => { busy = false; });
  };
  const again = () => calendar(further, show);
  const make = act(() => core.graphql(makeMyCalendar, {}), ({ url }) => show(...made(url ?? '')));
  const end = act(() => core.graphql(endMyCalendar, {}), again);

  /** The address, this once. */
  const made = (url: string): Node[] => {
    const id = newId();
    const field = h('input.input', { id, readonly: true, value: url, onfocus: () => field.select() });
    const copied = h('span.help', { role: 'status' });
    const copy = button('secondary', own('copy'), () => {
      field.focus(); // where the page may not write to the clipboard, it is selected
      navigator.clipboard?.writeText(url).then(() => { copied.textContent = own('copied'); }, () => undefined);
    });
    setTimeout(() => field.focus());
    return [
      said,
      h('p.value', { role: 'status' }, own('feed_once')),
      h('div.field', {}, h('label.label', { for: id }, own('feed_address')), field, copied),
      copy,
      h('a.link', { href: url.replace(/^https?:/, 'webcal:') }, own('feed_open')),
      button('link', own('feed_end'), end),
    ];
  };

  show(said, h('p.value', {}, own('feed_what')), ...(is
    ? [h('p.value', {}, own('feed_since', { day: when.day(is.createdAt) })), button('secondary', own('feed_new'), make), button('link', own('feed_end'), end)]
    : [button('secondary', own('feed_make'), make)]));
};
