import type { Page } from '@playwright/test';
import { label, secret, startProvider } from '../provider.ts';
import { expect, register, test } from '../world.ts';

let provider: Awaited<ReturnType<typeof startProvider>>;
let entered = false;

test.beforeAll(async ({ carnet }) => { provider = await startProvider(carnet); });
test.afterAll(() => provider.end());

// Staff enter the provider with this site's own credentials.
test.beforeEach(async ({ staff }) => {
  const admin = staff.page;
  await admin.goto('/admin/settings/login');
  await expect(admin.getByRole('button', { name: 'Add provider' })).toBeVisible();
  if (await admin.getByRole('cell', { name: label }).count()) {
    // Another file of this worker may have left it, with the address of a provider that has ended.
    if (!entered) {
      await staff.graphql('mutation($input: SaveLoginProviderInput!) { saveLoginProvider(input: $input) { errors { code message path } } }',
        { input: { name: 'nordfjord', label, issuer: provider.issuer, clientId: 'carnet', clientSecret: secret } });
    }
    entered = true;
    return;
  }
  await admin.getByRole('button', { name: 'Add provider' }).click();
  const form = admin.getByRole('dialog', { name: 'Add provider' });
  await form.getByLabel('Name', { exact: false }).first().fill('nordfjord');
  await form.getByLabel('Button text').fill(label);
  await form.getByLabel('Issuer').fill(provider.issuer);
  await form.getByLabel('Client id').fill('carnet');
  await form.getByLabel('Client secret').fill(secret);
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText(label)).toBeVisible();
  entered = true;
});

/** What a person does on the provider's own pages. */
async function consent(page: Page, login: string): Promise<void> {
  await expect(page.getByPlaceholder('Enter any login')).toBeVisible({ timeout: 20_000 }); // the provider is asked for its addresses first
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
  const closed = popup.waitForEvent('close', { timeout: 30_000 });
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
