import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, stage, strictPolicy } from '../test/harness';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const built = JSON.parse(readFileSync(new URL('../dist/manifest.json', import.meta.url), 'utf8')) as { files: Record<string, { file: string; integrity: string }> };

let it: Stage;
let vendor: Server;
let origin = '';
let script = '';
let asked: { path: string; referer: string | undefined }[] = [];

before(async () => {
  it = await stage();
  vendor = createServer((request, response) => {
    asked.push({ path: request.url ?? '', referer: request.headers.referer });
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="en"><title>Widget</title><body><h1>Weather</h1><pre id="told"></pre><script type="module">${script}</script>`);
  });
  await new Promise<void>((done) => vendor.listen(0, '127.0.0.1', done));
  origin = `http://vendor.localhost:${(vendor.address() as AddressInfo).port}`;
});
after(async () => {
  vendor.closeAllConnections();
  vendor.close();
  await it.close();
});
beforeEach(() => {
  asked = [];
  it.answers = {};
  it.lang = 'en';
  it.policy = `${strictPolicy(it.carnet)}; frame-src ${origin}`;
  it.body = '<carnet-status login-href="/in"></carnet-status><carnet-code></carnet-code><x-acme-weather></x-acme-weather>';
  register(['signed_in', 'first_name', 'email']);
  script = telling;
});

const part = (name: string) => ({ url: `${it.carnet}/widgets/v1/assets/${built.files[name]?.file}`, integrity: built.files[name]?.integrity });

/** Puts the widget into the site's manifest, as the server does for one that its owner registered. */
function register(grants: string[], page = `${origin}/weather/`): void {
  const names = ['status', 'code', 'login', 'third-party', 'fields'];
  it.site = { widgets: { ...Object.fromEntries(names.map((name) => [name, part(name)])), 'x-acme-weather': { ...part('third-party'), thirdParty: { name: 'Acme Weather', page, grants } } } };
}

/** A widget that shows all it is told. */
const telling = `
  const { connect } = await import('CARNET/widgets/v1/sdk.js');
  const carnet = await connect();
  globalThis.carnet = carnet;
  const show = () => { document.querySelector('#told').textContent = JSON.stringify({ locale: carnet.locale, person: carnet.person() }); };
  carnet.onChange(show);
  show();
`;

async function visit(options?: Parameters<Stage['visit']>[0]): Promise<Page> {
  script = script.replace('CARNET/widgets/v1/sdk.js', `${it.carnet}/widgets/v1/assets/${built.files['sdk']?.file}`);
  return it.visit(options);
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.keyboard.press('Enter');
  await page.getByLabel('Code').fill('12');
  await page.keyboard.press('Enter');
  await page.getByText('Ada Byron').first().waitFor();
}

const frame = (page: Page) => page.frameLocator('x-acme-weather iframe');
const told = async (page: Page, until: (said: { locale: string; person: Record<string, unknown> | null }) => boolean) => {
  for (const end = Date.now() + 20_000; ;) {
    const said = JSON.parse((await frame(page).locator('#told:not(:empty)').textContent()) ?? '');
    if (until(said)) return said;
    assert.ok(Date.now() < end, `the frame was told ${JSON.stringify(said)} only`);
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
};

test('a frame is told who is signed in, and what is personal once the visitor agreed, until they stop it', async () => {
  const page = await visit();
  assert.deepEqual((await told(page, () => true)).person, null);
  await signIn(page);
  const first = await told(page, ({ person }) => !!person);
  assert.deepEqual(Object.keys(first.person), ['subject'], 'nothing personal before they agree');
  assert.match(first.person.subject, /^[\w-]{43}$/);
  const widget = page.locator('x-acme-weather');
  await widget.getByText(/^Acme Weather \(vendor\.localhost:\d+\) would like to know your first name and your e-mail address\.$/).waitFor();
  await page.evaluate(axe);
  const { violations } = (await page.evaluate('axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"], rules: { region: { enabled: false }, "page-has-heading-one": { enabled: false } } })')) as { violations: { id: string }[] };
  assert.deepEqual(violations.map(({ id }) => id), []);
  await widget.getByRole('button', { name: 'Share', exact: true }).click();
  const { person } = await told(page, ({ person }) => !!person?.['email']);
  assert.deepEqual(person, { subject: first.person.subject, firstName: 'Ada', email: 'ada@example.com' });
  await page.reload();
  assert.equal((await told(page, ({ person }) => !!person)).person.email, 'ada@example.com', 'asked once');
  await widget.getByRole('button', { name: 'Stop sharing' }).click();
  await told(page, ({ person }) => !!person && !('email' in person));
  await widget.getByRole('button', { name: 'Share with Acme Weather' }).waitFor();
  await page.locator('main > carnet-status').getByRole('button', { name: 'Sign out' }).click();
  await told(page, ({ person }) => person === null);
  await page.context().close();
});

test('what is not granted is neither told nor asked for', async () => {
  register(['first_name']);
  const page = await visit();
  await signIn(page);
  await page.locator('x-acme-weather').getByRole('button', { name: 'Share', exact: true }).click();
  assert.deepEqual((await told(page, ({ person }) => !!person)).person, { firstName: 'Ada' });
  register([]);
  await page.reload();
  await page.getByText('Ada Byron').first().waitFor();
  assert.equal((await told(page, () => true)).person, null);
  assert.equal(await page.locator('x-acme-weather').getByRole('button').count(), 0);
  await page.context().close();
});

test('another page, other grants or another person are asked anew', async () => {
  const page = await visit();
  await signIn(page);
  const share = page.locator('x-acme-weather').getByRole('button', { name: 'Share', exact: true });
  await share.click();
  await told(page, ({ person }) => !!person?.['email']);
  register(['signed_in', 'first_name', 'email', 'answers']);
  await page.reload();
  await share.waitFor();
  register(['signed_in', 'first_name', 'email'], `${origin}/other/`);
  await page.reload();
  await share.waitFor();
  register(['signed_in', 'first_name', 'email']);
  it.answers['me'] = () => ({ me: { subject: 'usr_2', email: 'bob@example.com', firstName: 'Bob', lastName: 'Hope', displayName: 'Hope, Bob', supportedBy: '' } });
  await page.reload();
  await share.waitFor();
  it.answers['me'] = () => ({ me: { subject: 'usr_1', email: 'ada@example.com', firstName: 'Ada', lastName: 'Byron', displayName: 'Byron, Ada', supportedBy: 'Kari Staff' } });
  await page.reload();
  assert.deepEqual(Object.keys((await told(page, ({ person }) => !!person)).person), ['subject'], 'staff in the account agree to nothing');
  assert.equal(await share.count(), 0);
  await page.context().close();
});

test('answers of the profile are told with their questions', async () => {
  register(['answers']);
  const empty = { yesNo: null, text: null, number: null, date: null, checked: null, choices: null };
  it.answers['profileAnswers'] = () => ({ me: { profile: { answers: [
    { ...empty, field: { id: 'f1', label: 'Do you sing?' }, yesNo: false },
    { ...empty, field: { id: 'f2', label: 'Halls' }, choices: [{ label: 'Studio' }] },
    { ...empty, field: { id: 'f3', label: 'Not answered' } },
  ] } } });
  const page = await visit();
  await signIn(page);
  await page.locator('x-acme-weather').getByRole('button', { name: 'Share', exact: true }).click();
  assert.deepEqual((await told(page, ({ person }) => !!person)).person.answers, [{ id: 'f1', question: 'Do you sing?', answer: false }, { id: 'f2', question: 'Halls', answer: ['Studio'] }]);
  await page.context().close();
});

test('the sandbox keeps the frame from the page, from what browsers keep and from where the visitor is', async () => {
  script = `
    const attempt = (what) => { try { return String(what()); } catch (error) { return error.name; } };
    const tries = {
      origin: attempt(() => self.origin), parent: attempt(() => parent.document.title), cookie: attempt(() => document.cookie), storage: attempt(() => localStorage.length),
      top: attempt(() => { top.location = 'about:blank'; return 'went'; }), popup: attempt(() => open('about:blank')), referrer: document.referrer,
    };
    tries.database = await new Promise((done) => { try { const open = indexedDB.open('x'); open.onsuccess = () => done('opened'); open.onerror = () => done('refused'); } catch (error) { done(error.name); } });
    document.querySelector('#told').textContent = JSON.stringify(tries);
  `;
  const page = await visit();
  const tries = JSON.parse((await frame(page).locator('#told:not(:empty)').textContent()) ?? '');
  assert.deepEqual(tries, { origin: 'null', parent: 'SecurityError', cookie: 'SecurityError', storage: 'SecurityError', top: 'SecurityError', popup: 'null', referrer: '', database: 'SecurityError' });
  assert.deepEqual(asked.filter(({ path }) => path === '/weather/').map(({ referer }) => referer), [undefined], 'the vendor does not learn the page');
  assert.equal(await page.title(), 'Host');
  await page.context().close();
});

test('a hostile frame that sends garbage, huge and many messages breaks nothing', async () => {
  script = `
    addEventListener('message', ({ data, ports: [port] }) => {
      if (data !== 'carnet:port') return;
      const cycle = {}; cycle.self = cycle;
      for (const garbage of [null, 7, cycle, [], 'x', '{', '[]', '"a"', 'null', new ArrayBuffer(8), 'y'.repeat(5e6), { resize: 400 }]) port.postMessage(garbage);
      for (const said of [{ resize: -1 }, { resize: '9' }, { resize: 1e9 }, { emit: 'no name' }, { emit: 'connected' }, { emit: '__proto__' }, { emit: 'a'.repeat(41) }, { emit: 'big', detail: 'z'.repeat(9000) }, { emit: 'last', detail: { ok: true } }]) port.postMessage(JSON.stringify(said));
    });
    parent.postMessage('carnet:connect', '*');
    parent.postMessage({ type: 'carnet:code', attempt: 'x', code: 'y' }, '*');
    parent.postMessage('carnet:connect', '*');
  `;
  const page = await it.visit();
  await page.addInitScript(() => {
    const heard: string[] = [];
    for (const name of [...['connected', 'big', 'last', '__proto__', 'no name'].map((word) => `x-acme-weather:${word}`), 'carnet:error']) {
      document.addEventListener(name, (event) => heard.push(`${name} ${JSON.stringify((event as CustomEvent).detail)}`));
    }
    Object.assign(globalThis, { heard });
  });
  await page.reload();
  await page.waitForFunction(() => (globalThis as unknown as { heard: string[] }).heard.some((one) => one.includes('last')));
  assert.deepEqual(await page.evaluate('heard'), ['x-acme-weather:connected null', 'x-acme-weather:last {"ok":true}']);
  assert.equal(await page.locator('x-acme-weather iframe').getAttribute('height'), '5000');

  script = "addEventListener('message', ({ ports: [port] }) => { for (let i = 0; i < 5000; i++) port.postMessage('{\"resize\":100}'); }); parent.postMessage('carnet:connect', '*');";
  await page.reload();
  await page.getByRole('alert').getByText('This part of the page cannot be shown now.').waitFor();
  assert.deepEqual((await page.evaluate('heard') as string[]).at(-1), 'carnet:error {"code":"FRAME_NOISY"}');
  await signIn(page); // the others live
  await page.context().close();
});

test('a frame that goes elsewhere is told nothing more', async () => {
  const page = await visit();
  await told(page, () => true);
  script = "addEventListener('message', ({ data }) => { document.querySelector('#told').textContent += data; }); parent.postMessage('carnet:connect', '*');";
  const gone = page.waitForEvent('framenavigated');
  await page.frames().find((one) => one.url().includes('/weather/'))?.evaluate(() => { location.href = '/elsewhere'; });
  await gone;
  await signIn(page);
  await page.locator('x-acme-weather').getByRole('button', { name: 'Share', exact: true }).click();
  await page.locator('x-acme-weather').getByRole('button', { name: 'Stop sharing' }).waitFor();
  assert.equal(await frame(page).locator('#told').textContent(), '');
  await page.context().close();
});

test('a policy without the frame, and a page that never connects, leave what the author wrote and say why', async () => {
  it.body = '<x-acme-weather><a href="/forecast">The forecast</a></x-acme-weather><carnet-code></carnet-code>';
  it.policy = strictPolicy(it.carnet);
  it.expected = /frame-src|default-src/;
  const page = await it.visit();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  await page.reload();
  await page.getByRole('alert').getByText('This part of the page cannot be shown now.').waitFor();
  await page.getByRole('link', { name: 'The forecast' }).waitFor();
  assert.match(said.join('\n'), /add http:\/\/vendor\.localhost:\d+ to frame-src/);
  await page.getByLabel('E-mail').waitFor();

  it.policy = `${strictPolicy(it.carnet)}; frame-src ${origin}`;
  script = '';
  await page.clock.install();
  await page.reload();
  await frame(page).getByRole('heading').waitFor();
  await page.clock.fastForward(20_000);
  await page.getByRole('alert').getByText('This part of the page cannot be shown now.').waitFor();
  assert.match(said.join('\n'), /has not connected; does it call connect\(\)/);
  script = telling;
  await page.context().close();
});

test('events, height, language and look go their way; a twin div and a frame put elsewhere work', async () => {
  it.lang = 'fr';
  it.body = '<div data-carnet="x-acme-weather" data-theme="dark"></div>';
  const page = await visit({ viewport: { width: 390, height: 844 } });
  assert.equal((await told(page, () => true)).locale, 'fr');
  await page.evaluate(() => document.addEventListener('x-acme-weather:picked', (event) => { document.title = JSON.stringify((event as CustomEvent).detail); }));
  const inside = page.frames().find((one) => one.url().includes('/weather/'));
  const look = await inside?.evaluate(() => {
    const { carnet } = globalThis as unknown as { carnet: { emit(name: string, detail?: unknown): void; resize(height: number): void } };
    carnet.emit('picked', { day: 'Friday' });
    const refused = ['No Name', 'a'.repeat(41)].map((name) => { try { carnet.emit(name); return ''; } catch (error) { return (error as Error).name; } });
    const { style, lang } = document.documentElement;
    return { lang, refused, scheme: style.colorScheme, accent: style.getPropertyValue('--carnet-accent') };
  });
  assert.deepEqual(look, { lang: 'fr', refused: ['RangeError', 'RangeError'], scheme: 'dark', accent: '#155e6b' });
  await page.waitForFunction((said) => document.title === said, JSON.stringify({ day: 'Friday' }));
  await inside?.evaluate(() => { document.body.style.height = '777px'; });
  await page.waitForFunction(() => Number(document.querySelector('x-acme-weather')?.shadowRoot?.querySelector('iframe')?.height) > 777);
  await page.evaluate(() => { document.querySelector('x-acme-weather')?.setAttribute('lang', 'nb'); });
  await told(page, ({ locale }) => locale === 'nb');
  await page.evaluate(() => {
    document.addEventListener('x-acme-weather:connected', () => { document.title = 'again'; });
    document.body.append(document.querySelector('x-acme-weather') as Element);
  });
  await page.waitForFunction(() => document.title === 'again');
  assert.equal((await told(page, () => true)).locale, 'nb');
  await page.context().close();
});
