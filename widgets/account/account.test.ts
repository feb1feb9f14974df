import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, everyField, stage } from '../test/harness';

let it: Stage;
let fresh: boolean;
before(async () => { it = await stage(); });
after(() => it.close());
beforeEach(() => {
  fresh = true;
  Object.assign(it, {
    site: {}, body: '<carnet-account></carnet-account>', fields: everyField, lang: 'en',
    answers: {
      myAccount: () => ({ me: mine() }),
      updateMyProfile: () => ({ payload: { errors: [] } }),
    },
  });
});

const answered = (id: string, value: object) => ({ field: { id }, yesNo: null, text: null, number: null, date: null, checked: null, choices: null, ...value });

const mine = (more: object = {}) => ({
  subject: 'usr_1',
  profile: {
    firstName: 'Ada', lastName: 'Byron', mobile: '+4741234567', addressFollows: false, address: { lines: ['Storgata 1'], postcode: '0155', city: 'Oslo', country: 'NO' },
    answers: [
      answered('f0', { yesNo: false }), answered('f1', { text: 'from a friend' }), answered('f2', { choices: [{ id: 'f2c1' }] }), answered('f3', { choices: [{ id: 'f3c0' }, { id: 'f3c4' }] }),
      answered('f4', { checked: true }), answered('f5', { number: 1.5 }), answered('f6', { date: '2026-11-26' }), answered('f7', { text: '+4722334455' }), answered('f8', { text: 'https://example.org/' }),
      answered('f9', { text: 'FR' }), answered('f10', { text: 'one\ntwo' }),
    ],
    ...more,
  },
  security: { hasPassword: true, fresh, identities: [], passkeys: [], sessions: [{ id: 's1', current: true, origin: it.host, userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36', usedAt: '2026-11-26T10:00:00Z', supportedBy: '' }], emailChange: null },
  privacyRequest: null as object | null,
  holdings: { orders: 0, tickets: 0, memberships: 0, passes: 0, bookings: 0, events: 0, produced: 0, offers: 0, sells: false, pays: false, hasEvents: false, mayView: true, mayEdit: false, mayCancel: false, timeZone: 'Europe/Oslo', currency: 'NOK' },
});

async function enter(): Promise<Page> {
  const page = await it.visit();
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByRole('textbox', { name: 'Password' }).fill('long enough');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Sections of my account' }).waitFor();
  return page;
}

// T-58, T-59
test('the questions are filled with what was answered, and what was changed alone travels back', async () => {
  const page = await enter();
  await page.getByRole('radio', { name: 'No' }).waitFor();
  assert.ok(await page.getByRole('radio', { name: 'No' }).isChecked());
  assert.equal(await page.getByLabel('Country').inputValue(), 'NO');
  await page.getByLabel('How did you hear about us?').fill('');
  await page.getByLabel('City').fill('Bergen');
  let saved = 0;
  await page.exposeFunction('told', () => { saved++; });
  await page.evaluate(() => addEventListener('carnet:profile-saved', () => void (window as unknown as { told(): void }).told()));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  const input = it.sent['updateMyProfile']?.['input'] ?? {};
  assert.deepEqual(input, { answers: [{ fieldId: 'f1' }], address: { city: 'Bergen' } });
  assert.equal(saved, 1);

  // A mistake is told where it was made, whatever place the answer had in what was sent.
  it.answers['updateMyProfile'] = () => ({ payload: { errors: [{ code: 'INVALID', path: ['answers', '1', 'text'] }] } });
  await page.getByLabel('How did you hear about us?').fill('from an enemy');
  await page.getByLabel('Country').selectOption('NO'); // as it was
  await page.getByLabel('Tell us about you').fill('three');
  await page.getByLabel('First name').fill(' Augusta ');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('This is not possible here.').waitFor();
  assert.deepEqual(it.sent['updateMyProfile']?.['input'], { firstName: 'Augusta', answers: [{ fieldId: 'f1', text: 'from an enemy' }, { fieldId: 'f10', text: 'three' }] });
  assert.equal(await page.getByLabel('Tell us about you').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.getByLabel('How did you hear about us?').getAttribute('aria-invalid'), 'false');
  await page.context().close();
});

test('an address that follows an organisation is not asked for', async () => {
  it.answers['myAccount'] = () => ({ me: mine({ addressFollows: true }) });
  const page = await enter();
  await page.getByText('Your address is that of your organisation').waitFor();
  assert.equal(await page.getByLabel('City').count(), 0);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  assert.ok(!('address' in (it.sent['updateMyProfile']?.['input'] ?? {})));
  await page.context().close();
});

// D-11, embed §1.4
test('who signed in a while ago proves who they are before a sensitive change, and goes on', async () => {
  fresh = false;
  const page = await enter();
  await page.getByRole('button', { name: 'Sign-in and security' }).click();
  await page.getByRole('button', { name: 'Close my account' }).click();
  await page.getByRole('heading', { name: 'First confirm that it is you' }).waitFor();
  await page.getByRole('button', { name: 'E-mail me a code instead' }).waitFor();
  await page.getByRole('textbox', { name: 'Your password' }).fill('long enough');
  fresh = true;
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('heading', { name: 'Close your account?' }).waitFor();
  await page.getByRole('button', { name: 'Keep my account' }).click();

  fresh = false;
  await page.reload();
  await page.getByRole('button', { name: 'Sign-in and security' }).click();
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByRole('button', { name: 'E-mail me a code instead' }).click();
  await page.getByRole('button', { name: 'E-mail me a code', exact: true }).click();
  await page.getByText('We have sent a code to ada@example.com.').waitFor();
  await page.getByLabel('Code').fill('12345678');
  fresh = true;
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByRole('textbox', { name: 'New password' }).waitFor();
  await page.context().close();
});

// embed §1.4
test('a passkey is a fresh proof, and without one the account goes on with what there is', async () => {
  fresh = false;
  const own = mine();
  it.answers['myAccount'] = () => ({ me: { ...own, security: { ...own.security, fresh, passkeys: [{ id: 'p1', name: 'Phone', createdAt: '2026-11-20T10:00:00Z', usedAt: null }] } } });
  const page = await enter();
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  const { authenticatorId } = await client.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  await page.evaluate(() => navigator.credentials.create({ publicKey: { rp: { id: 'localhost', name: 'Hall' }, user: { id: new Uint8Array(8), name: 'ada', displayName: 'Ada' }, challenge: new Uint8Array(32), pubKeyCredParams: [{ type: 'public-key', alg: -7 }], authenticatorSelection: { residentKey: 'required' } } }));
  await client.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.getByRole('button', { name: 'Sign-in and security' }).click();
  await page.getByText('made Nov 20, 2026').waitFor();
  await page.getByRole('button', { name: 'Change Phone' }).click();
  await page.getByRole('heading', { name: 'First confirm that it is you' }).waitFor();
  await page.getByRole('textbox', { name: 'Your password' }).waitFor();
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByRole('alert').getByText('No passkey was used').waitFor();
  await client.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  fresh = true;
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.getByRole('heading', { name: 'Phone' }).waitFor();
  await page.context().close();
});

// D-11
test('a passkey for a former domain is marked, and can be removed; a login is called as the site calls it', async () => {
  const own = mine();
  let passkeys = [{ id: 'p1', name: 'Old phone', createdAt: '2026-11-20T10:00:00Z', usedAt: '2026-11-21T10:00:00Z', former: true }];
  const identities = [{ provider: 'fjord', label: 'Fjord ID', createdAt: '2026-11-20T10:00:00Z' }];
  it.answers['myAccount'] = () => ({ me: { ...own, security: { ...own.security, passkeys, identities } } });
  it.answers['removeMyPasskey'] = () => {
    passkeys = [];
    return { payload: { errors: [] } };
  };
  it.answers['removeMyIdentity'] = () => ({ payload: { errors: [] } });
  const page = await enter();
  await page.getByRole('button', { name: 'Sign-in and security' }).click();
  await page.getByText('Fjord ID').first().waitFor();
  await page.getByText('made for a former address of this site').waitFor();
  await page.getByRole('button', { name: 'Change Old phone' }).click();
  await page.getByText('It was made for a former address of this site').waitFor();
  await page.getByRole('button', { name: 'Remove this passkey' }).click();
  await page.getByRole('button', { name: 'Remove this passkey' }).click();
  await page.getByText('The passkey is removed.').waitFor();
  assert.deepEqual(it.sent['removeMyPasskey'], { input: { id: 'p1' } });
  await page.getByRole('button', { name: 'Remove Fjord ID' }).click();
  await page.getByRole('heading', { name: 'Remove Fjord ID' }).waitFor();
  await page.getByRole('button', { name: 'Remove Fjord ID' }).click();
  await page.getByRole('heading', { name: 'Remove Fjord ID' }).waitFor({ state: 'hidden' });
  assert.deepEqual(it.sent['removeMyIdentity'], { input: { provider: 'fjord' } });
  await page.context().close();
});

test('its texts come in the language of the page', async () => {
  it.lang = 'fr';
  const page = await it.visit();
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.locator('input[type=password]').fill('long enough');
  await page.getByRole('button', { name: 'Se connecter', exact: true }).click();
  await page.getByRole('button', { name: 'Connexion et sécurité' }).click();
  await page.getByText('Appareils connectés').waitFor();
  await page.getByText('Chrome · Linux').waitFor();
  await page.context().close();
});

test('who took longer than ten minutes is asked who they are, and goes on', async () => {
  const page = await enter();
  await page.getByRole('button', { name: 'Sign-in and security' }).click();
  await page.getByRole('button', { name: 'Close my account' }).click();
  it.answers['closeMyAccount'] = () => ({ payload: { errors: [{ code: 'PROOF_NEEDED', path: [] }] } });
  fresh = false;
  await page.getByRole('button', { name: 'Yes, close it' }).click();
  await page.getByRole('heading', { name: 'First confirm that it is you' }).waitFor();
  await page.getByRole('button', { name: 'E-mail me a code instead' }).click();
  assert.equal(await page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.textContent), 'E-mail me a code', 'the focus stays where something was asked for');
  await page.context().close();
});

test('who wants to keep their address and is not heard, is told', async () => {
  const waiting = mine();
  it.answers['myAccount'] = () => ({ me: { ...waiting, security: { ...waiting.security, emailChange: { email: 'ada@new.example' } } } });
  it.answers['cancelMyEmailChange'] = () => ({ errors: [{ message: 'no', extensions: { code: 'INTERNAL' } }] });
  const page = await enter();
  await page.getByRole('button', { name: 'Sign-in and security' }).click();
  await page.getByRole('button', { name: 'Change address' }).click();
  await page.getByRole('button', { name: 'Keep my address' }).click();
  await page.getByRole('alert').getByText('That did not work').waitFor();
  await page.context().close();
});

test('an answer that comes late shows nobody the data of who was here before', async () => {
  const page = await enter();
  const asked = new Promise<(answer: object) => void>((told) => {
    it.answers['myAccount'] = () => new Promise<object>((resolve) => told(resolve)) as never;
  });
  await page.getByRole('button', { name: 'Save' }).click();
  const late = await asked;

  const bob = mine({ firstName: 'Bob', lastName: 'Tabor' });
  it.answers['myAccount'] = () => ({ me: { ...bob, subject: 'usr_2', profile: { ...bob.profile, firstName: 'Bob' } } });
  it.answers['me'] = () => ({ me: { subject: 'usr_2', email: 'bob@example.com', firstName: 'Bob', lastName: 'Tabor', displayName: 'Tabor, Bob' } });
  const second = await page.context().newPage();
  await second.goto(it.host);
  await second.getByRole('button', { name: 'Sign-in and security' }).click();
  await second.getByRole('button', { name: 'Sign out of all devices' }).click();
  await second.getByLabel('E-mail').fill('bob@example.com');
  await second.getByRole('textbox', { name: 'Password' }).fill('long enough');
  await second.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('bob@example.com').waitFor();
  await page.getByLabel('First name').waitFor();
  const arrived = page.waitForResponse((response) => response.url().endsWith('/graphql'));
  late({ me: mine() });
  await (await arrived).finished();
  await page.evaluate(() => new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))); // the page has had its turn with it
  assert.equal(await page.getByLabel('First name').inputValue(), 'Bob');
  await page.context().close();
});

test('who wants to be signed out everywhere and is not heard, is told', async () => {
  it.answers['signOut'] = () => ({ errors: [{ message: 'no', extensions: { code: 'INTERNAL' } }] });
  const page = await enter();
  await page.getByRole('button', { name: 'Sign-in and security' }).click();
  await page.getByRole('button', { name: 'Sign out of all devices' }).click();
  await page.getByRole('alert').getByText('That did not work').waitFor({ timeout: 5000 });
  delete it.answers['signOut'];
  await page.getByRole('button', { name: 'Sign out of all devices' }).click();
  await page.getByLabel('E-mail').waitFor();
  await page.context().close();
});

// S-14, S-15
test('a support session is told as one among the devices', async () => {
  const own = mine();
  const [here] = own.security.sessions;
  it.answers['myAccount'] = () => ({ me: { ...own, security: { ...own.security, sessions: [here, { ...here, id: 's2', current: false, supportedBy: 'Olga Nord' }] } } });
  const page = await enter();
  await page.getByRole('button', { name: 'Sign-in and security' }).click();
  await page.getByRole('listitem').filter({ hasText: 'Support session by Olga Nord' }).waitFor();
  await page.getByRole('button', { name: 'Sign out Support session by Olga Nord' }).waitFor();
  assert.equal(await page.getByRole('listitem').filter({ hasText: 'Support session' }).count(), 1);
  await page.context().close();
});

// GDPR art. 15 and 20
test('what is held about the person comes as a file, after a fresh proof, under the strict policy', async () => {
  it.answers['/v1/my-data'] = () => ({ schema: 'carnet-personal-data/2', contact: { firstName: 'Ada' } });
  const page = await enter();
  await page.getByRole('button', { name: 'Your data' }).click();
  await page.getByRole('button', { name: 'Get the file' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
  assert.equal(download.suggestedFilename(), 'demo-my-data.json');
  assert.deepEqual(JSON.parse(await readFile(await download.path(), 'utf8')), { schema: 'carnet-personal-data/2', contact: { firstName: 'Ada' } });
  await page.getByText('The file is among your downloads.').waitFor();

  await page.getByRole('button', { name: 'Get the file' }).click();
  it.answers['/v1/my-data'] = () => ({ error: { code: 'RATE_LIMITED', reason: '' } });
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByRole('alert').getByText('Try again in an hour.').waitFor();
  it.answers['/v1/my-data'] = () => ({}); // cut off on its way
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByRole('alert').getByText('That did not work').waitFor();
  it.answers['/v1/my-data'] = () => ({ error: { code: 'BAD_INPUT', reason: 'PROOF_NEEDED' } });
  fresh = false;
  await page.getByRole('button', { name: 'Download' }).click();
  await page.getByRole('heading', { name: 'First confirm that it is you' }).waitFor();
  await page.getByRole('button', { name: 'Back' }).click();
  assert.equal(await page.getByRole('button', { name: 'Your data' }).getAttribute('aria-current'), 'page');
  await page.context().close();
});

// GDPR art. 12 and 17
test('erasure is asked for, taken back, and its answer is told', async () => {
  const told = (request: object | null) => { it.answers['myAccount'] = () => ({ me: { ...mine(), privacyRequest: request } }); };
  const asked = { id: 'r1', state: 'OPEN', askedAt: '2026-11-27T10:00:00Z', dueAt: '2026-12-27T10:00:00Z', doneAt: null, reason: '' };
  it.answers['askForErasure'] = () => { told(asked); return { payload: { errors: [] } }; };
  it.answers['withdrawMyPrivacyRequest'] = () => { told({ ...asked, state: 'WITHDRAWN', doneAt: '2026-11-28T10:00:00Z' }); return { payload: { errors: [] } }; };
  const page = await enter();
  await page.getByRole('button', { name: 'Your data' }).click();
  await page.getByRole('button', { name: 'Ask for erasure' }).click();
  await page.getByLabel('What should we know?').fill('I have moved.');
  await page.getByRole('button', { name: 'Send the request' }).click();
  await page.getByText('You asked for it on November 27, 2026. Fjordlight Hall answers by December 27, 2026.').waitFor();
  assert.deepEqual(it.sent['askForErasure'], { input: { message: 'I have moved.' } });
  await page.getByRole('button', { name: 'Withdraw the request' }).click();
  await page.getByText('Your request is withdrawn.').waitFor();
  assert.deepEqual(it.sent['withdrawMyPrivacyRequest'], { input: { id: 'r1' } });
  assert.equal(await page.getByText('You asked for it').count(), 0);

  told({ ...asked, state: 'REFUSED', doneAt: '2026-11-28T10:00:00Z', reason: 'An invoice of yours is open.' });
  await page.reload();
  await page.getByRole('button', { name: 'Your data' }).click();
  await page.getByText('On November 28, 2026 Fjordlight Hall answered that it does not erase your data:').waitFor();
  await page.getByText('An invoice of yours is open.').waitFor();
  fresh = false;
  told({ ...asked, state: 'DONE', doneAt: '2026-11-28T10:00:00Z' });
  await page.reload();
  await page.getByRole('button', { name: 'Your data' }).click();
  await page.getByText('On November 28, 2026 Fjordlight Hall answered that it is done.').waitFor();
  await page.getByRole('button', { name: 'Ask for erasure' }).click();
  await page.getByRole('heading', { name: 'First confirm that it is you' }).waitFor();
  await page.context().close();
});
