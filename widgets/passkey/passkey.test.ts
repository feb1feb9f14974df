import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { CDPSession, Page } from 'playwright-core';
import { type Stage, stage } from '../test/harness';

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());
beforeEach(() => Object.assign(it, { site: {}, body: '<carnet-login></carnet-login>', answers: {}, lang: 'en' }));

/** A page whose device holds a passkey of Ada's. */
async function withPasskey(then?: (client: CDPSession, authenticatorId: string) => Promise<unknown>): Promise<Page> {
  const page = await it.visit();
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
  } });
  await page.evaluate(() => navigator.credentials.create({ publicKey: {
    rp: { id: 'localhost', name: 'Hall' }, user: { id: new TextEncoder().encode('usr_1'), name: 'ada', displayName: 'Ada' }, challenge: new Uint8Array(32),
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }], authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  } }));
  await then?.(client, authenticatorId);
  return page;
}

const modules = (page: Page) => page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => /(\w+)-\w+\.js$/.exec(name)?.[1]));

test('its module comes when somebody wants a passkey, and answers as the specification says', async () => { // embed §3
  const page = await withPasskey();
  await page.getByRole('button', { name: 'Use a passkey instead' }).waitFor();
  assert.ok(!(await modules(page)).includes('passkey'));
  await page.getByRole('button', { name: 'Use a passkey instead' }).click();
  await page.getByText('Hello, Ada').waitFor();
  assert.ok((await modules(page)).includes('passkey'));
  const { id, rawId, type, response } = it.sent['signInWithPasskey']?.['input']?.['response'] as Record<string, string> & { response: Record<string, string> };
  assert.equal(id, rawId);
  assert.equal(type, 'public-key');
  const text = (part?: string) => Buffer.from(part ?? '', 'base64url').toString();
  assert.equal(text(response['userHandle']), 'usr_1');
  assert.deepEqual(JSON.parse(text(response['clientDataJSON'])).type, 'webauthn.get');
  assert.equal(JSON.parse(text(response['clientDataJSON'])).origin, it.host);
  assert.ok(response['signature'] && response['authenticatorData']);
  await page.context().close();
});

test('a passkey that is no good is told in the language of the page, where the button was and where the address is', async () => {
  it.lang = 'fr';
  it.answers['signInWithPasskey'] = () => ({ payload: { code: null, errors: [{ code: 'WRONG_PASSKEY', path: [] }] } });
  const page = await withPasskey();
  await page.getByLabel('E-mail').focus();
  await page.getByRole('alert').getByText('Cette clé d’accès n’est pas connue ici').waitFor();
  await page.getByRole('button', { name: 'Utiliser plutôt une clé d’accès' }).click();
  await page.getByRole('heading', { name: 'Connexion avec une clé d’accès' }).waitFor();
  await page.getByRole('alert').getByText('Cette clé d’accès n’est pas connue ici').waitFor();
  await page.getByRole('button', { name: 'Utiliser plutôt un mot de passe' }).click();
  await page.getByLabel('E-mail').waitFor();
  await page.context().close();
});

test('what nobody asked for is not complained about', async () => {
  it.answers['startPasskeySignIn'] = () => ({ errors: [{ message: 'no', extensions: { code: 'RATE_LIMITED' } }] });
  const page = await withPasskey();
  const asked = page.waitForResponse((response) => response.url().endsWith('/graphql'));
  await page.getByLabel('E-mail').focus();
  await (await asked).finished();
  await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
  assert.equal(await page.getByRole('alert').textContent(), '');
  await page.getByRole('button', { name: 'Use a passkey instead' }).click();
  await page.getByRole('alert').getByText('Too many').waitFor();
  await page.context().close();
});

test('the button takes the place of an offer that waits', async () => {
  let present = async () => {};
  const page = await withPasskey((client, authenticatorId) => {
    present = async () => { await client.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: true }); };
    return client.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled: false });
  });
  await page.evaluate(() => {
    const { credentials } = navigator;
    const get = credentials.get.bind(credentials);
    credentials.get = (options) => {
      document.title = 'offered';
      return get(options);
    };
  });
  await page.getByLabel('E-mail').focus();
  await page.waitForFunction(() => document.title === 'offered'); // a finger before that would be the offer's
  await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown))));
  await present();
  await page.getByRole('button', { name: 'Use a passkey instead' }).click();
  await page.getByText('Hello, Ada').waitFor();
  await page.context().close();
});

test('by itself it is a login with nothing to type', async () => {
  it.body = '<carnet-passkey></carnet-passkey>';
  const page = await withPasskey();
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByText('Hello, Ada').waitFor();
  await page.context().close();
});

test('a site without passkeys, and a browser without, offer none', async () => {
  it.site = { passkeys: false };
  const page = await withPasskey();
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  await page.getByLabel('E-mail').focus();
  assert.equal(await page.getByRole('button', { name: /passkey/ }).count(), 0);
  it.site = {};
  await page.addInitScript(() => { delete (window as { PublicKeyCredential?: unknown }).PublicKeyCredential; });
  await page.reload();
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  assert.equal(await page.getByRole('button', { name: /passkey/ }).count(), 0);
  await page.context().close();
});
