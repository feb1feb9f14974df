import type { Core, Problem } from '../core/types';
import { textInput } from '../kit/control';
import { button, h } from '../kit/dom';
import { offer } from '../kit/download';
import { form } from '../kit/form';
import type { Translate } from '../kit/texts';
import { askForErasure, withdrawMyPrivacyRequest } from '../operations';
import { type Account, answered } from './element';

/** Says of a limit that it is of an hour, where the common text says a minute. */
const often = ({ t, own }: Account): Translate => (key, places) => (key === 'error.RATE_LIMITED' ? own('account.often') : t(key, places));

/** What one may ask about one's own data: all of it as a file, and to have it erased. */
export function data(account: Account): Node[] {
  const { core, t, own, mine, manifest, go, done } = account;
  const asked = mine.privacyRequest;
  const day = (time: string) => new Intl.DateTimeFormat(manifest.language, { dateStyle: 'long' }).format(new Date(time));
  const said = h('div.alert', { role: 'alert' });
  const withdraw = () => void core.graphql(withdrawMyPrivacyRequest, { input: { id: asked!.id } }).then(
    ({ payload }) => done('data', payload.errors.length ? '' : own('account.erasure_withdrawn')), // answered meanwhile: the answer is shown
    () => { said.textContent = t('error.UNEXPECTED'); },
  );
  const part = (title: string, ...content: (Node | string | false)[]) => h('section.part', {}, h('h3.title', {}, title), ...content);
  const waiting = asked?.state === 'OPEN';
  const name = manifest.name;
  const answer = asked?.doneAt && asked.state !== 'WITHDRAWN' && own(asked.state === 'DONE' ? 'account.erasure_done' : 'account.erasure_refused', { name, day: day(asked.doneAt) });
  return [
    said,
    part(own('account.export'), h('p.value', {}, own('account.export_what', { name })), button('link', own('account.export_go'), () => go('export'))),
    part(own('account.erasure'),
      ...(waiting ? [
        h('p.value', {}, own('account.erasure_open', { name, day: day(asked.askedAt), due: day(asked.dueAt) })),
        button('link', own('account.erasure_withdraw'), withdraw),
      ] : [
        !!answer && h('p.value', {}, answer),
        !!answer && !!asked?.reason && h('blockquote.value', {}, asked.reason),
        h('p.value', {}, own('account.erasure_what', { name })),
        button('link', own('account.erasure_go'), () => go('erasure')),
      ])),
  ];
}

/** The file with all that is held about the person. */
export function exporting(account: Account): Node[] {
  const { core, own, manifest, heading, go, done } = account;
  const send = async () => {
    try {
      offer(JSON.stringify(await file(core), null, 2), 'application/json', `${manifest.site}-my-data.json`);
    } catch (error) {
      if ((error as Problem).code !== 'PROOF_NEEDED') throw error;
      return done('export');
    }
    return done('data', own('account.export_done'));
  };
  return [
    heading(own('account.export'), own('account.export_hint')),
    form(often(account), { controls: [], submit: own('account.export_yes'), send }),
    button('link', own('account.back'), () => go('data')),
  ];
}

/** Fetches the file with the session's proof: a link would need a token in its address. */
async function file(core: Core): Promise<object> {
  const made = await core.send('/v1/my-data', {});
  if (!('schema' in made)) throw Object.assign(new Error(), { code: 'UNEXPECTED' }); // cut off on its way
  return made;
}

/** The request to be erased, with room for a word about it. */
export function erasing(account: Account): Node[] {
  const { core, t, own, manifest, heading, go, done } = account;
  const message = textInput(t, { name: 'message', label: own('account.erasure_message'), autocomplete: 'off', tag: 'textarea.input', maxlength: 2000, help: own('account.erasure_message_hint'), more: { rows: '4' } });
  const send = async () => {
    const { payload } = await core.graphql(askForErasure, { input: { message: message.input.value } });
    if (payload.errors.some(({ code }) => code === 'ALREADY_ASKED')) return done('data'); // in another tab
    return payload.errors.length ? answered(account, 'erasure', payload.errors) : done('data', own('account.erasure_asked'));
  };
  return [
    heading(own('account.erasure_title'), own('account.erasure_hint', { name: manifest.name })),
    form(often(account), { controls: [message], submit: own('account.erasure_yes'), send }),
    button('link', own('account.back'), () => go('data')),
  ];
}
