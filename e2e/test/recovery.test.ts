import { expect, expectAccessible, newPerson, register, test } from '../world.ts';

// D-11
test('the owner of an old address takes the account back, behind the link in the mail that tells of its leaving', async ({ staff, visit, browser }) => {
  const { page, person } = await register(visit, staff);
  await page.goto('/account?lang=en');
  const account = page.locator('carnet-account');
  await account.getByRole('button', { name: 'Sign-in and security' }).click();
  const thief = newPerson();
  await account.getByRole('button', { name: 'Change address' }).click();
  await account.getByLabel('E-mail').fill(thief.email);
  await account.getByRole('button', { name: 'Send the code' }).click();
  await account.getByLabel('Code').fill(await staff.code(thief.email));
  await account.getByRole('button', { name: 'Confirm' }).click();
  await expect(account.getByRole('status').filter({ hasText: 'Your address is changed.' })).toBeVisible();

  const context = await browser.newContext({ locale: 'en' });
  const owner = await context.newPage();
  await owner.goto(await staff.link(person.email, '/v1/recovery/'));
  await expect(owner).toHaveTitle('Take your account back');
  await expect(owner.getByText(thief.email)).toBeVisible();
  await expectAccessible(owner);
  await owner.reload(); // reading takes nothing back
  await owner.getByRole('button', { name: 'Take the account back' }).click();
  await expect(owner.getByRole('status')).toHaveText('The account is yours again');
  await expectAccessible(owner);
  await owner.goto(owner.url());
  await expect(owner.getByRole('heading', { name: 'This does not work' })).toBeVisible();
  await expect(owner.getByText('This link has been used or is older than seven days.')).toBeVisible();
  await context.close();

  // Whoever had taken it is signed out, and the old address signs in by a code.
  await page.reload();
  await expect(account.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  const there = (await visit('/account?lang=en')).locator('carnet-account');
  await there.getByRole('button', { name: 'E-mail me a code instead' }).click();
  await there.getByLabel('E-mail').fill(person.email);
  const used = await staff.code(person.email);
  await there.getByRole('button', { name: 'Send the code' }).click();
  await expect.poll(() => staff.code(person.email), 'a new mail').not.toBe(used);
  await there.getByLabel('Code').fill(await staff.code(person.email));
  await there.getByRole('button', { name: 'Confirm' }).click();
  await expect(there.getByRole('navigation', { name: 'Sections of my account' })).toBeVisible();
});
