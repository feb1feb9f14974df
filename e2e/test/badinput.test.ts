import type { Locator, Page } from '@playwright/test';
import { embed, strict } from '../host.ts';
import { type Carnet, start } from '../start.ts';
import { expect, expectAccessible, newPerson, register, test, type Staff, type Visit } from '../world.ts';

interface Open { readonly page: Page; readonly texts: string[]; readonly login: Locator }

/** What a page says to its developer. */
function said(page: Page): string[] {
  const texts: string[] = [];
  page.on('console', (message) => texts.push(message.text()));
  page.on('pageerror', (error) => texts.push(`uncaught: ${error.message}`));
  return texts;
}

// Issue 5, bad input: the site goes while its pages are open.
test('on pages of a site that was deleted visitors are told kindly, and developers why', async ({ browser }) => {
  test.setTimeout(120_000);
  const carnet = await start(); // of its own: nothing is left of it
  const context = await browser.newContext({ baseURL: carnet.demo });
  try {
    const [english, french] = await Promise.all(['en', 'fr'].map(async (lang) => {
      const page = await context.newPage();
      const texts = said(page);
      await page.goto(`/?lang=${lang}`);
      const login = page.locator('carnet-login');
      await login.getByLabel('E-mail').fill(newPerson().email);
      return { page, texts, login };
    })) as [Open, Open];
    await english.login.getByLabel('Password').fill('long enough');
    await carnet.sql('DELETE FROM site');

    await english.login.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(english.login.getByRole('alert')).toHaveText('This page may not use this form. Please tell its owner.');
    expect(english.texts.join('\n')).toContain(`no site has registered the origin ${carnet.demo}`);
    await expectAccessible(english.page);

    // What is loaded only now works, too, as far as it can.
    await french.login.getByRole('button', { name: 'Recevoir plutôt un code par e-mail' }).click();
    await french.login.getByRole('button', { name: 'Envoyer le code' }).click();
    await expect(french.login.getByRole('alert')).toHaveText('Cette page ne peut pas utiliser ce formulaire. Prévenez son propriétaire.');

    // Who comes only now has no manifest any more. Those who were there may have one for a minute.
    const late = await (await browser.newContext({ baseURL: carnet.demo })).newPage();
    const texts = said(late);
    await late.goto('/?lang=en');
    await expect(late.locator('carnet-login')).not.toBeEmpty();
    await expect.poll(() => texts.join('\n')).toContain('there is no site with this public id: check data-site');
    await late.context().close();
    expect([...english.texts, ...french.texts, ...texts].filter((text) => text.startsWith('uncaught'))).toEqual([]);
  } finally {
    await context.close();
    await carnet.stop();
  }
});

// Issue 5, bad input: a widget loaded twice in two versions. Another address is another module to browsers, as another release's is.
for (const where of ['before', 'after'] as const) {
  /** Opens a page that holds more scripts than the line that is pasted. */
  const open = async (carnet: Carnet, staff: Staff, visit: Visit, sources: string[]) => {
    const tags = sources.map((src) => `<script type="module" src="${src}" data-site="${carnet.site}"></script>`).join('');
    const { url, end } = await embed(carnet, staff, { body: '<carnet-login></carnet-login>', policy: strict, [where]: () => tags });
    const page = await visit('about:blank', { expected: /carnet\.js twice/ });
    const texts = said(page);
    await page.goto(url);
    return { login: page.locator('carnet-login'), texts, close: end };
  };

  test(`another carnet.js ${where} the page's own changes nothing, and the console says so`, async ({ carnet, staff, visit }) => {
    const { login, texts, close } = await open(carnet, staff, visit, [`${carnet.url}/widgets/v1/carnet.js?another`]);
    try {
      await login.getByRole('button', { name: 'E-mail me a code instead' }).click();
      await expect(login.getByRole('heading')).toHaveCount(1);
      await expect(login.getByLabel('E-mail')).toHaveCount(1);
      expect(texts).toEqual(['uncaught: carnet.js twice']);
    } finally {
      await close();
    }
  });

  test(`a stale module ${where} the page's own breaks nothing, and the console says so`, async ({ carnet, staff, visit }) => {
    const { person } = await register(visit, staff);
    const manifest = await (await fetch(`${carnet.url}/widgets/v1/sites/${carnet.site}`)).json() as { widgets: Record<string, { url: string }> };
    const { login, texts, close } = await open(carnet, staff, visit, [`${manifest.widgets['code']?.url}?stale`]);
    try {
      await login.getByRole('button', { name: 'E-mail me a code instead' }).click();
      await login.getByLabel('E-mail').fill(person.email);
      const used = await staff.code(person.email);
      await login.getByRole('button', { name: 'Send the code' }).click();
      await expect.poll(() => staff.code(person.email), 'a new mail').not.toBe(used);
      await login.getByLabel('Code').fill(await staff.code(person.email));
      await login.getByRole('button', { name: 'Confirm' }).click();
      await expect(login.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
      expect(texts).toEqual(['carnet: this page has two versions of <carnet-code>']);
    } finally {
      await close();
    }
  });
}
