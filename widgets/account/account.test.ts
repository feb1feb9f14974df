import assert from 'node:assert/strict';
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
  security: { hasPassword: true, fresh, identities: [], sessions: [{ id: 's1', current: true, origin: it.host, userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36', usedAt: '2026-11-26T10:00:00Z' }], emailChange: null },
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
test('the questions are filled with what was answered, and travel back by field', async () => {
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
  assert.deepEqual(input['answers'], [
    { fieldId: 'f0', yesNo: false }, { fieldId: 'f1' }, { fieldId: 'f2', choiceIds: ['f2c1'] }, { fieldId: 'f3', choiceIds: ['f3c0', 'f3c4'] }, { fieldId: 'f4', checked: true },
    { fieldId: 'f5', number: 1.5 }, { fieldId: 'f6', date: '2026-11-26' }, { fieldId: 'f7', text: '+4722334455' }, { fieldId: 'f8', text: 'https://example.org/' }, { fieldId: 'f9', text: 'FR' }, { fieldId: 'f10', text: 'one\ntwo' },
  ]);
  assert.deepEqual(input['address'], { lines: ['Storgata 1'], postcode: '0155', city: 'Bergen', country: 'NO' });
  assert.equal(saved, 1);
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
