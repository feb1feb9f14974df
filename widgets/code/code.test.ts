import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Stage, stage } from '../test/harness';

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());

test('a wrong code is told at its question; a new one can be asked for by the same attempt', async () => {
  it.body = '<carnet-code></carnet-code>';
  it.answers = { confirmEmailCode: () => ({ payload: { code: null, errors: [{ code: 'WRONG_CODE', path: ['code'] }] } }) };
  const page = await it.visit();
  await page.getByLabel('E-mail').fill('ada@example.com');
  await page.keyboard.press('Enter');
  await page.getByLabel('Code').fill('00000000');
  await page.keyboard.press('Enter');
  await page.getByText('This is not the code of our newest mail.').waitFor();
  const first = it.sent['requestEmailCode']?.['input']?.['attempt'];
  await page.getByRole('button', { name: 'Send a new code' }).click();
  await page.getByText('A new code is on its way.').waitFor();
  assert.deepEqual(it.sent['requestEmailCode']?.['input']?.['attempt'], first);
  await page.getByRole('button', { name: 'Use another address' }).click();
  assert.equal(await page.getByLabel('E-mail').inputValue(), 'ada@example.com');
  await page.context().close();
});
