import { answer, expect, expectAccessible, newPerson, openEvent, register, test } from '../world.ts';

// D-07, T-20, T-53, T-54, T-56, T-57
test('a guest buys a ticket; the same purchase is not made twice', async ({ staff, visit }) => {
  await staff.field({ type: 'TEXT', label: 'What must the kitchen know?', onCheckout: true, required: true });
  const person = newPerson();
  const page = await openEvent(visit);
  const checkout = page.locator('carnet-checkout');
  const buy = page.getByRole('button', { name: /^Buy ticket/ });

  // An unanswered question holds the host's own form.
  await checkout.getByLabel('First name').fill(person.firstName);
  await checkout.getByLabel('Last name').fill(person.lastName);
  await checkout.getByLabel('E-mail').fill(person.email);
  await buy.click();
  await expect(checkout.getByLabel('What must the kitchen know?')).toHaveAccessibleDescription(/Please fill this in/);
  await expect(buy).toBeVisible();

  await answer(checkout, await staff.fields('onCheckout'));
  const sent = page.waitForRequest((request) => request.method() === 'POST' && request.isNavigationRequest());
  await buy.click();
  await expect(page.getByText('Your ticket')).toBeVisible();
  await expect(page.getByText(`Thank you, ${person.firstName}.`)).toBeVisible();
  await expect(page.getByText('As always').first()).toBeVisible();
  await expect(page.getByText('Bought as a guest')).toBeVisible();

  // The token is spent: the same form sent again buys nothing.
  const request = await sent;
  const form = Object.fromEntries(new URLSearchParams(request.postData() ?? ''));
  expect(form['carnet_token']).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  const again = await page.request.post(request.url(), { form });
  expect(again.status()).toBe(409);
  expect(await again.text()).toContain('This purchase was already made');
  // Nor does a token for another order, or a forged one.
  const [head = '', body = ''] = (form['carnet_token'] ?? '').split('.');
  for (const changed of [{ ...form, order: 'FH-OTHER' }, { ...form, carnet_token: `${head}.${body}.${'A'.repeat(86)}` }, { ...form, carnet_token: '' }]) {
    expect((await page.request.post(request.url(), { form: changed })).status()).toBe(400);
  }

  // The token holds nothing about the person but what the protocol names.
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
  expect(JSON.stringify(claims)).not.toContain(person.email);
  expect(JSON.stringify(claims)).not.toContain(person.lastName);
});

// D-07
test('who is signed in buys with the account', async ({ staff, visit }) => {
  const { page, person } = await register(visit, staff);
  await page.goto('/?lang=en');
  await page.getByRole('heading', { name: 'Coming up' }).locator('..').getByRole('link').first().click();
  const checkout = page.locator('carnet-checkout');
  await expect(checkout.getByText(/^Buying as/)).toContainText(person.lastName, { ignoreCase: true });
  await answer(checkout, await staff.fields('onCheckout'));
  await page.getByRole('button', { name: /^Buy ticket/ }).click();
  await expect(page.getByText('Bought with your account')).toBeVisible();
});

// T-19, T-20
test('with “login required for purchase” a guest must sign in first', async ({ staff, visit }) => {
  const { person } = await register(visit, staff);
  const admin = staff.page;
  await admin.goto('/admin/settings');
  await staff.settings({}, { loginRequired: false });
  await admin.getByRole('switch', { name: 'Login required for purchase' }).setChecked(true);
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('Saved.')).toBeVisible();

  const page = await openEvent(visit);
  const checkout = page.locator('carnet-checkout');
  await expect(checkout.getByText('Please sign in to buy.')).toBeVisible();
  await page.getByRole('button', { name: /^Buy ticket/ }).click();
  await expect(page.getByRole('heading', { name: 'Buy a ticket' })).toBeVisible(); // nothing was sent

  // Signed in, right there, the purchase goes on.
  await checkout.getByLabel('E-mail').fill(person.email);
  await checkout.getByRole('textbox', { name: 'Password' }).fill(person.password);
  await checkout.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(checkout.getByText(/^Buying as/)).toBeVisible();
  await answer(checkout, await staff.fields('onCheckout'));
  await page.getByRole('button', { name: /^Buy ticket/ }).click();
  await expect(page.getByText('Bought with your account')).toBeVisible();
});

// Issue 6: the demo sells in each of its languages the same ticket, with the code that the door reads.
test('a guest buys on the French page, and has the ticket with its code', async ({ staff, visit }) => {
  const person = newPerson();
  const page = await openEvent(visit);
  await page.goto(page.url().replace('lang=en', 'lang=fr'));
  const checkout = page.locator('carnet-checkout');
  await checkout.getByLabel('Prénom').fill(person.firstName);
  await checkout.getByLabel(/^Nom/).fill(person.lastName);
  await checkout.getByLabel('E-mail').fill(person.email);
  // The site's questions speak French too.
  for (const group of await checkout.getByRole('group').all()) await group.getByRole('checkbox').first().check();
  for (const box of await checkout.getByRole('textbox').all()) if ((await box.inputValue()) === '') await box.fill('Comme toujours');
  await page.getByRole('button', { name: /^Acheter/ }).click();
  await expect(page.getByText('Votre billet', { exact: true })).toBeVisible();
  await expect(page.getByText(/Adult · № \d+/)).toBeVisible();
  const code = await page.getByText('Code pour l’entrée').locator('..').locator('dd').innerText();
  await staff.graphql('mutation($i: CheckInTicketInput!) { checkInTicket(input: $i) { errors { code message path } } }', { i: { code } });
  await expectAccessible(page);
});

// Issue 6: the demo's server, of another origin, sells by checkout token, redeem and recordOrder; the buyer sees the ticket in “my
// account”, and a live segment moves (P-02, C-04, T-05, T-06, S-05).
test('the demo sells: the order stands in Carnet, the ticket in “my account”, and the segment of customers moves', async ({ staff, visit }) => {
  const { page, person } = await register(visit, staff);
  const { createSegment } = await staff.graphql<{ createSegment: { segment: { id: string } } }>(
    'mutation($i: CreateSegmentInput!) { createSegment(input: $i) { segment { id } errors { code } } }', { i: { name: `Customers ${person.email}`, rule: { all: [{ status: 'CUSTOMER' }, { text: { column: 'EMAIL', op: 'EQUALS', value: person.email } }] } } });
  const admin = staff.page;
  await admin.goto(`/admin/segments/${createSegment.segment.id}`);
  await expect(admin.getByRole('heading', { level: 1 })).toContainText(person.email);

  await page.goto('/?lang=en');
  await page.getByRole('heading', { name: 'Coming up' }).locator('..').getByRole('link').first().click();
  const title = (await page.getByRole('heading', { level: 1 }).textContent()) ?? '';
  await answer(page.locator('carnet-checkout'), await staff.fields('onCheckout'));
  await page.getByRole('button', { name: /^Buy ticket/ }).click();
  await expect(page.getByText(/Adult · № \d+/)).toBeVisible();
  await expect(admin.getByRole('row', { name: new RegExp(person.lastName, 'i') })).toBeVisible(); // it came by itself

  await page.goto('/account?lang=en');
  const account = page.locator('carnet-account');
  await account.getByRole('button', { name: 'Tickets' }).click();
  await account.getByRole('listitem').filter({ hasText: title }).getByRole('button', { name: 'Show the ticket' }).click();
  await expect(account.getByRole('img', { name: `QR code of your ticket for ${title}` })).toBeVisible();
  const { orders } = await staff.graphql<{ orders: { nodes: { channel: string; due: number; buyer: { displayName: string }; lines: { tickets: object[] }[] }[] } }>(
    '{ orders(first: 1) { nodes { channel due buyer { displayName } lines { tickets { id } } } } }');
  expect(orders.nodes[0]).toMatchObject({ channel: 'shop', due: 0, buyer: { displayName: expect.stringMatching(new RegExp(person.lastName, 'i')) }, lines: [{ tickets: [{}] }] });
});
