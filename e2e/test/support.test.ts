import { expect, expectAccessible, register, test, type Staff } from '../world.ts';

/** The id of the contact with an address. */
async function contactOf(staff: Staff, email: string): Promise<string> {
  const { contacts } = await staff.graphql<{ contacts: { nodes: { id: string; email: string }[] } }>('query($s: String!) { contacts(search: $s, first: 1, includeUnlisted: true) { nodes { id email } } }', { s: email });
  return contacts.nodes[0]?.id ?? '';
}

// S-14, S-15, G-30, S-36, S-38, S-39: from the account block staff enter the customer's account by a link; the calendar's status line says who is
// there, the customer's own session goes on, and the history tells of the entry.
test('staff help in a customer’s account', async ({ staff, visit }) => {
  const { page: own, person } = await register(visit, staff);
  const id = await contactOf(staff, person.email);
  const { page } = staff;
  await page.goto(`/admin/contacts/${id}/general`);
  const block = page.getByRole('region', { name: 'Internet account' });
  await expect(block).toContainText(person.email);
  await expect(block).toContainText('on 1 device');
  await expect(block).toContainText('The account’s owner created the account · Registration');
  await expectAccessible(page);

  await block.getByRole('button', { name: 'Help in the account' }).click();
  const dialog = page.getByRole('dialog', { name: /^Help in the account of/ });
  await dialog.getByRole('button', { name: 'Prepare the link' }).click();
  const link = dialog.getByRole('link', { name: 'Open the page' });
  await expect(link).toBeVisible();
  await expectAccessible(page);
  const address = await link.getAttribute('href');
  const [shop] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
  const { viewer } = await staff.graphql<{ viewer: { staff: { name: string } } }>('{ viewer { staff { name } } }');
  const status = shop.locator('carnet-status').first();
  await expect(status).toContainText(`Support session: ${viewer.staff.name}`);
  await expect(status).toContainText(person.lastName, { ignoreCase: true });
  expect(new URL(shop.url()).hash).toBe('');
  await expectAccessible(shop);
  await shop.reload();
  await expect(status).toContainText('Support session');
  await expect(shop.locator('carnet-login').getByRole('button', { name: 'Sign out on all devices' })).toHaveCount(0);

  await own.reload();
  await expect(own.locator('carnet-status').first()).toContainText(person.lastName, { ignoreCase: true });
  await expect(own.locator('carnet-status').first()).not.toContainText('Support session');
  await own.goto('/account?lang=en');
  await own.locator('carnet-account').getByRole('button', { name: 'Sign-in and security' }).click();
  await expect(own.locator('carnet-account').getByRole('listitem').filter({ hasText: `Support session by ${viewer.staff.name}` })).toHaveCount(1);

  await status.getByRole('button', { name: 'Sign out' }).click();
  await expect(status.getByRole('link', { name: 'Sign in' })).toBeVisible();
  await shop.goto('about:blank');
  await shop.goto(address ?? '');
  await expect(status.getByRole('alert')).toContainText('This support link no longer works');
  await shop.close();
  await page.goto(`/admin/contacts/${id}/administration`);
  await expect(page.getByRole('listitem').filter({ hasText: 'entered the account to help' })).toContainText(viewer.staff.name);
});

// S-36, S-37, S-40, S-89, P-30: what staff do of an account, each asked first: a password that is shown once and works, shutting out, closing, and
// making one for a contact that has none.
test('staff manage an account', async ({ staff, visit }) => {
  const { page: own, person } = await register(visit, staff);
  const id = await contactOf(staff, person.email);
  const { page } = staff;
  await page.goto(`/admin/contacts/${id}/general`);
  const block = page.getByRole('region', { name: 'Internet account' });
  const sure = async (action: string, done: string) => {
    await block.getByRole('button', { name: action }).click();
    await page.getByRole('dialog').getByRole('button', { name: action }).click();
    await expect(page.getByText(done)).toBeVisible();
  };
  await sure('Send password mail', 'The mail is on its way.');
  const { mails } = await staff.graphql<{ mails: { nodes: { recipient: string; text: string }[] } }>('{ mails(first: 5) { nodes { recipient text } } }');
  expect(mails.nodes.find(({ recipient }) => recipient === person.email)?.text).toContain('sends you the way to a new password');

  await block.getByRole('button', { name: 'Generate password' }).click();
  const dialog = page.getByRole('dialog', { name: /^Generate a password for/ });
  await dialog.getByRole('button', { name: 'Generate', exact: true }).click();
  const shown = dialog.getByRole('group', { name: 'Password' });
  await expect(shown).toHaveText(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/);
  const password = (await shown.textContent()) ?? '';
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'I have told it' }).click();
  await expect(block).toContainText('generated a password · Admin');
  await expect(block).toContainText('on 0 devices');
  await block.getByRole('button', { name: 'Generate password' }).click();
  await expect(dialog).toContainText('The present password stops working');
  await expect(dialog).not.toContainText(password);
  await page.keyboard.press('Escape');

  await own.goto('/?lang=en');
  const login = own.locator('carnet-login');
  await login.getByLabel('E-mail').fill(person.email);
  await login.getByRole('textbox', { name: 'Password' }).fill(password);
  await login.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(login.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();

  await sure('Disable account', 'The account is disabled.');
  await expect(block).toContainText('Disabled since');
  await expect(block.getByRole('button', { name: 'Help in the account' })).toHaveCount(0);
  await sure('Enable account', 'The account is enabled.');
  await sure('Sign out everywhere', 'Signed out on every device.');
  await sure('Close account', 'The account is closed.');
  await expect(block).toContainText('No account. Everything else about the contact works without.');
  await sure('Create account', 'The account is there');
  await expect(block).toContainText('Not proven yet');
});
