/**
 * A browser with a host page on one site and a server on another, for the tests of the folders. The server
 * serves dist as widgets.go does and plays the API by canned answers, but it is strict about what
 * a client must get right: origins, the attempt, DPoP proofs with a nonce, rotation. The whole with the real server is
 * tested in ../e2e.
 */
import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Browser, type Page, chromium } from 'playwright-core';
import type { Field } from '../kit/field/index';

const dist = new URL('../dist/', import.meta.url);
const built = JSON.parse(readFileSync(new URL('manifest.json', dist), 'utf8')) as { files: Record<string, { file: string; integrity: string }> };

/** The policy of docs/widgets.md, at its strictest: nothing but our server, no policy for Trusted Types, no inline anything. */
export const strictPolicy = (carnet: string): string =>
  `default-src 'none'; script-src ${carnet}; connect-src ${carnet}; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'`;

type Json = Record<string, unknown>;

/** What a test may change about the server. */
export interface Stage {
  readonly carnet: string;
  readonly host: string;
  /** Laid over the manifest. */
  site: Json;
  /** The host's page: what its body holds. */
  body: string;
  /** The host page's language, and its policy when not the strict one. */
  lang: string;
  policy: string;
  /** What is told of the policy although the test means it. */
  expected: RegExp | undefined;
  fields: Field[];
  /** GraphQL answers by operation; a function gets the variables. Laid over those that make everything work. */
  answers: Record<string, (variables: Record<string, Json>) => Json>;
  /** What the server was asked, in order: path, or GraphQL operation. */
  readonly asked: string[];
  /** The variables of the last call of each operation. */
  readonly sent: Record<string, Record<string, Json>>;
  /** Forms that the host's page sent. */
  readonly posted: string[];
  /** Sessions: access tokens that are good now. */
  readonly tokens: Set<string>;
  /** A new page of a new visitor at the host. Fails the test on a broken policy or an error of the page. */
  visit(options?: Parameters<Browser['newContext']>[0]): Promise<Page>;
  close(): Promise<void>;
}

const me = { subject: 'usr_1', email: 'ada@example.com', firstName: 'Ada', lastName: 'Byron', displayName: 'Byron, Ada', supportedBy: '' };

const base64url = (data: Uint8Array) => Buffer.from(data).toString('base64url');
const digest = (text: string) => base64url(createHash('sha256').update(text).digest());

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

async function listen(server: Server, host: string): Promise<string> {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

/** Checks a proof as RFC 9449 §4.3 asks; gives the key's thumbprint, or why it is refused. */
async function checkProof(proof: string, url: string, nonce: string, seen: Set<string>, token?: string): Promise<{ jkt: string } | { refused: string }> {
  const [head = '', body = '', signature = ''] = proof.split('.');
  const header = JSON.parse(Buffer.from(head, 'base64url').toString() || '{}');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString() || '{}');
  if (header.typ !== 'dpop+jwt' || header.alg !== 'ES256' || header.jwk?.d) return { refused: 'header' };
  const key = await webcrypto.subtle.importKey('jwk', header.jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  if (!(await webcrypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, Buffer.from(signature, 'base64url'), Buffer.from(`${head}.${body}`)))) return { refused: 'signature' };
  if (claims.htm !== 'POST' || claims.htu !== url || Math.abs(claims.iat - Date.now() / 1000) > 60) return { refused: 'claims' };
  if (seen.has(claims.jti)) return { refused: 'replay' };
  if (token && claims.ath !== digest(token)) return { refused: 'ath' };
  if (claims.nonce !== nonce) return { refused: 'USE_DPOP_NONCE' };
  seen.add(claims.jti);
  const { crv, kty, x, y } = header.jwk;
  return { jkt: digest(JSON.stringify({ crv, kty, x, y })) };
}

let browser: Promise<Browser> | undefined;
const executable = [process.env['CHROMIUM'], '/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path && existsSync(path));
const launch = () => (browser ??= chromium.launch({
  ...(executable && { executablePath: executable }),
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
}));

/** Starts server and host. */
export async function stage(): Promise<Stage> {
  const nonce = randomBytes(8).toString('hex');
  const proofs = new Set<string>();
  const refreshes = new Map<string, string>(); // refresh token -> thumbprint
  const attempts = new Map<string, { challenge: string; jkt: string }>(); // code -> attempt
  const problems: string[] = [];

  const issue = (jkt: string) => {
    const access = randomBytes(16).toString('hex');
    const refresh = randomBytes(16).toString('hex');
    it.tokens.add(access);
    refreshes.set(refresh, jkt);
    return { access_token: access, token_type: 'DPoP', expires_in: 300, refresh_token: refresh };
  };
  const code = ({ input }: Record<string, Json>) => {
    const attempt = input?.['attempt'] as { id: string; challenge: string; jkt: string };
    const made = randomBytes(32).toString('base64url');
    attempts.set(made, attempt);
    return { payload: { code: made, errors: [] } };
  };
  const done = () => ({ payload: { errors: [] } });
  const usual: Stage['answers'] = {
    me: () => ({ me }),
    signOut: () => {
      it.tokens.clear();
      refreshes.clear();
      return { signOut: { signedOut: true } };
    },
    signIn: code, signInWithPasskey: code, enterSupportSession: code, confirmEmailCode: code, signUp: done, requestEmailCode: done,
    prepareCheckout: ({ input }) => ({ payload: { token: `token-for-${String(input?.['order'])}`, errors: [] } }),
    startPasskeySignIn: () => ({ payload: { options: { challenge: digest('a challenge'), rpId: 'localhost', timeout: 300000, userVerification: 'required' }, errors: [] } }),
    surfaceFields: () => ({ surfaceFields: it.fields }),
  };

  const manifest = (lang: string, ask: string): Json => {
    const language = ['en', 'fr', 'nb'].includes(lang) ? lang : 'en';
    const modules = Object.fromEntries(Object.entries(built.files).map(([name, { file, integrity }]) => [name, { url: `${it.carnet}/widgets/v1/assets/${file}`, integrity }]));
    const { core, loader: _loader, ...widgets } = modules;
    return {
      site: 'demo', name: 'Fjordlight Hall', language, style: ':host{--site:#155e6b}', accountsEnabled: true, loginRequired: false, consent: { text: 'Fjordlight Hall may contact me with news and offers.', version: 3, language: 'en' }, providers: [], passkeys: true,
      server: it.carnet, credentials: 'omit', core, widgets, texts: JSON.parse(readFileSync(new URL(`locale/${language}.json`, dist), 'utf8')),
      ...(ask && { questions: Object.fromEntries(ask.split(',').map((box) => [box.replace('carnet-', '').toUpperCase(), it.fields])) }), ...it.site,
    };
  };

  async function api(request: IncomingMessage, path: string): Promise<[number, Json]> {
    if (request.headers.origin !== it.host) return [403, { error: { code: 'FORBIDDEN', reason: '' } }];
    const body = JSON.parse(await bodyOf(request)) as Json;
    const token = /^DPoP (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    const proof = request.headers['dpop'];
    const name = path === '/graphql' ? /^\w+ (\w+)/.exec(String(body['query']))?.[1] ?? '' : path;
    it.asked.push(name);
    let jkt = '';
    if (proof || path !== '/graphql') {
      const checked = await checkProof(String(proof), it.carnet + path, nonce, proofs, token);
      if ('refused' in checked) return [401, { error: { code: 'UNAUTHENTICATED', reason: checked.refused } }];
      jkt = checked.jkt;
    }
    if (path === '/v1/token') {
      const attempt = attempts.get(String(body['code']));
      attempts.delete(String(body['code']));
      if (!attempt || attempt.jkt !== jkt || attempt.challenge !== digest(String(body['verifier']))) return [400, { error: { code: 'BAD_INPUT', reason: 'INVALID_GRANT' } }];
      return [200, issue(jkt)];
    }
    if (path === '/v1/refresh') {
      const old = String(body['refresh_token']);
      if (refreshes.get(old) !== jkt) return [400, { error: { code: 'BAD_INPUT', reason: 'INVALID_GRANT' } }];
      refreshes.delete(old);
      return [200, issue(jkt)];
    }
    if (request.headers['carnet-site'] !== 'demo') return [400, { error: { code: 'BAD_INPUT', reason: 'UNKNOWN' } }];
    if (token && !it.tokens.has(token)) return [200, { errors: [{ message: 'over', extensions: { code: 'UNAUTHENTICATED' } }] }];
    const variables = (body['variables'] ?? {}) as Record<string, Json>;
    it.sent[name] = variables;
    const given = (await (it.answers[name] ?? usual[name])?.(variables)) ?? {};
    if (path !== '/graphql') return ['error' in given ? 400 : 200, given];
    return [200, 'errors' in given ? given : { data: given }];
  }

  const carnetServer = createServer((request, response) => void serve(request, response).catch((error) => problems.push(String(error))));
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', it.carnet);
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.setHeader('Access-Control-Expose-Headers', 'DPoP-Nonce');
    const file = /\/widgets\/v1\/(?:assets\/)?([\w-]+\.js)$/.exec(url.pathname)?.[1];
    if (file) {
      response.setHeader('Content-Type', 'text/javascript');
      response.end(readFileSync(new URL(file, dist)));
    } else if (url.pathname.startsWith('/widgets/v1/sites/')) {
      it.asked.push(`manifest ${url.searchParams.get('lang')}`);
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(manifest(url.searchParams.get('lang') ?? '', url.searchParams.get('ask') ?? '')));
    } else if (request.method === 'OPTIONS') {
      response.setHeader('Access-Control-Allow-Headers', 'content-type, carnet-site, dpop, authorization');
      response.writeHead(204).end();
    } else if (url.pathname.endsWith('/start')) {
      finishSocial(url, response);
    } else {
      const [status, answer] = await api(request, url.pathname);
      response.setHeader('DPoP-Nonce', nonce);
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
    }
  }

  /** The provider and our finishing page in one: everybody is let in. */
  function finishSocial(url: URL, response: ServerResponse): void {
    const q = (name: string) => url.searchParams.get(name) ?? '';
    const made = randomBytes(32).toString('base64url');
    attempts.set(made, { challenge: q('challenge'), jkt: q('jkt') });
    if (q('mode') === 'redirect') {
      response.writeHead(303, { Location: `${it.host}/#carnet=${q('attempt')}.${made}` }).end();
      return;
    }
    response.setHeader('Content-Type', 'text/html');
    response.end(`<script>opener.postMessage({type:'carnet:code',attempt:'${q('attempt')}',code:'${made}'},'${it.host}');close()</script>`);
  }

  const hostServer = createServer((request, response) => {
    if (request.url === '/page.css') {
      response.setHeader('Content-Type', 'text/css');
      response.end('html{color-scheme:light dark;background:light-dark(#eef1f5,#0c0e12);color:light-dark(#111,#eee);font-family:system-ui,sans-serif}body{margin:0;padding:24px;display:grid;justify-items:center;gap:24px}carnet-login{display:block;min-height:26rem;width:100%;max-width:27rem}form{width:100%;max-width:27rem}');
      return;
    }
    if (request.url === '/favicon.ico') {
      response.writeHead(204).end();
      return;
    }
    if (request.method === 'POST') {
      void bodyOf(request).then((body) => {
        it.posted.push(body);
        response.end('thank you');
      });
      return;
    }
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Content-Security-Policy', it.policy);
    response.end(`<!doctype html><html lang="${it.lang}"><meta name="viewport" content="width=device-width"><title>Host</title><link rel="stylesheet" href="/page.css"><script type="module" src="${it.carnet}/widgets/v1/carnet.js" data-site="demo"></script><main>${it.body}</main></html>`);
  });

  const carnet = await listen(carnetServer, '127.0.0.1');
  const host = await listen(hostServer, 'localhost');
  const it: Stage = {
    carnet, host, site: {}, body: '', lang: 'en', policy: strictPolicy(carnet), expected: undefined, fields: [], answers: {}, asked: [], sent: {}, posted: [], tokens: new Set(),
    async visit(options) {
      const context = await (await launch()).newContext(options);
      context.setDefaultTimeout(20_000);
      const page = await context.newPage();
      page.on('pageerror', (error) => problems.push(`page: ${error.message}`));
      page.on('console', (message) => {
        if (/Content Security Policy|Trusted/i.test(message.text()) && !message.text().includes('icon') && !it.expected?.test(message.text())) problems.push(message.text());
      });
      await page.goto(`${host}/`);
      return page;
    },
    async close() {
      try {
        await (await browser)?.close();
      } finally { // or the process would never end, where no browser starts
        browser = undefined;
        for (const server of [carnetServer, hostServer]) {
          server.close();
          server.closeAllConnections();
        }
      }
      if (problems.length > 0) throw new Error(problems.join('\n'));
    },
  };
  return it;
}

/** Fields of every type and mode, for tests and for looking at. */
export const everyField: Field[] = [
  { type: 'YES_NO', label: 'Do you have a season ticket?', help: '', required: true },
  { type: 'TEXT', label: 'How did you hear about us?', help: 'A sentence will do.', required: false },
  { type: 'DROPDOWN', label: 'Favourite hall', help: '', required: false, choices: ['Main hall', 'Studio', 'Terrace'] },
  { type: 'DROPDOWN', label: 'What do you like to hear?', help: '', required: true, choices: ['Jazz', 'Folk', 'Chamber', 'Choir', 'Opera'], multiple: 'RANGE', minChoices: 2, maxChoices: 3 },
  { type: 'CHECKBOX', label: 'I have read the house rules', help: '', required: true },
  { type: 'NUMBER', label: 'How many seats?', help: '', required: false },
  { type: 'DATE', label: 'Member since', help: '', required: false },
  { type: 'PHONE', label: 'Phone in an emergency', help: '', required: false },
  { type: 'URL', label: 'Your page', help: '', required: false },
  { type: 'COUNTRY', label: 'Where are you from?', help: '', required: false },
  { type: 'LONG_TEXT', label: 'Tell us about you', help: 'As much as you like.', required: false },
].map((field, i) => ({
  multiple: null, minChoices: null, maxChoices: null, showIf: [], ...field, id: `f${i}`,
  choices: (field.choices ?? []).map((label, j) => ({ id: `f${i}c${j}`, label })),
}) as Field);
