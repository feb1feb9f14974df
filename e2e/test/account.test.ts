import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, register, test } from '../world.ts';

// T-03, T-18, D-05
test('sign out, and in again by password', async ({ staff, visit }) => {
  const { page, person } = await register(visit, staff);
  const status = page.locator('carnet-status');
  await status.getByRole('button', { name: 'Sign out' }).click();
  await expect(status.getByRole('link', { name: 'Sign in' })).toBeVisible();

  await page.goto('/?lang=en');
  const login = page.locator('carnet-login');
  await login.getByLabel('E-mail').fill(person.email);
  await login.getByRole('textbox', { name: 'Password' }).fill('not the password');
  await login.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(login.getByRole('alert')).toHaveText('E-mail or password is not right.');
  await login.getByRole('textbox', { name: 'Password' }).fill(person.password);
  await login.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(login.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();

  // The session is kept by the page's own storage: it survives a reload, and other tabs have it.
  await page.reload();
  await expect(login.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
  const tab = await visit('/register?lang=en', { like: page });
  await expect(tab.locator('carnet-status')).toContainText(person.lastName, { ignoreCase: true });

  // Signing out in one tab signs out in the other.
  await login.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(tab.locator('carnet-status').getByRole('link', { name: 'Sign in' })).toBeVisible();
});

// D-05
test('sign in by a code from the mailbox', async ({ staff, visit }) => {
  const { person } = await register(visit, staff);
  const page = await visit('/?lang=en'); // another device
  const login = page.locator('carnet-login');
  await login.getByRole('button', { name: 'E-mail me a code instead' }).click();
  await login.getByLabel('E-mail').fill(person.email);
  const used = await staff.code(person.email);
  await login.getByRole('button', { name: 'Send the code' }).click();
  await expect(login.getByRole('heading', { name: 'Look in your mailbox' })).toBeVisible();
  await expect.poll(() => staff.code(person.email), 'a new mail').not.toBe(used);
  const code = await staff.code(person.email);
  await login.getByLabel('Code').fill(code === '00000000' ? '00000001' : '00000000');
  await login.getByRole('button', { name: 'Confirm' }).click();
  await expect(login.getByLabel('Code')).toHaveAccessibleDescription(/This is not the code of our newest mail/);
  await login.getByLabel('Code').fill(code);
  await login.getByRole('button', { name: 'Confirm' }).click();
  await expect(login.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
});

// D-05: without cookies of ours, which a browser would block here anyway.
test('no cookie of Carnet’s is set on or sent from the calendar', async ({ carnet, staff, visit }) => {
  const { page } = await register(visit, staff);
  await page.goto('/?lang=en');
  await expect(page.locator('carnet-login').getByRole('button', { name: 'Sign out', exact: true })).toBeVisible();
  expect(await page.context().cookies(carnet.url)).toEqual([]);
  expect((await page.context().cookies(carnet.demo)).filter(({ name }) => name.startsWith('carnet'))).toEqual([]);
});

test.describe('a page whose origin is not registered', () => {
  let server: Server;
  let url: string;
  test.beforeAll(async ({ carnet }) => {
    server = createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(`<!doctype html><html lang="en"><title>Elsewhere</title><link rel="icon" href="data:,"><main><h1>Elsewhere</h1><carnet-registration></carnet-registration></main>
        <script type="module" src="${carnet.url}/widgets/v1/carnet.js" data-site="${carnet.site}"></script>`);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    url = `http://localhost:${(server.address() as AddressInfo).port}/`;
  });
  test.afterAll(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  // D-05
  test('gets a widget that says so, and no data', async ({ visit }) => {
    const page = await visit(url, { expected: /CORS policy|FORBIDDEN|NETWORK|Problem|Error/ });
    await expect(page.locator('carnet-registration').getByRole('alert')).toHaveText('This page may not use this form. Please tell its owner.');
    await expect(page.locator('carnet-registration').getByRole('textbox')).toHaveCount(0);
  });
});
