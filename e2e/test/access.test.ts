import { expect, expectAccessible, newPerson, openEvent, register, test, fillRegistration } from '../world.ts';

// The widgets in every state, on the host's pages.
test('widgets are accessible', async ({ staff, visit }) => {
  await staff.field({ type: 'DROPDOWN', label: 'Which nights suit you?', onRegistration: true, onCheckout: true, multiple: 'UNLIMITED', choices: ['Friday', 'Saturday'].map((text) => ({ label: text })) });
  await staff.field({ type: 'YES_NO', label: 'Have you been here before?', onRegistration: true, onCheckout: true, required: true });
  await staff.field({ type: 'CHECKBOX', label: 'I come by wheelchair', onRegistration: true, onCheckout: true });

  const page = await visit('/?lang=en');
  const login = page.locator('carnet-login');
  await expect(login.getByLabel('E-mail')).toBeVisible();
  await expectAccessible(page);
  await login.getByRole('button', { name: 'Sign in', exact: true }).click(); // empty: mistakes are shown
  await expectAccessible(page);
  await login.getByRole('button', { name: 'E-mail me a code instead' }).click();
  await expect(login.getByRole('button', { name: 'Send the code' })).toBeVisible();
  await expectAccessible(page);

  await page.goto('/register?lang=en');
  const registration = page.locator('carnet-registration');
  await expect(registration.getByLabel('First name')).toBeVisible();
  await expectAccessible(page);
  await registration.getByRole('button', { name: 'Create account' }).click();
  await expectAccessible(page);
  await fillRegistration(registration, newPerson(), await staff.fields('onRegistration'));
  await registration.getByRole('button', { name: 'Create account' }).click();
  await expect(registration.getByRole('heading', { name: 'Look in your mailbox' })).toBeVisible();
  await expectAccessible(page);

  const event = await openEvent(visit);
  await expect(event.locator('carnet-checkout').getByLabel('E-mail')).toBeVisible();
  await expectAccessible(event);
  await event.getByRole('button', { name: /^Buy ticket/ }).click();
  await expectAccessible(event);
});

test('signed in, widgets are accessible', async ({ staff, visit }) => {
  const { page } = await register(visit, staff);
  await expectAccessible(page);
  await page.goto('/?lang=en');
  await expect(page.locator('carnet-login').getByRole('button', { name: 'Sign out', exact: true })).toBeVisible();
  await expectAccessible(page);
});

// Every page of the admin.
test('the admin is accessible', async ({ staff }) => {
  test.setTimeout(240_000);
  const page = staff.page;
  await staff.field({ type: 'DROPDOWN', label: 'Shirt size', onProfile: true, choices: ['S', 'M', 'L'].map((text) => ({ label: text })) });
  const made = await staff.graphql<{ createPerson: { person: { id: string } }; createGroup: { group: { id: string } }; createOrganization: object }>(`mutation {
    createPerson(input: {firstName: "Åsa", lastName: "Lindqvist", email: "asa@example.com"}) { person { id } errors { code } }
    createOrganization(input: {name: "Fjordkoret"}) { errors { code } }
    createGroup(input: {name: "Access choir", color: "#1971c2"}) { group { id } errors { code } }
  }`);
  const { segments } = await staff.graphql<{ segments: { id: string }[] }>('{ segments { id } }');
  const contact = `/contacts/${made.createPerson.person.id}`;
  const segment = `/segments/${segments[0]?.id}`;
  const paths = [
    '/contacts', '/organizations', '/contacts/new', contact, ...['general', 'additional', 'marketing', 'management', 'notes', 'administration'].map((tab) => `${contact}/${tab}`),
    '/segments', '/segments/new', segment, `${segment}/edit`, '/groups', `/groups/${made.createGroup.group.id}`, '/duplicates', '/import',
    '/batches', '/settings', '/settings/fields', '/settings/labels', '/settings/lists', '/settings/consent', '/settings/origins', '/settings/login', '/embed', '/staff', '/my-sign-in', '/mail', '/no-such-page',
  ];
  for (const path of paths) {
    await test.step(path, async () => {
      await page.goto(`/admin${path}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByLabel('Loading')).toHaveCount(0);
      await expect.soft(expectAccessible(page)).resolves.toBeUndefined();
    });
  }
  await page.goto('/admin/settings/fields');
  await page.getByRole('button', { name: '+ Add field' }).first().click();
  const form = page.getByRole('dialog', { name: 'New field' });
  await form.getByRole('radio', { name: 'Dropdown' }).click();
  await expect.soft(expectAccessible(page)).resolves.toBeUndefined();
});

test('the doors are accessible', async ({ carnet, browser }) => {
  const context = await browser.newContext({ baseURL: carnet.url });
  const page = await context.newPage();
  for (const path of ['/admin/sign-in', '/admin/invitation']) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expectAccessible(page);
  }
  await context.close();
});
