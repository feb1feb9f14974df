import { countRequests, embed, strict } from '../host.ts';
import { expect, test } from '../world.ts';

// D-05, T-55, T-56: embed budget, preflights counted. A browser that knows nothing of the page, under the strictest policy.
test('a usable form takes four requests, the site’s questions too', async ({ carnet, staff, browser }) => {
  await staff.field({ type: 'TEXT', label: 'Which choir?', onRegistration: true, onCheckout: true });
  for (const widget of ['login', 'registration', 'checkout']) {
    const { url, end } = await embed(carnet, staff, { body: `<div data-carnet="${widget}" data-order="1" data-nonce="a-nonce-of-the-tests"></div>`, policy: strict });
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    const asked = await countRequests(page, carnet);
    await page.goto(url);
    await expect(page.getByLabel('E-mail')).toBeVisible();
    if (widget !== 'login') await expect(page.getByLabel('Which choir?')).toBeVisible();
    expect(asked.urls, `${widget}: ${asked.urls.join('\n')}`).toHaveLength(4);
    await context.close();
    await end();
  }
});
