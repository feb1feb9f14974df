import { expect, expectAccessible, newPerson, register, test } from '../world.ts';

// T-12, T-58, T-59
test('my account shows the own record and the profile questions, and both are changed there', async ({ staff, visit }) => {
  const field = await staff.field({ type: 'TEXT', label: `Allergies ${Date.now()}`, onProfile: true });
  const hidden = await staff.field({ type: 'TEXT', label: `Internal ${Date.now()}` });
  const { page, person } = await register(visit, staff);
  await page.getByRole('link', { name: 'My account' }).click();
  const account = page.locator('carnet-account');
  await expect(account.getByLabel('Last name')).toHaveValue(person.lastName);
  await expect(account.getByLabel(hidden.label)).toHaveCount(0);
  await expectAccessible(page);
  await account.getByLabel('First name').fill('Ragnhild');
  await account.getByLabel('Mobile phone').fill('12');
  await account.getByLabel(field.label).fill('Nuts');
  await account.getByRole('button', { name: 'Save' }).click();
  await expect(account.getByLabel('Mobile phone')).toHaveAccessibleDescription(/Please give a phone number/);
  await account.getByLabel('Mobile phone').fill('+47 412 34 567');
  await account.getByLabel('Address', { exact: true }).fill('Storgata 1');
  await account.getByLabel('City').fill('Oslo');
  await account.getByLabel('Country').selectOption({ label: 'Norway' });
  await account.getByRole('button', { name: 'Save' }).click();
  await expect(account.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
  await expect(page.locator('carnet-status')).toContainText('Ragnhild');

  // Staff see it, and who changed it; in another tab it is still there, and can be taken away.
  const { contacts } = await staff.graphql<{ contacts: { nodes: { displayName: string; mobile: string; address: { city: string; country: string }; answers: { display: string }[]; history: { nodes: { actorName: string; surface: string }[] } }[] } }>(
    'query($s: String) { contacts(search: $s, first: 2, includeUnlisted: true) { nodes { displayName address { city country } answers { display } ... on Person { mobile history(first: 1) { nodes { actorName surface } } } } } }', { s: person.email });
  expect(contacts.nodes).toHaveLength(1);
  expect(contacts.nodes[0]).toMatchObject({ mobile: '+4741234567', address: { city: 'Oslo', country: 'NO' }, history: { nodes: [{ actorName: person.email, surface: 'profile' }] } });
  expect(contacts.nodes[0]?.answers.map(({ display }) => display)).toContain('Nuts');
  await page.reload();
  await expect(account.getByLabel(field.label)).toHaveValue('Nuts');
  await account.getByLabel(field.label).fill('');
  await account.getByRole('button', { name: 'Save' }).click();
  await expect(account.getByRole('status').filter({ hasText: 'Saved.' })).toBeVisible();
  await page.reload();
  await expect(account.getByLabel(field.label)).toHaveValue('');
});

// D-11
test('address and password are changed, and devices signed out, in my account', async ({ staff, visit }) => {
  const { page, person } = await register(visit, staff);
  const phone = await visit('/account?lang=en');
  const there = phone.locator('carnet-account');
  await there.getByLabel('E-mail').fill(person.email);
  await there.getByRole('textbox', { name: 'Password' }).fill(person.password);
  await there.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(there.getByRole('navigation', { name: 'Sections of my account' })).toBeVisible();

  await page.goto('/account?lang=en');
  const account = page.locator('carnet-account');
  await account.getByRole('button', { name: 'Sign-in and security' }).click();
  const devices = account.getByRole('listitem');
  await expect(devices).toHaveCount(2);
  await expect(devices.filter({ hasText: 'This device' })).toHaveCount(1);
  await expectAccessible(page);
  await account.getByRole('button', { name: /^Sign out Chrome/ }).click();
  await expect(devices).toHaveCount(1);
  await phone.reload();
  await expect(there.getByRole('heading', { name: 'Sign in' })).toBeVisible();

  const fresh = newPerson();
  await account.getByRole('button', { name: 'Change address' }).click();
  await account.getByLabel('E-mail').fill(fresh.email);
  await account.getByRole('button', { name: 'Send the code' }).click();
  await expect(account.getByText(`We have sent a code to ${fresh.email}`)).toBeVisible();
  await account.getByLabel('Code').fill(await staff.code(fresh.email));
  await account.getByRole('button', { name: 'Confirm' }).click();
  await expect(account.getByRole('status').filter({ hasText: 'Your address is changed.' })).toBeVisible();
  await expect(account.getByText(fresh.email).first()).toBeVisible();

  await account.getByRole('button', { name: 'Change password' }).click();
  await account.getByRole('textbox', { name: 'New password' }).fill('short');
  await account.getByRole('button', { name: 'Save' }).click();
  await expect(account.getByRole('textbox', { name: 'New password' })).toHaveAccessibleDescription(/too weak/);
  await account.getByRole('textbox', { name: 'New password' }).fill('a new long one');
  await account.getByRole('button', { name: 'Save' }).click();
  await expect(account.getByRole('status').filter({ hasText: 'Your password is changed.' })).toBeVisible();

  for (const [email, password, ok] of [[person.email, person.password, false], [fresh.email, person.password, false], [fresh.email, 'a new long one', true]] as const) {
    await there.getByLabel('E-mail').fill(email);
    await there.getByRole('textbox', { name: 'Password' }).fill(password);
    await there.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(ok ? there.getByRole('navigation', { name: 'Sections of my account' }) : there.getByRole('alert').filter({ hasText: 'E-mail or password is not right.' })).toBeVisible();
  }
});

// D-11
test('a forgotten password is set anew by the mailbox, and an account is closed', async ({ staff, visit }) => {
  const { person } = await register(visit, staff);
  const page = await visit('/account?lang=en');
  const account = page.locator('carnet-account');
  await account.getByRole('button', { name: 'Forgot your password?' }).click();
  await account.getByLabel('E-mail').fill(person.email);
  const used = await staff.code(person.email);
  await account.getByRole('button', { name: 'Send the code' }).click();
  await expect.poll(() => staff.code(person.email), 'a new mail').not.toBe(used);
  await account.getByLabel('Code').fill(await staff.code(person.email));
  await account.getByRole('textbox', { name: 'New password' }).fill('another long one');
  await account.getByRole('button', { name: 'Confirm' }).click();
  await expect(account.getByRole('navigation', { name: 'Sections of my account' })).toBeVisible();

  await account.getByRole('button', { name: 'Sign-in and security' }).click();
  await account.getByRole('button', { name: 'Close my account' }).click();
  await expect(account.getByRole('heading', { name: 'Close your account?' })).toBeVisible();
  await expectAccessible(page);
  await account.getByRole('button', { name: 'Yes, close it' }).click();
  await expect(account.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await account.getByLabel('E-mail').fill(person.email);
  await account.getByRole('textbox', { name: 'Password' }).fill('another long one');
  await account.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(account.getByRole('alert')).toHaveText('E-mail or password is not right.');
  const { contacts } = await staff.graphql<{ contacts: { nodes: unknown[] } }>('query($s: String) { contacts(search: $s, first: 2, includeUnlisted: true) { nodes { id } } }', { s: person.email });
  expect(contacts.nodes).toHaveLength(1);
});
