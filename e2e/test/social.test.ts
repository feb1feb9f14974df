import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { freeAddress } from '../start.ts';
import { expect, register, test } from '../world.ts';

const label = 'Sign in with Nordfjord ID';
let provider: ChildProcess;
let issuer: string;

test.beforeAll(async ({ carnet }) => {
  const port = (await freeAddress()).split(':')[1] ?? '';
  issuer = `http://localhost:${port}`;
  provider = fork(fileURLToPath(new URL('../provider.mjs', import.meta.url)), [port, `${carnet.url}/v1/social/callback`], { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  await new Promise<void>((resolve, reject) => {
    provider.stdout?.on('data', (text: Buffer) => { if (String(text).includes('ready')) resolve(); });
    provider.on('exit', (code) => reject(new Error(`the provider ended with ${code}`)));
  });
});
test.afterAll(() => provider.kill());

// Staff enter the provider with this site's own credentials.
test.beforeEach(async ({ staff }) => {
  const admin = staff.page;
  await admin.goto('/admin/settings/login');
  await expect(admin.getByRole('button', { name: 'Add provider' })).toBeVisible();
  if (await admin.getByRole('cell', { name: label }).count()) return;
  await admin.getByRole('button', { name: 'Add provider' }).click();
  const form = admin.getByRole('dialog', { name: 'Add provider' });
  await form.getByLabel('Name', { exact: false }).first().fill('nordfjord');
  await form.getByLabel('Button text').fill(label);
  await form.getByLabel('Issuer').fill(issuer);
  await form.getByLabel('Client id').fill('carnet');
  await form.getByLabel('Client secret').fill('a secret of the tests, long enough');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText(label)).toBeVisible();
});

/** What a person does on the provider's own pages. */
async function consent(page: Page, login: string): Promise<void> {
  await page.getByPlaceholder('Enter any login').fill(login);
  await page.getByPlaceholder('and password').fill('whatever');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

// D-08
test('a provider signs somebody in by popup', async ({ staff, visit }) => {
  const page = await visit('/?lang=en');
  const login = page.locator('carnet-login');
  const opened = page.waitForEvent('popup');
  await login.getByRole('button', { name: label }).click();
  const popup = await opened;
  const closed = popup.waitForEvent('close');
  await consent(popup, 'sigrid-popup');
  await closed;
  await expect(login.getByRole('heading', { name: 'Hello, Sigrid' })).toBeVisible();
  const { contacts } = await staff.graphql<{ contacts: { nodes: { email: string }[] } }>('{ contacts(search: "sigrid-popup@example.com", first: 5) { nodes { email } } }');
  expect(contacts.nodes.map(({ email }) => email)).toEqual(['sigrid-popup@example.com']);
});

// D-08
test('where popups are blocked the same goes by redirect, and the address is clean afterwards', async ({ carnet, visit }) => {
  const page = await visit('/register?lang=en');
  await page.evaluate(() => { window.open = () => null; });
  const widget = page.locator('carnet-registration');
  await widget.getByRole('button', { name: label }).click();
  await consent(page, 'sigrid-redirect');
  await expect(widget.getByRole('heading', { name: 'Welcome, Sigrid' })).toBeVisible();
  expect(page.url()).toBe(`${carnet.demo}/register?lang=en`); // back where it began, without the code
});

// D-08: an equal address never links by itself.
test('an address that has an account is proven before the provider is linked', async ({ staff, visit }) => {
  const login = `owned-${process.pid}`;
  const person = { firstName: 'Ola', lastName: 'Owner', email: `${login}@example.com`, password: 'long enough 123' };
  await register(visit, staff, person);
  const used = await staff.code(person.email);
  const page = await visit('/?lang=en');
  const widget = page.locator('carnet-login');
  const opened = page.waitForEvent('popup');
  await widget.getByRole('button', { name: label }).click();
  await consent(await opened, login);
  await expect(widget.getByRole('heading', { name: 'Look in your mailbox' })).toBeVisible();
  await expect.poll(() => staff.code(person.email), 'a new mail').not.toBe(used);
  await widget.getByLabel('Code').fill(await staff.code(person.email));
  await widget.getByRole('button', { name: 'Confirm' }).click();
  await expect(widget.getByRole('heading', { name: 'Hello, Ola' })).toBeVisible();
});
