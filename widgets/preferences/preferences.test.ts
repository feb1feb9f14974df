import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Stage, stage } from '../test/harness';

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());

const channels = (agreed: string, pending = '') => ['EMAIL', 'SMS', 'POST', 'PHONE'].map((channel) => ({ channel, agreed: channel === agreed, pending: channel === pending }));
const held = (agreed: string, pending = '') => ({
  address: 'a•••@e•••.com',
  purposes: [{ purposeId: 'p1', name: 'Newsletter', text: 'Fjordlight Hall may send me its newsletter.', wordingVersion: 2, wordingLanguage: 'en', channels: channels(agreed, pending) }],
});

const saved = () => it.sent['saveMyPreferences']?.['input'];

// P-22
test('the preferences are the login first; what is saved carries the wording that was shown, and what is to be confirmed says so', async () => {
  it.body = '<carnet-preferences></carnet-preferences>';
  it.answers['myPreferences'] = () => ({ me: { preferences: held('EMAIL') } });
  const page = await it.visit();
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.keyboard.press('Enter');
  const letter = page.getByRole('group', { name: 'Newsletter' });
  await letter.waitFor();
  await page.getByText('Choose what Fjordlight Hall may send you, and how.').waitFor();
  assert.equal(await letter.getByLabel('E-mail').isChecked(), true);
  await letter.getByLabel('SMS').check();
  it.answers['saveMyPreferences'] = () => ({ payload: { preferences: held('EMAIL', 'SMS'), errors: [] } });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').getByText('Press the button in the mail to a•••@e•••.com').waitFor();
  assert.deepEqual(saved(), {
    choices: [true, true, false, false].map((agree, i) => ({ purposeId: 'p1', channel: ['EMAIL', 'SMS', 'POST', 'PHONE'][i], agree, wordingVersion: 2, wordingLanguage: 'en' })),
    language: 'en',
  });
  await letter.getByLabel('SMS (to be confirmed)').waitFor();
  await page.getByRole('button', { name: 'Send the mail again' }).click();
  await page.getByRole('status').getByText('The mail is on its way').waitFor();
  assert.equal(saved()?.['again'], true);

  it.answers['saveMyPreferences'] = () => ({ payload: { preferences: null, errors: [{ code: 'SUPPORT_SESSION', path: [] }] } });
  await page.getByRole('button', { name: 'Unsubscribe from everything' }).click();
  await page.getByRole('alert').getByText('only the account’s owner').waitFor();
  it.answers['saveMyPreferences'] = () => ({ payload: { preferences: held(''), errors: [] } });
  await page.getByRole('button', { name: 'Unsubscribe from everything' }).click();
  await page.getByRole('status').getByText('You are unsubscribed from everything.').waitFor();
  assert.equal(await letter.getByLabel('E-mail').isChecked(), false);
  await page.context().close();
});
