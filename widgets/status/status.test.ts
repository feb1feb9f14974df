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
