import type { CDPSession, Page } from '@playwright/test';
import { expect, expectAccessible, register, test, type Staff } from '../world.ts';

/** A platform authenticator for a page, with its owner's finger on it. */
async function authenticator(page: Page): Promise<{ client: CDPSession; id: string }> {
  const client = await page.context().newCDPSession(page);
  await client.send('WebAuthn.enable');
  const { authenticatorId: id } = await client.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
  } });
  return { client, id };
}

const on = (staff: Staff) => staff.settings({ passkeys: true, passkeyDomain: 'localhost' }, { passkeys: false });

// Issue 5, embed §3: made after a fresh proof, on a page with the strict policy and no cookie; signs in with nothing typed.
test('a passkey is made in my account, signs in, and is removed', async ({ staff, visit }) => {
  await on(staff);
  const { page, person } = await register(visit, staff);
  const { client, id } = await authenticator(page);
  await page.goto('/account?lang=en');
  const account = page.locator('carnet-account');
  await account.getByRole('button', { name: 'Sign-in and security' }).click();
  await account.getByRole('button', { name: 'Add a passkey' }).click();
  await account.getByLabel('Name').fill('My laptop');
  await expectAccessible(page);
  await account.getByRole('button', { name: 'Create the passkey' }).click();
  await expect(account.getByRole('status').filter({ hasText: 'Your passkey is added.' })).toBeVisible();
  await expect(account.getByRole('listitem').filter({ hasText: 'My laptop' })).toBeVisible();
  await expectAccessible(page);

  // One on the same device is enough.
  await account.getByRole('button', { name: 'Add a passkey' }).click();
  await account.getByRole('button', { name: 'Create the passkey' }).click();
  await expect(account.getByRole('alert').filter({ hasText: 'has a passkey for your account already' })).toBeVisible();

  await page.goto('/?lang=en');
  const login = page.locator('carnet-login');
  await login.getByRole('button', { name: 'Sign out', exact: true }).click();
  await login.getByRole('button', { name: 'Use a passkey instead' }).click();
  await expect(login.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();

  // Cancelled, it says so, and another way in is a click away.
  await login.getByRole('button', { name: 'Sign out', exact: true }).click();
  await client.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified: false });
  await login.getByRole('button', { name: 'Use a passkey instead' }).click();
  await expect(login.getByRole('alert')).toHaveText(/No passkey was used/);
  await expectAccessible(page);
  await client.send('WebAuthn.setUserVerified', { authenticatorId: id, isUserVerified: true });
  await login.getByRole('button', { name: 'Use a passkey', exact: true }).click();
  await expect(login.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();

  await page.goto('/account?lang=en');
  await account.getByRole('button', { name: 'Sign-in and security' }).click();
  await account.getByRole('button', { name: 'Change My laptop' }).click();
  await account.getByLabel('Name').fill('Old laptop');
  await account.getByRole('button', { name: 'Save' }).click();
  await account.getByRole('button', { name: 'Change Old laptop' }).click();
  await account.getByRole('button', { name: 'Remove this passkey' }).click();
  await expect(account.getByRole('heading', { name: 'Remove Old laptop?' })).toBeVisible();
  await account.getByRole('button', { name: 'Remove this passkey' }).click();
  await expect(account.getByRole('status').filter({ hasText: 'The passkey is removed.' })).toBeVisible();
  const { mails } = await staff.graphql<{ mails: { nodes: { recipient: string; subject: string }[] } }>('{ mails(first: 10) { nodes { recipient subject } } }');
  const told = mails.nodes.filter(({ recipient }) => recipient === person.email).map(({ subject }) => subject.replace(/ at .*/, ''));
  expect(told.slice(0, 2)).toEqual(['A passkey was removed from your account', 'A passkey was added to your account']);

  await page.goto('/?lang=en');
  await login.getByRole('button', { name: 'Sign out', exact: true }).click();
  await login.getByRole('button', { name: 'Use a passkey instead' }).click();
  await expect(login.getByRole('alert')).toHaveText(/This passkey is not known here/);
  await login.getByRole('button', { name: 'Use a password instead' }).click();
  await expect(login.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
});

test('a site without passkeys offers none', async ({ staff, visit }) => {
  const { page } = await register(visit, staff);
  await page.goto('/account?lang=en');
  const account = page.locator('carnet-account');
  await account.getByRole('button', { name: 'Sign-in and security' }).click();
  await expect(account.getByText('Signed-in devices')).toBeVisible();
  await expect(account.getByText('Passkeys')).toHaveCount(0);
  await account.getByRole('button', { name: 'Sign out of all devices' }).click();
  await expect(account.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  await expect(account.getByRole('button', { name: /passkey/ })).toHaveCount(0);
});

// Conditional mediation: where an address is typed, the browser offers the passkeys it has.
test('the browser offers a passkey where the address is typed', async ({ staff, visit }) => {
  await on(staff);
  const { page, person } = await register(visit, staff);
  await authenticator(page);
  await page.goto('/account?lang=en');
  const account = page.locator('carnet-account');
  await account.getByRole('button', { name: 'Sign-in and security' }).click();
  await account.getByRole('button', { name: 'Add a passkey' }).click();
  await account.getByRole('button', { name: 'Create the passkey' }).click();
  await expect(account.getByRole('status').filter({ hasText: 'Your passkey is added.' })).toBeVisible();
  await page.goto('/?lang=en');
  const login = page.locator('carnet-login');
  await login.getByRole('button', { name: 'Sign out', exact: true }).click();
  await login.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  await login.getByLabel('E-mail').focus(); // the virtual authenticator takes the offer up at once
  await expect(login.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
});

test('a manager turns passkeys on for a domain that fits the origins, and staff see whose there are', async ({ carnet, staff, visit }) => {
  await staff.settings({ passkeys: false }, { passkeys: false });
  const { page } = staff;
  await page.goto('/admin/settings/login');
  const sheet = page.locator('form').filter({ has: page.getByRole('heading', { name: 'Passkeys' }) });
  await sheet.getByRole('switch', { name: 'Passkeys on your pages' }).setChecked(true);
  await sheet.getByLabel('Domain').fill('co.uk');
  await sheet.getByRole('button', { name: 'Save' }).click();
  await expect(sheet.getByLabel('Domain')).toHaveAccessibleDescription(/that can be registered/);
  await sheet.getByLabel('Domain').fill('example.org');
  await sheet.getByRole('button', { name: 'Save' }).click();
  await expect(sheet.getByLabel('Domain')).toHaveAccessibleDescription(/do not work on this origin/);
  await expectAccessible(page);
  await sheet.getByLabel('Domain').fill('');
  await sheet.getByRole('button', { name: 'Save' }).click();
  await expect(sheet.getByLabel('Domain')).toHaveValue('localhost');

  const { page: theirs, person } = await register(visit, staff);
  await authenticator(theirs);
  await theirs.goto('/account?lang=en');
  const account = theirs.locator('carnet-account');
  await account.getByRole('button', { name: 'Sign-in and security' }).click();
  await account.getByRole('button', { name: 'Add a passkey' }).click();
  await account.getByLabel('Name').fill('Blue key');
  await account.getByRole('button', { name: 'Create the passkey' }).click();
  await expect(account.getByRole('status').filter({ hasText: 'Your passkey is added.' })).toBeVisible();
  const { contacts } = await staff.graphql<{ contacts: { nodes: { id: string }[] } }>('query($s: String) { contacts(search: $s, first: 1, includeUnlisted: true) { nodes { id } } }', { s: person.email });
  await page.goto(`${carnet.url}/admin/contacts/${contacts.nodes[0]?.id}/general`);
  await expect(page.getByText('Blue key').first()).toBeVisible();
});
