/**
 * Messages between a person and the site's staff in "my account" (P-22): what there is, what is said, and an answer. It follows what comes. A module of
 * its own, for who has a conversation.
 */
import type { Account, TabOf } from '../account/element';
import { textInput } from '../kit/control';
import { button, h, sheet } from '../kit/dom';
import { form } from '../kit/form';
import type { Translate } from '../kit/texts';
import { answerMyThread, myThread, myThreads, readMyThread } from '../operations';
import { nothing, paged } from '../sales/list';
import { type Show, fill } from '../sales/section';
import { hear } from './follow';
import css from './styles.css';
import { type Own, ownTexts } from './texts';

export { follow } from './follow';

const styles = sheet(css);

type Answer = NonNullable<NonNullable<(typeof myThread)['__types']>[0]>;
type Page = NonNullable<NonNullable<Answer['me']>['thread']>['messages'];
type Message = Page['nodes'][number];

interface Inbox {
  readonly account: Account;
  readonly own: Own;
  readonly place: HTMLElement;
  moment(time: string): string;
}

/** Opens the section where the account has left room for it. */
export function open(account: Account, _tab: TabOf<'inbox'>, place: HTMLElement): void {
  const { element: { shadowRoot }, manifest: { language } } = account;
  if (shadowRoot && !shadowRoot.adoptedStyleSheets.includes(styles)) shadowRoot.adoptedStyleSheets = [...shadowRoot.adoptedStyleSheets, styles];
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  list({ account, own: ownTexts(language), place, moment: (time) => format.format(new Date(time)) });
}

/** Shows something and reads it anew each time something may have changed, for as long as it is in its place. Gives what reads it. */
function live({ account, place }: Inbox, view: (show: Show) => Promise<void>): () => void {
  const box = h('div.stack');
  place.removeAttribute('aria-busy');
  place.replaceChildren(box);
  const read = () => fill(account, box, view);
  const stop = hear(() => (box.isConnected ? read() : stop()));
  read();
  return read;
}

function list(inbox: Inbox): void {
  const { account, own, moment } = inbox;
  live(inbox, (show) => paged({ account, own }, show, async (after) => (await account.core.graphql(myThreads, { after })).me?.threads, (rows) => (rows.length ? [
    h('ul.rows', {}, ...rows.map(({ id, subject, unread, lastAt, last }) => h('li.thread', {},
      button('link', subject, () => thread(inbox, id)),
      h('span.help', {}, moment(lastAt), !!unread && h('strong.new', {}, own('new', { n: unread }))),
      !!last && h('p.excerpt', {}, `${last.author === 'PERSON' ? own('you') : last.authorName}: ${last.body}`),
    ))),
  ] : nothing(own('none')))));
}

/** A plain text with its addresses made links, of the web only. */
function linked(text: string): (Node | string)[] {
  return text.split(/(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]])/).map((part, at) => (at % 2 ? h('a', { href: part, target: '_blank', rel: 'noopener noreferrer nofollow' }, part) : part));
}

function thread(inbox: Inbox, id: string): void {
  const { account, own, moment } = inbox;
  const { core, t } = account;
  const words: Translate = (key, values) => (own as Translate)(key, values) || t(key, values);
  const body = textInput(words, { name: 'body', label: own('answer'), autocomplete: 'off', required: true, maxlength: 10_000, tag: 'textarea.input', more: { rows: '4' } });
  const answer = form(words, {
    controls: [body], submit: own('send'),
    send: async () => {
      const { payload } = await core.graphql(answerMyThread, { input: { id, body: body.input.value } });
      if (payload.errors.length) return payload.errors;
      body.input.value = '';
      read();
      return undefined;
    },
  });
  const load = async (after: string | null) => (await core.graphql(myThread, { id, after })).me?.thread;
  const seen = new Map<string, Message>(); // what was shown stays, also when newer ones push it out of the page
  let place: Page['pageInfo'] | undefined;
  let opened = false; // at the newest message; after that a reader stays where they are
  let asked = false; // for older ones, whose list then has the focus of the button
  const take = ({ nodes, pageInfo }: Page, older = false): void => {
    for (const one of nodes) seen.set(one.id, one);
    if (older || !place) place = pageInfo;
  };
  const more = async () => {
    const found = await load(place?.endCursor ?? null);
    if (found) take(found.messages, true);
    asked = true;
    read();
  };
  const read = live(inbox, async (show) => {
    const found = await load(null);
    if (!found) return;
    const { subject, messages, unread } = found;
    take(messages);
    const focused = body.input.matches(':focus');
    const said = h('ol.messages', { 'aria-live': 'polite', tabindex: -1 }, ...[...seen.values()].sort((a, b) => (a.id < b.id ? -1 : 1)).map(({ author, authorName, body: text, at }) => h(`li.${author === 'PERSON' ? 'mine' : 'theirs'}`, {},
      h('span.help', {}, `${author === 'PERSON' ? own('you') : authorName} · ${moment(at)}`), h('div.text', {}, ...linked(text)),
    )));
    show(
      button('link', own('back'), () => list(inbox)),
      h('h3.title', {}, subject),
      ...(place?.hasNextPage ? [button('link', own('older'), () => void more().catch(() => said.before(h('p.alert', { role: 'alert' }, account.t('error.UNEXPECTED')))))] : []),
      said,
      answer,
    );
    if (focused) body.input.focus();
    if (asked) said.focus();
    asked = false;
    if (!opened) said.lastElementChild?.scrollIntoView({ block: 'nearest' });
    opened = true;
    if (unread) void core.graphql(readMyThread, { input: { id } }).catch(() => {}); // in a support session it stays unread
  });
}
