import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, stage } from '../test/harness';
import { search } from './search';
import { sha256 } from './sha256';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());
beforeEach(() => {
  Object.assign(it, { site: {}, body: '<carnet-login></carnet-login>', answers: {}, lang: 'en' });
  it.asked.length = 0;
});

const hex = (text: string) => createHash('sha256').update(text).digest('hex');
const salt = 'abcdefghij-lmnop_rstuv';
/** A challenge as the server makes it, unsigned. */
const asking = (number: number, most: number) => `SHA-256.${most}.1900000000.${salt}.${hex(salt + number)}.x`;

test('the hash is SHA-256, for every length that it takes', () => {
  for (let length = 0; length <= 55; length++) {
    const text = `${salt}0123456789${salt}0`.slice(0, length);
    assert.equal(Array.from(sha256(text), (word) => (word >>> 0).toString(16).padStart(8, '0')).join(''), hex(text), `${length} characters`);
  }
});

test('the number is found, the first and the last too; where there is none, or nobody waits any more, it ends', async () => {
  for (const number of [0, 1, 4711, 20_000]) assert.equal(await search(asking(number, 20_000), () => true), number);
  await assert.rejects(search(asking(20_001, 20_000), () => true));
  const told: number[] = [];
  await assert.rejects(search(asking(9e9, 8e9), (part) => told.push(part) < 3));
  assert.equal(told.length, 3);
  assert.ok(told[0]! > 0 && told[0]! < told[2]! && told[2]! < 1, 'how far it is');
});

/** Signs in where the server asks for work until the challenge is solved. */
function askFor(number: number, most: number): void {
  const challenge = asking(number, most);
  it.answers['signIn'] = ({ input }) => {
    const work = input?.['work'] as { challenge: string; number: number } | undefined;
    if (work?.challenge === challenge && work.number === number) return { payload: { code: null, work: null, errors: [{ code: 'WRONG_CREDENTIALS', path: [] }] } };
    return { payload: { code: null, work: challenge, errors: [{ code: 'PROOF_OF_WORK', path: [] }] } };
  };
}

async function signIn(page: Page, labels: readonly [string, string, string] = ['E-mail', 'Password', 'Sign in']): Promise<void> {
  await page.getByLabel(labels[0]).fill('ada@example.com');
  await page.getByLabel(labels[1]).fill('a guess');
  await page.getByRole('button', { name: labels[2], exact: true }).click();
}
const modules = (page: Page) => page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => /(\w+)-\w+\.js$/.exec(name)?.[1]));

test('its module comes when work is asked for, and the call is made again by the same attempt', async () => { // embed §4
  askFor(30_000, 40_000);
  const page = await it.visit();
  await page.getByLabel('E-mail').waitFor();
  assert.ok(!(await modules(page)).includes('work'));
  await signIn(page);
  await page.getByRole('alert').getByText('E-mail or password is not right.').waitFor();
  assert.ok((await modules(page)).includes('work'));
  assert.deepEqual(it.asked.filter((name) => name === 'signIn').length, 2);
  assert.equal(await page.locator('progress').count(), 0, 'the progress goes with the work');
  await page.context().close();
});

test('the progress is told in the page’s language while the page stays responsive; work ends with its widget', async () => {
  askFor(9e9, 8e9); // for hours: what holds the page up would hold it up for good
  it.lang = 'fr';
  const page = await it.visit();
  await signIn(page, ['E-mail', 'Mot de passe', 'Se connecter']);
  await page.getByRole('status').getByText('Nous vérifions que vous n’êtes pas un robot…').waitFor();
  const bar = page.getByRole('progressbar', { name: 'Nous vérifions' });
  const part = () => bar.evaluate((el: HTMLProgressElement) => el.value);
  const before = await part();
  await page.evaluate(axe);
  const { violations } = (await page.evaluate('axe.run("carnet-login", { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] })')) as { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] };
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html + node.failureSummary)]), []);
  // The median turn of the page, in milliseconds, while it works.
  const turn = await page.evaluate(async () => {
    const turns: number[] = [];
    for (let i = 0; i < 21; i++) {
      const from = performance.now();
      await new Promise((resolve) => setTimeout(resolve));
      turns.push(performance.now() - from);
    }
    return turns.sort((a, b) => a - b)[10]!;
  });
  assert.ok(turn < 200, `a turn of the page took ${turn} ms`);
  assert.ok((await part()) > before, 'it goes on');
  const held = await bar.elementHandle();
  await page.evaluate(() => document.querySelector('carnet-login')?.remove());
  await page.waitForFunction((el) => !el?.isConnected && !el?.parentNode?.parentNode, held); // taken out by the work's own end, in the widget that is gone
  await page.context().close();
});
