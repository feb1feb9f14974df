import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, everyField, stage } from '../test/harness';

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());
beforeEach(() => {
  const fields = everyField.filter((field) => field.type === 'CHECKBOX' || field.type === 'TEXT');
  Object.assign(it, { site: {}, fields, answers: {}, body: '<form method="post"><carnet-checkout order="FH-1" nonce="0123456789abcdef"></carnet-checkout><button>Buy</button></form>' });
  it.posted.length = 0;
});

async function fillGuest(page: Page): Promise<void> {
  await page.getByLabel('First name').fill('Ada');
  await page.getByLabel('Last name').fill('Byron');
  await page.getByLabel('E-mail').fill('ada@example.com');
}
const buy = (page: Page) => page.getByRole('button', { name: 'Buy' }).click();
const valid = (page: Page) => page.evaluate(() => document.forms[0]?.checkValidity());

// D-07, T-56
test("the host's form is held until the token is in it, then goes by itself", async () => {
  const page = await it.visit();
  await fillGuest(page);
  await buy(page);
  await page.getByText('Please tick this box to go on.').waitFor();
  assert.equal(it.posted.length, 0);
  await page.getByLabel('I have read the house rules').check();
  assert.equal(await valid(page), true);
  await buy(page);
  await page.getByText('thank you').waitFor();
  assert.deepEqual(it.posted, ['carnet_token=token-for-FH-1']);
  assert.deepEqual(it.sent['prepareCheckout']?.['input'], {
    order: 'FH-1', nonce: '0123456789abcdef', email: 'ada@example.com', firstName: 'Ada', lastName: 'Byron', answers: [{ fieldId: 'f1' }, { fieldId: 'f4', checked: true }],
  });
  await page.context().close();
});

test('carnet:checkout tells token and order, and no personal data', async () => {
  const page = await it.visit();
  await page.evaluate(() => {
    document.addEventListener('submit', (event) => event.preventDefault());
    document.addEventListener('carnet:checkout', (event) => { document.title = JSON.stringify((event as CustomEvent).detail); });
  });
  await fillGuest(page);
  await page.getByLabel('I have read the house rules').check();
  await buy(page);
  await page.waitForFunction(() => document.title.startsWith('{'));
  assert.deepEqual(JSON.parse(await page.title()), { token: 'token-for-FH-1', order: 'FH-1' });
  await page.context().close();
});

test("the server's errors hold the form back too", async () => {
  it.answers = { prepareCheckout: () => ({ payload: { token: null, errors: [{ code: 'INVALID_EMAIL', path: ['email'] }] } }) };
  const page = await it.visit();
  await fillGuest(page);
  await page.getByLabel('I have read the house rules').check();
  await buy(page);
  await page.getByText('Please give an e-mail address').waitFor();
  assert.equal(it.posted.length, 0);
  await page.context().close();
});

// T-20
test('where buying needs an account the login comes first', async () => {
  it.site = { loginRequired: true };
  const page = await it.visit();
  await page.getByText('Please sign in to buy.').waitFor();
  assert.equal(await valid(page), false);
  await buy(page);
  assert.equal(it.posted.length, 0);
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.keyboard.press('Enter');
  await page.getByText('Buying as Ada Byron').waitFor();
  await page.getByLabel('I have read the house rules').check();
  await buy(page);
  await page.getByText('thank you').waitFor();
  assert.ok(!('email' in (it.sent['prepareCheckout']?.['input'] ?? {})), 'the session says who buys');
  await page.context().close();
});

// T-56, T-61
test('questions that were changed meanwhile hold the form, with what was typed', async () => {
  const token = { payload: { token: 'a-token', errors: [] } };
  it.answers = { prepareCheckout: ({ input }) => ((input?.['answers'] as object[]).length === 2 ? { payload: { token: null, errors: [{ code: 'REQUIRED', path: ['answers', 'f0'] }] } } : token) };
  const page = await it.visit();
  await fillGuest(page);
  await page.getByLabel('How did you hear about us?').fill('from a friend');
  await page.getByLabel('I have read the house rules').check();
  it.fields = [everyField[0]!, ...it.fields];
  await buy(page);
  await page.getByText('The questions have changed.').waitFor();
  assert.equal(await valid(page), false);
  assert.equal(await page.getByLabel('Last name').inputValue(), 'Byron');
  assert.equal(await page.getByLabel('How did you hear about us?').inputValue(), 'from a friend');
  assert.equal(it.posted.length, 0);
  await page.getByRole('radio', { name: 'Yes' }).check();
  await buy(page);
  await page.getByText('thank you').waitFor();
  assert.deepEqual(it.posted, ['carnet_token=a-token']);
  await page.context().close();
});
