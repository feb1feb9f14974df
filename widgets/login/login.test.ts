import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Stage, stage } from '../test/harness';

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());
beforeEach(() => Object.assign(it, { site: {}, body: '<carnet-login></carnet-login>', fields: [], answers: {} }));

test('a wrong password is told in words, next to nothing lost', async () => {
  it.answers = { signIn: () => ({ payload: { code: null, errors: [{ code: 'WRONG_CREDENTIALS', path: [] }] } }) };
  const page = await it.visit();
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('E-mail or password is not right.').waitFor();
  assert.equal(await page.getByLabel('E-mail').inputValue(), 'ada@example.com');
  await page.context().close();
});

test('what is missing is said at its question, which gets the focus', async () => {
  const page = await it.visit();
  await page.getByLabel('E-mail').fill('ada');
  await page.getByRole('button', { name: 'Sign in' }).click();
  const email = page.getByLabel('E-mail');
  await page.getByText('Please give an e-mail address').waitFor();
  assert.equal(await email.getAttribute('aria-invalid'), 'true');
  assert.ok(await email.evaluate((el) => (el.getRootNode() as ShadowRoot).activeElement === el));
  const described = await email.evaluate((el) => el.getAttribute('aria-describedby')?.split(' ').map((id) => (el.getRootNode() as ShadowRoot).getElementById(id)?.textContent).join());
  assert.match(described ?? '', /e-mail address/);
  await page.context().close();
});

test('a code by mail signs in; the address goes along from step to step', async () => {
  const page = await it.visit();
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByRole('button', { name: 'E-mail me a code instead' }).click();
  await page.getByRole('button', { name: 'Send the code' }).click();
  const code = page.getByLabel('Code');
  await code.fill('1234 5678');
  assert.equal(await code.getAttribute('autocomplete'), 'one-time-code');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Hello, Ada').waitFor();
  assert.equal(it.sent['confirmEmailCode']?.['input']?.['code'], '12345678');
  await page.context().close();
});

test('registration opens in place, and the signed-in card has both ways out', async () => {
  const page = await it.visit();
  await page.getByRole('button', { name: 'Create an account' }).click();
  await page.getByLabel('First name').waitFor();
  await page.getByRole('button', { name: 'I have an account' }).click();
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Sign out on all devices' }).click();
  await page.getByLabel('Password').waitFor();
  assert.deepEqual(it.sent['signOut']?.['input'], { everywhere: true });
  await page.context().close();
});

// T-14
test('nothing to sign in with where accounts are off', async () => {
  it.site = { accountsEnabled: false };
  const page = await it.visit();
  await page.getByText('Sign-in is not open here.').waitFor();
  assert.equal(await page.getByRole('textbox').count(), 0);
  await page.context().close();
});
