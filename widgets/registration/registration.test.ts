import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, everyField, stage } from '../test/harness';

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());
beforeEach(() => Object.assign(it, { site: {}, body: '<carnet-registration></carnet-registration>', fields: everyField, answers: {} }));

async function fillPerson(page: Page): Promise<void> {
  await page.getByLabel('First name').fill('Ada');
  await page.getByLabel('Last name').fill('Byron');
  await page.getByLabel('E-mail').fill('ada@example.com');
}
const submit = (page: Page) => page.getByRole('button', { name: 'Create account' }).click();

// D-06, T-54, T-55
test('required fields hold the form back, each with its own words', async () => {
  const page = await it.visit();
  await fillPerson(page);
  await submit(page);
  assert.equal(await page.getByText('Please fill this in.').count(), 2, 'yes or no (T-41), and the list');
  await page.getByText('Please tick this box to go on.').waitFor(); // T-44
  assert.equal(it.sent['signUp'], undefined);
  await page.context().close();
});

// T-52
test('a range of choices takes neither fewer nor more', async () => {
  const page = await it.visit();
  await fillPerson(page);
  await page.getByLabel('Jazz').check();
  await submit(page);
  await page.getByText('Please pick at least 2.').waitFor();
  for (const name of ['Folk', 'Chamber', 'Choir']) await page.getByLabel(name).check();
  await submit(page);
  await page.getByText('Please pick at most 3.').waitFor();
  await page.context().close();
});

test('answers travel by field, the mail is awaited, and its code signs in', async () => {
  const page = await it.visit();
  await fillPerson(page);
  await page.getByRole('radio', { name: 'No' }).check(); // T-40
  await page.getByLabel('How did you hear about us?').fill('  from a friend ');
  await page.getByLabel('Favourite hall').selectOption('Studio'); // T-45
  for (const name of ['Jazz', 'Opera']) await page.getByLabel(name).check();
  await page.getByLabel('I have read the house rules').check();
  await page.getByLabel('may contact me').check();
  await submit(page);
  await page.getByText('We have sent a code to ada@example.com').waitFor();
  const input = it.sent['signUp']?.['input'] ?? {};
  assert.deepEqual(input['answers'], [
    { fieldId: 'f0', yesNo: false }, { fieldId: 'f1', text: 'from a friend' }, { fieldId: 'f2', choiceIds: ['f2c1'] },
    { fieldId: 'f3', choiceIds: ['f3c0', 'f3c4'] }, { fieldId: 'f4', checked: true },
    ...it.fields.slice(5).map(({ id }) => ({ fieldId: id })), // not answered
  ]);
  assert.equal(input['consent'], true);
  assert.equal(input['consentWording'], 3, 'the wording that was shown');
  assert.ok(!('password' in input), 'none given, none sent');
  await page.getByLabel('Code').fill('12345678');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await page.getByText('Welcome, Ada').waitFor();
  await page.context().close();
});

test("the server's errors stand at their questions, and the form keeps what was typed", async () => {
  it.answers = { signUp: () => ({ payload: { errors: [{ code: 'INVALID_TEXT', path: ['input', 'answers', '1', 'text'] }, { code: 'WEAK_PASSWORD', path: ['password'] }] } }) };
  const page = await it.visit();
  await fillPerson(page);
  await page.getByRole('radio', { name: 'Yes' }).check();
  for (const name of ['Jazz', 'Opera']) await page.getByLabel(name).check();
  await page.getByLabel('I have read the house rules').check();
  await submit(page);
  await page.getByText('characters that cannot be read').waitFor();
  await page.getByText('This password is too weak.').waitFor();
  assert.equal(await page.getByLabel('How did you hear about us?').getAttribute('aria-invalid'), 'true');
  assert.equal(await page.getByLabel('First name').inputValue(), 'Ada');
  await page.context().close();
});

test('consent is asked for only where the site asks', async () => {
  it.site = { consent: undefined };
  const page = await it.visit();
  await page.getByLabel('First name').waitFor();
  assert.equal(await page.getByLabel('may contact me').count(), 0);
  await page.context().close();
});

// T-55, T-61: a page is minutes old, its questions are not.
test('questions that were changed meanwhile are asked anew, and what was typed stays', async () => {
  it.fields = everyField.slice(0, 3);
  it.answers = { signUp: ({ input }) => ({ payload: { errors: (input?.['answers'] as object[]).length === 3 ? [{ code: 'UNKNOWN', path: ['input', 'answers', '1', 'fieldId'] }] : [] } }) };
  const page = await it.visit();
  await fillPerson(page);
  await page.getByRole('radio', { name: 'No' }).check();
  await page.getByLabel('How did you hear about us?').fill('from a friend');
  await page.getByLabel('Favourite hall').selectOption('Studio');
  it.fields = [everyField[0]!, { ...everyField[2]!, label: 'Favourite room' }];
  await submit(page);
  await page.getByRole('alert').filter({ hasText: 'The questions have changed.' }).waitFor();
  assert.equal(await page.getByLabel('How did you hear about us?').count(), 0);
  assert.equal(await page.getByLabel('First name').inputValue(), 'Ada');
  assert.equal(await page.getByRole('radio', { name: 'No' }).isChecked(), true);
  assert.equal(await page.getByLabel('Favourite room').inputValue(), 'f2c1');
  await submit(page);
  await page.getByText('We have sent a code to ada@example.com').waitFor();
  await page.context().close();
});

// P-03
test('what to know before one agrees is a link away, in a page of its own', async () => {
  it.site = { links: [{ label: 'Privacy policy', url: 'https://hall.example/privacy' }, { label: '<b>Terms</b>', url: 'https://hall.example/terms' }] };
  const page = await it.visit();
  const link = page.getByRole('link', { name: 'Privacy policy' });
  assert.deepEqual(await link.evaluate((el: HTMLAnchorElement) => [el.href, el.target, el.rel]), ['https://hall.example/privacy', '_blank', 'noopener']);
  await page.getByRole('link', { name: '<b>Terms</b>' }).waitFor();
  it.site = {};
  await page.reload();
  await page.getByLabel('First name').waitFor();
  assert.equal(await page.getByRole('link').count(), 0);
  await page.context().close();
});
