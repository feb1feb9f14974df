import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, stage } from '../test/harness';

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());
beforeEach(() => {
  Object.assign(it, { site: {}, body: '<carnet-login></carnet-login>', answers: {} });
  it.asked.length = 0;
});

/** Signs in by password. The server checks code, verifier and proof, so that this alone shows the exchange. */
async function signIn(page: Page): Promise<void> {
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Hello, Ada').waitFor();
}

const stored = (page: Page, key: string) => page.evaluate((name) => new Promise((resolve) => {
  const open = indexedDB.open('carnet:demo', 1);
  open.onsuccess = () => {
    const request = open.result.transaction('values').objectStore('values').get(name);
    request.onsuccess = () => resolve(name === 'key' ? request.result?.privateKey.extractable : request.result);
  };
}), key);

test('the key cannot be read out, and a session outlives the page', async () => {
  const page = await it.visit();
  await signIn(page);
  assert.equal(await stored(page, 'key'), false);
  const [before] = (await stored(page, 'refresh')) as string[];
  it.asked.length = 0;
  await page.reload();
  await page.getByText('Hello, Ada').waitFor();
  const [after] = (await stored(page, 'refresh')) as string[];
  assert.notEqual(after, before, 'the refresh token rotates');
  assert.equal(it.asked.filter((name) => name === '/v1/refresh').length, 1, 'with the nonce of the page before');
  await page.context().close();
});

test('two tabs refresh one after the other', async () => {
  const page = await it.visit();
  await signIn(page);
  const second = await page.context().newPage();
  await Promise.all([page.reload(), second.goto(it.host)]);
  await page.getByText('Hello, Ada').waitFor();
  await second.getByText('Hello, Ada').waitFor();
  await page.context().close();
});

test('an access token that ended early is renewed once', async () => {
  const page = await it.visit();
  await signIn(page);
  it.tokens.clear();
  it.asked.length = 0;
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.deepEqual(it.asked.filter((name) => !name.startsWith('manifest')), ['signOut', '/v1/refresh', 'signOut']);
  await page.context().close();
});

test('other tabs learn who comes and goes, and the key goes with the session', async () => {
  const page = await it.visit();
  const second = await page.context().newPage();
  await second.goto(it.host);
  await second.getByRole('heading', { name: 'Sign in' }).waitFor();
  await signIn(page);
  await second.getByText('Hello, Ada').waitFor();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await second.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await stored(page, 'key'), undefined);
  await page.context().close();
});

test('a tab that finds that the session has ended tells the others', async () => {
  const page = await it.visit();
  await signIn(page);
  const headers = { 'Content-Type': 'application/json', 'Carnet-Site': 'demo', Origin: it.host };
  await fetch(`${it.carnet}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: 'mutation signOut { x }' }) }); // of all devices, elsewhere
  const second = await page.context().newPage();
  await second.goto(it.host);
  await second.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 3000 });
  await page.context().close();
});

test('a provider signs in by a popup', async () => { // D-08
  it.site = { providers: [{ name: 'fjord', label: 'Continue with Fjord ID' }] };
  const page = await it.visit();
  await page.getByRole('button', { name: 'Continue with Fjord ID' }).click();
  await page.getByText('Hello, Ada').waitFor();
  await page.context().close();
});

test('a blocked popup becomes a redirect, which comes back to where it began', async () => { // D-08
  it.site = { providers: [{ name: 'fjord', label: 'Continue with Fjord ID' }] };
  const page = await it.visit();
  await page.addInitScript(() => { window.open = () => null; });
  await page.goto(`${it.host}/some/page?x=1#place`);
  await page.getByRole('button', { name: 'Continue with Fjord ID' }).click();
  await page.getByText('Hello, Ada').waitFor();
  assert.equal(page.url(), `${it.host}/some/page?x=1#place`);
  await page.context().close();
});

test('a code that this browser did not ask for is refused', async () => {
  const page = await it.visit();
  await page.goto('about:blank');
  await page.goto(`${it.host}/#carnet=${'a'.repeat(43)}.${'b'.repeat(43)}`);
  await page.getByText('This code is no longer good').waitFor();
  assert.equal(new URL(page.url()).hash, '', 'the answer leaves the address at once');
  assert.ok(!it.asked.includes('/v1/token'));
  await page.context().close();
});
