import { me as meQuery, signOut as signOutMutation } from '../operations';
import { type Key, digest, openKey, random } from './proof';
import { openStore } from './store';
import type { Core, Manifest, Page, Problem } from './types';

interface Tokens {
  readonly access_token: string;
  /** Absent where the server keeps it in a cookie: on the site's login domain. */
  readonly refresh_token?: string;
  readonly expires_in: number;
}

/** Why the server refuses; the message is for the page's developer. */
interface Wrong {
  readonly code?: string;
  readonly reason?: string;
  readonly message?: string;
  /** Where GraphQL's errors have the first two. */
  readonly extensions?: Wrong;
}

/** The error of a REST answer, or of a GraphQL answer that did not get as far as a payload. */
interface Answer {
  readonly data?: unknown;
  readonly error?: Wrong;
  readonly errors?: readonly Wrong[];
}

/** A payload that asks for work first, and what it answers to. */
interface Asked {
  readonly payload?: { readonly work?: string | null };
}
interface Working {
  readonly input: object;
}

/** Tokens are renewed this long before they end, in milliseconds: a slow request must not arrive late. */
const margin = 30_000;

const bare = (url: string) => url.replace(/#.*/, '');

const problem = (code = 'UNEXPECTED', status = 0, message = code): Problem => Object.assign(Error(message), { code, status });

/**
 * Opens the session of a site in this page. The access token is kept in memory, the refresh token in
 * IndexedDB, and both are of use only together with the key there. Only one page of the browser
 * refreshes at a time (`navigator.locks`), and pages tell one another who comes and goes (BroadcastChannel).
 */
export function open({ server, site, language, credentials }: Pick<Manifest, 'server' | 'site' | 'language' | 'credentials'>, use: Page['use']): Core {
  const name = `carnet:${site}`;
  const store = openStore(name);
  const channel = new BroadcastChannel(name);
  const watchers = new Set<() => void>();
  const started = new Map<string, EventTarget | undefined>(); // attempts given to a provider, and where from
  let key: Promise<Key> | undefined;
  let nonce = '';
  let access = '';
  let expires = 0;
  let next: { id: string; verifier: string; url: string } | undefined;

  const change = (changes: Partial<Pick<Core, 'me' | 'proving' | 'problem'>>) => {
    Object.assign(core, changes);
    for (const changed of watchers) changed();
  };
  const emit: Core['emit'] = (type, detail, from = document) => {
    from.dispatchEvent(new CustomEvent(`carnet:${type}`, { detail, bubbles: true, composed: true }));
  };
  const myKey = () => (key ??= openKey(store));
  const locked = <T>(work: () => Promise<T>): Promise<T> => navigator.locks.request(name, work);

  /** Posts JSON with a proof, once more when the server asks for its newest nonce (RFC 9449 §8). An empty token: as nobody, without a proof. */
  async function post(path: string, body: object, token?: string, again?: boolean): Promise<Answer> {
    const url = server + path;
    const used = nonce;
    const headers: Record<string, string> = { 'Content-Type': 'application/json', 'Carnet-Site': site, 'Accept-Language': language };
    if (token !== '') headers['DPoP'] = await (await myKey()).proof(url, used, token);
    if (token) headers['Authorization'] = `DPoP ${token}`;
    const response = await fetch(url, { method: 'POST', credentials, headers, body: JSON.stringify(body) }).catch(() => {
      throw problem('NETWORK');
    });
    nonce = response.headers.get('DPoP-Nonce') ?? used;
    const answer: Answer = await response.json().catch(() => ({}));
    if (response.status === 401 && nonce !== used && !again) return post(path, body, token, true);
    const wrong = answer.errors?.[0] ?? answer.error;
    const { reason, code } = wrong?.extensions ?? wrong ?? {};
    if (wrong || !response.ok) throw problem(reason || code, response.status, wrong?.message);
    return answer;
  }

  async function keep(answer: Answer): Promise<void> {
    const tokens = answer as Tokens;
    access = tokens.access_token;
    expires = Date.now() + tokens.expires_in * 1000 - margin;
    await store.set('refresh', [tokens.refresh_token, nonce]);
  }

  /** An access token that is still good, or none when nobody is signed in. */
  async function token(): Promise<string> {
    const good = () => access && Date.now() < expires;
    if (good()) return access;
    return locked(async () => {
      if (good()) return access; // another call refreshed while this one waited
      const kept = await store.get<[string | undefined, string]>('refresh');
      if (!kept) return '';
      nonce ||= kept[1]; // the last page's nonce is likely still good: saves a refused call
      try {
        await keep(await post('/v1/refresh', { site, refresh_token: kept[0] }));
      } catch (error) {
        // Refused for good; anything else (no network, too many calls) leaves the session for a later try.
        if ([400, 401].includes((error as Problem).status)) await forget();
        throw error;
      }
      return access;
    });
  }

  const send: Core['send'] = (path, body) => {
    const once = async () => post(path, body, await token());
    return once().catch((error: Problem) => {
      if (error.code !== 'UNAUTHENTICATED' || !access) throw error;
      access = ''; // ended early: renewed once, or found to be over
      return once();
    });
  };
  const graphql: Core['graphql'] = async (query, variables, from) => {
    const { data } = await send('/graphql', { query, variables });
    const challenge = (data as Asked).payload?.work;
    if (!challenge) return data as never;
    const work = await ((await use('work')) as typeof import('../work')).solve(challenge, from);
    return graphql(query, { input: { ...(variables as Working).input, work } } as never, from);
  };

  /** Takes up what the store holds: after a sign-in here or in another tab, and at start. */
  async function restore(from?: EventTarget): Promise<void> {
    if (!(await token())) return;
    const was = core.me?.subject;
    const { me } = await graphql(meQuery, {});
    change({ me, proving: null, problem: '' });
    if (me && me.subject !== was) emit('signed-in', { sub: me.subject }, from);
  }

  /** Drops all that belongs to the session, the key too, here and in other tabs: the next person is another one. */
  async function forget(from?: EventTarget): Promise<void> {
    await store.drop('');
    left(from);
    channel.postMessage('out');
  }

  function left(from?: EventTarget): void {
    const was = core.me;
    access = '';
    key = undefined;
    if (next) void prepare();
    change({ me: null });
    if (was) emit('signed-out', {}, from);
  }

  const verifierOf = async (id: string): Promise<string> => {
    const verifier = await store.get<string>(`attempt:${id}`);
    if (!verifier) throw problem('CODE_EXPIRED'); // not started in this browser, or long ago
    return verifier;
  };
  const publicPart = async (id: string, verifier: string) => ({ id, challenge: await digest(verifier), jkt: (await myKey()).jkt });

  const attempt: Core['attempt'] = async (id) => {
    if (id) return publicPart(id, await verifierOf(id));
    const verifier = random();
    await store.set(`attempt:${(id = random())}`, verifier);
    return publicPart(id, verifier);
  };

  const finish: Core['finish'] = async (id, code, from) => {
    const verifier = await verifierOf(id);
    await locked(async () => keep(await post('/v1/token', { site, code, verifier })));
    await store.drop('attempt:');
    channel.postMessage('in');
    await restore(from);
  };

  const prepare: Core['prepare'] = async () => {
    const verifier = random();
    const { id, ...rest } = await publicPart(random(), verifier);
    next = { id, verifier, url: `/start?${new URLSearchParams({ site, origin: location.origin, attempt: id, ...rest })}&mode=` };
  };

  const social: Core['social'] = (provider, from) => {
    if (!next) return;
    const { id, verifier, url } = next;
    const start = `${server}/v1/social/${encodeURIComponent(provider)}${url}`;
    const saved = store.set(`attempt:${id}`, verifier);
    started.set(id, from);
    change({ problem: '' });
    void prepare();
    // A popup that is closed, or seems so because it has cut its tie to this page, is no failure: the
    // answer then comes by way of another tab, or the person clicks again.
    if (window.open(`${start}popup`, '', 'popup,width=480,height=680')) return;
    sessionStorage.setItem(name, location.href);
    void saved.then(() => location.assign(`${start}redirect`));
  };

  /** What a provider's sign-in came to: told by the popup, or in the address after a redirect. */
  async function receive(kind: string, id: string, value: string): Promise<void> {
    const from = started.get(id);
    try {
      if (kind === 'error') throw problem(value);
      if (kind === 'code') return await finish(id, value, from);
      await attempt(id); // refuses an attempt that this browser did not start
      change({ proving: { attempt: id, email: value } });
    } catch (error) {
      const { code } = error as Problem;
      change({ problem: code || 'UNEXPECTED' });
      emit('error', { code }, from);
    }
  }

  /** After a redirect: back to the page it began on, then the answer is taken out of the address at once. */
  async function resume(): Promise<void> {
    const [, kind = 'code', id = '', value = ''] = /^#carnet(?:-(\w+))?=([\w-]+)\.([\w-]+)$/.exec(location.hash) ?? [];
    if (!id) return;
    const page = bare(location.href);
    const back = sessionStorage.getItem(name) ?? page;
    if (bare(back) !== page) return location.replace(bare(back) + location.hash);
    sessionStorage.removeItem(name);
    history.replaceState(history.state, '', back);
    const text = kind === 'prove' ? new TextDecoder().decode(Uint8Array.from(atob(value.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))) : value;
    await receive(kind, id, text);
  }

  addEventListener('message', ({ origin, data }) => {
    if (origin === new URL(server).origin && started.has(data?.attempt)) {
      void receive(data.type.slice(7), data.attempt, data.code ?? data.email ?? data.reason);
    }
  });
  channel.onmessage = ({ data }) => {
    if (data !== 'in') return left();
    access = ''; // may be another person's
    restore().catch(() => {});
  };

  const core: Core = {
    me: null,
    proving: null,
    problem: '',
    attempt, finish, prepare, social, send, graphql, emit,
    ready: Promise.resolve()
      .then(resume)
      .then(() => (core.me ? undefined : restore()))
      .catch((error: Problem) => emit('error', { code: error.code })),
    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    reload: restore,
    dismiss: () => change({ proving: null, problem: '' }),
    async signOut(everywhere, from) {
      await graphql(signOutMutation, { input: { everywhere } }).catch(() => {});
      await forget(from);
    },
  };
  return core;
}
