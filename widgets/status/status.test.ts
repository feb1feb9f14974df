import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Stage, stage } from '../test/harness';

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());

test('the line follows the session, which all widgets of a page share', async () => {
  it.body = '<carnet-status login-href="/in"></carnet-status><carnet-code></carnet-code>';
  const page = await it.visit();
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
  await page.evaluate(() => document.addEventListener('carnet:signed-in', (event) => { document.title = (event as CustomEvent).detail.sub; }));
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.keyboard.press('Enter');
  await page.getByLabel('Code').fill('12');
  await page.keyboard.press('Enter');
  await page.getByText('Ada Byron').waitFor();
  assert.equal(await page.title(), 'usr_1');
  await page.locator('main > carnet-status').getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
  await page.context().close();
});

// S-14, G-30: a support link is taken out of the address and lets in, once; the line says who is in the account.
test('a support link opens the page in the account, and the line says so', async () => {
  it.body = '<carnet-status></carnet-status>';
  it.answers['me'] = () => ({ me: { subject: 'usr_1', email: 'ada@example.com', firstName: 'Ada', lastName: 'Byron', displayName: 'Byron, Ada', supportedBy: 'Kari Staff' } });
  const page = await it.visit();
  await page.getByText('Not signed in').waitFor();
  await page.goto(`${it.host}/?x=1#carnet-support=cs_1-2`);
  await page.getByText('Support session: Kari Staff').waitFor();
  await page.getByText('Ada Byron').waitFor();
  assert.equal(it.sent['enterSupportSession']?.['input']?.['code'], 'cs_1-2');
  assert.equal(new URL(page.url()).search + new URL(page.url()).hash, '?x=1');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('Not signed in').waitFor();

  it.answers['enterSupportSession'] = () => ({ payload: { code: null, errors: [{ code: 'INVALID_GRANT', path: [] }] } });
  await page.goto('about:blank');
  await page.goto(`${it.host}/#carnet-support=cs_1-2`);
  await page.getByRole('alert').getByText('This support link no longer works').waitFor();
  await page.context().close();
});
