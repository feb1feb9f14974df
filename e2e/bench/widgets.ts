import type { Page } from '@playwright/test';
import { countRequests, embed, strict } from '../host.ts';
import { test } from '../world.ts';

/** How often each page is opened, by a browser that knows nothing of it. */
const times = 9;

/** How much slower than this machine the page's processor is. */
const slowdown = 4;

const pages: Record<string, { body: string; usable: (page: Page) => Promise<void> }> = {
  'a login': { body: '<carnet-login></carnet-login>', usable: (page) => page.getByLabel('E-mail').waitFor() },
  'a registration': { body: '<carnet-registration></carnet-registration>', usable: (page) => page.getByLabel('E-mail').waitFor() },
  'a checkout': { body: '<carnet-checkout order="1" nonce="a-nonce-of-the-bench"></carnet-checkout>', usable: (page) => page.locator('carnet-checkout').getByRole('button').first().waitFor() },
  'my account, signed out': { body: '<carnet-account></carnet-account>', usable: (page) => page.getByLabel('E-mail').waitFor() },
};

test('what a page with a widget costs', async ({ carnet, staff, browser }) => {
  test.setTimeout(10 * 60_000);
  const rows: string[] = [];
  for (const [name, { body, usable }] of Object.entries(pages)) {
    const { url, end } = await embed(carnet, staff, { body, policy: strict });
    const took: number[] = [];
    let requests = 0;
    let bytes = 0;
    for (let i = 0; i < times; i++) {
      const context = await browser.newContext({ locale: 'en-GB' });
      const page = await context.newPage();
      const asked = await countRequests(page, carnet);
      const session = await context.newCDPSession(page);
      await session.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
      await page.goto(url, { waitUntil: 'commit' });
      await usable(page);
      took.push(await page.evaluate(() => performance.now()));
      [requests, bytes] = [asked.urls.length, asked.bytes];
      await context.close();
    }
    await end();
    took.sort((a, b) => a - b);
    rows.push(`| ${name} | ${requests} | ${bytes.toLocaleString('en')} | ${took[times >> 1]!.toFixed(0)} ms | ${took[0]!.toFixed(0)} to ${took.at(-1)!.toFixed(0)} ms |`);
  }
  console.log(`\nA page of another site with a widget, strict policy, empty cache, loopback, a processor ${slowdown} times slower, ${times} times:\n\n`
    + `| page with | requests | bytes over the wire, headers too | usable form, median | least and most |\n|---|---:|---:|---:|---:|\n${rows.join('\n')}\n`);
});
