import { readFile } from 'node:fs/promises';
import { embed, type Host, loader, signIn, strict } from '../host.ts';
import { expect, expectAccessible, register, test } from '../world.ts';

const hosts: Record<string, Host> = {
  'a plain page': { body: '<carnet-login></carnet-login>' },
  'a page with a strict policy and closed Trusted Types': { body: '<carnet-login></carnet-login>', policy: strict },
  'a page whose site builder strips unknown tags': { body: '<div data-carnet="login"></div>' },
  'a page that is isolated from those it opens': { body: '<carnet-login></carnet-login>', head: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Resource-Policy': 'same-origin' } },
  'a page that has pasted the line twice': { body: '<carnet-login></carnet-login>', after: (carnet) => loader(carnet) },
};

// D-05
for (const [name, host] of Object.entries(hosts)) {
  test(`one signs in, comes back and signs out on ${name}`, async ({ carnet, staff, visit }) => {
    const { person } = await register(visit, staff);
    const { url, end } = await embed(carnet, staff, host);
    try {
      const page = await visit(url);
      await signIn(page, person);
      await expectAccessible(page);
      await page.reload();
      await expect(page.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      await expect(page.getByLabel('E-mail')).toBeVisible();
      await expect(page.getByLabel('E-mail')).toHaveCount(1);
    } finally {
      await end();
    }
  });
}

/** A single-page application: its tags come and go with the address's fragment. */
const application = `
const main = document.querySelector('main');
const views = { home: [], login: ['carnet-login'], both: ['carnet-status', 'carnet-login'], account: ['carnet-account'] };
addEventListener('hashchange', () => main.replaceChildren(...(views[location.hash.slice(1)] ?? []).map((tag) => document.createElement(tag))));
document.addEventListener('carnet:signed-in', () => { main.dataset.in = String(Number(main.dataset.in ?? 0) + 1); });
`;

// D-05, D-04
test('a single-page application adds and removes widgets as it goes', async ({ carnet, staff, visit }) => {
  const { person } = await register(visit, staff);
  const { url, end } = await embed(carnet, staff, { body: '<script src="/app.js"></script>', policy: strict, script: application });
  try {
    const page = await visit(url);
    const asked: string[] = [];
    page.on('request', (request) => { if (request.url().includes('/widgets/v1/')) asked.push(new URL(request.url()).pathname.replace(/-[0-9a-f]{10}\.js$/, '')); });
    const go = (to: string) => page.evaluate((hash) => { location.hash = hash; }, to);
    for (const to of ['login', 'home', 'login']) await go(to);
    await signIn(page, person);
    await go('home');
    await expect(page.getByRole('heading', { name: 'Hello' })).toHaveCount(0);
    await go('both');
    await expect(page.locator('main > carnet-status')).toContainText(person.lastName, { ignoreCase: true });
    await expect(page.locator('carnet-login').getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
    await go('account');
    await expect(page.getByLabel('Last name')).toHaveValue(person.lastName);
    await go('both');
    await page.locator('carnet-login').getByRole('button', { name: 'Sign out', exact: true }).click();
    await expect(page.locator('main > carnet-status')).toContainText('Not signed in');
    expect(asked.filter((path) => path.endsWith('/login')), 'a module once').toHaveLength(1);
    expect(await page.locator('main').getAttribute('data-in'), 'told once').toBe('1');
  } finally {
    await end();
  }
});

// GDPR art. 15: a policy that lets nothing but Carnet be fetched, and no blob: anywhere, stands in no way of the file.
test('what is held about a person is downloaded on a page with a strict policy', async ({ carnet, staff, visit }) => {
  const { person } = await register(visit, staff);
  const { url, end } = await embed(carnet, staff, { body: '<carnet-account></carnet-account>', policy: strict });
  try {
    const page = await visit(url);
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByRole('textbox', { name: 'Password' }).fill(person.password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Your data' }).click();
    await page.getByRole('button', { name: 'Get the file' }).click();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
    expect(download.suggestedFilename()).toBe(`${carnet.site}-my-data.json`);
    expect(await readFile(await download.path(), 'utf8')).toContain(person.email);
    expect(asked.filter((address) => address.startsWith('http') && !/\/(v1\/my-data|graphql)$/.test(address)), 'nothing about the person in an address').toEqual([]);
    await page.goto('about:blank'); // what it still asks is not refused when the origin goes
  } finally {
    await end();
  }
});
