/**
 * Payments at Stripe: a manager sets the account up, an order is paid on Stripe's page, and staff pay it back from the order's page.
 * stripe-mock answers for Stripe; what Stripe would tell is signed as it signs.
 */
import { randomUUID } from 'node:crypto';
import { start, type Carnet } from '../start.ts';
import { signedEvent, startStripe } from '../stripe.ts';
import { expect, expectAccessible, register, test as base, type Staff } from '../world.ts';

const secret = 'whsec_test_secret';

// A Carnet whose Stripe is stripe-mock.
const test = base.extend<object, { carnet: Carnet }>({
  carnet: [async ({}, use) => {
    const stripe = await startStripe();
    const carnet = await start({ CARNET_STRIPE_URL: stripe.url });
    await use(carnet);
    await carnet.stop();
    await stripe.stop();
  }, { scope: 'worker', timeout: 120_000 }],
});

/** Records an order of a ticket for 250.00, of somebody new or of who is named, and gives it. */
async function order(carnet: Carnet, staff: Staff, buyer?: string): Promise<{ id: string; number: number }> {
  const [event, ticket] = [randomUUID(), randomUUID()];
  await carnet.sql(`INSERT INTO event (site_id, id, name, starts_at, ends_at, state, capacity)
    SELECT id, '${event}', 'Faust', now() + interval '7 days', now() + interval '8 days', 'published', 50 FROM site WHERE public_id = '${carnet.site}'`);
  await carnet.sql(`INSERT INTO product (site_id, id, kind, name, event_id, price) SELECT id, '${ticket}', 'ticket', 'Adult', '${event}', 25000 FROM site WHERE public_id = '${carnet.site}'`);
  const somebody = async () => (await staff.graphql<{ createPerson: { person: { id: string } } }>(
    'mutation($input: CreatePersonInput!) { createPerson(input: $input) { person { id } errors { code message } } }', { input: { firstName: 'Oda', lastName: 'Betaler' } })).createPerson.person.id;
  const contactId = buyer ?? (await somebody());
  const { recordOrder } = await staff.graphql<{ recordOrder: { order: { id: string; number: number } } }>(
    'mutation($input: RecordOrderInput!) { recordOrder(input: $input) { order { id number } errors { code message } } }',
    { input: { idempotencyKey: randomUUID(), buyer: { contactId }, lines: [{ productId: ticket, quantity: 1 }] } });
  return recordOrder.order;
}

/** Opens a page of Stripe's for an order and gives the payment's id and the page's number. */
async function begin(carnet: Carnet, staff: Staff, orderId: string): Promise<{ id: string; reference: string }> {
  await staff.graphql('mutation($input: StartPaymentInput!) { startPayment(input: $input) { page { id } errors { code message } } }',
    { input: { orderId, returnUrl: `${carnet.url}/`, idempotencyKey: randomUUID() } });
  const { order } = await staff.graphql<{ order: { providerPayments: { id: string; reference: string }[] } }>('query($id: ID!) { order(id: $id) { providerPayments { id reference } } }', { id: orderId });
  return order.providerPayments.at(-1)!;
}

/** Has Stripe tell that somebody paid on a page. */
async function paid(staff: Staff, { id, reference }: { id: string; reference: string }, amount: number): Promise<string> {
  const { stripeAccount } = await staff.graphql<{ stripeAccount: { webhookUrl: string } }>('{ stripeAccount { webhookUrl } }');
  const { site } = await staff.graphql<{ site: { id: string } }>('{ site { id } }');
  const told = signedEvent('checkout.session.completed', {
    id: reference, object: 'checkout.session', amount_total: amount, currency: 'nok', payment_status: 'paid', payment_intent: 'pi_1', metadata: { carnet_payment: id, carnet_site: site.id },
  }, secret);
  const answer = await fetch(stripeAccount.webhookUrl, { method: 'POST', ...told });
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { heard: string }).heard;
}

test('an account at Stripe is set up; an order is paid there and paid back', async ({ carnet, staff }) => {
  const admin = staff.page;
  await admin.goto('/admin/settings/payments');
  await expect(admin.getByText('Not set up')).toBeVisible();
  await expect(admin.getByRole('group', { name: 'Address for Stripe’s webhook' })).toHaveText(`${carnet.url}/v1/stripe/${carnet.site}`);
  const save = admin.getByRole('button', { name: 'Save' });
  await admin.getByLabel(/^Secret key/).fill('pk_test_wrong');
  await save.click();
  await expect(admin.getByLabel(/^Secret key/)).toHaveAccessibleDescription(/begins with sk_live_/);
  await expectAccessible(admin);
  await admin.getByLabel(/^Secret key/).fill('sk_test_verysecret');
  await admin.getByLabel(/^Signing secret/).fill(secret);
  await save.click();
  await expect(admin.getByText('Test mode')).toBeVisible();
  await expect(admin.getByText('Key ending in cret')).toBeVisible();
  await expect(admin.getByLabel(/^Secret key/)).toHaveValue('');

  const one = await order(carnet, staff);
  const page = await begin(carnet, staff, one.id);
  await admin.goto(`/admin/orders/${one.id}`);
  const provider = admin.getByRole('table', { name: 'At the payment provider' });
  await expect(provider.getByText('Under way')).toBeVisible();
  await expect(provider.getByRole('link', { name: 'Page to pay on' })).toHaveAttribute('href', /^https:\/\/checkout\.stripe\.com\//);
  await expectAccessible(admin);
  expect(await paid(staff, page, 25000)).toBe('booked');
  expect(await paid(staff, page, 25000)).toBe('before');
  await admin.reload();
  await expect(admin.getByText('Settled')).toBeVisible();
  await expect(admin.getByRole('cell', { name: 'Card · Stripe' })).toHaveCount(1);
  await expect(provider).toBeHidden();

  // Stripe refuses: stripe-mock takes no key of live mode.
  await staff.graphql('mutation($input: SaveStripeAccountInput!) { saveStripeAccount(input: $input) { errors { code message } } }', { input: { secretKey: 'sk_live_nothing' } });
  await admin.getByRole('button', { name: 'Refund' }).click();
  const form = admin.getByRole('dialog', { name: 'Pay money back' });
  await expect(form.getByRole('combobox', { name: 'Pay back to' })).toHaveValue(/^Stripe, .*250/);
  await form.getByLabel('Amount').fill('100');
  await expectAccessible(admin);
  await form.getByRole('button', { name: 'Refund' }).click();
  await expect(form.getByRole('alert')).toContainText('The payment provider refused');
  await expect(provider.getByText('Failed')).toBeVisible();

  await staff.graphql('mutation($input: SaveStripeAccountInput!) { saveStripeAccount(input: $input) { errors { code message } } }', { input: { secretKey: 'sk_test_verysecret' } });
  await form.getByRole('button', { name: 'Refund' }).click();
  await expect(form).toBeHidden();
  await expect(admin.getByRole('cell', { name: 'Card · Stripe' })).toHaveCount(2);
  await expect(provider.getByText('The provider refused.')).toBeVisible();

  // What comes with another amount is held, and told in the settings.
  const two = await order(carnet, staff);
  expect(await paid(staff, await begin(carnet, staff, two.id), 20000)).toBe('held');
  await admin.goto('/admin/settings/payments');
  const held = admin.getByRole('table', { name: 'What could not be booked' });
  await expect(held.getByText('Another amount came than was asked for.')).toBeVisible();
  await expectAccessible(admin);
  await held.getByRole('link').click();
  await expect(admin.getByRole('heading', { name: `Order ${two.number}` })).toBeVisible();
  await expect(admin.getByText('Held')).toBeVisible();
  await admin.goto('/admin/settings/payments');
  await admin.getByRole('button', { name: 'Remove' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(admin.getByText('Not set up')).toBeVisible();
});

// T-05
test('in my account one pays what is due, on Stripe’s page', async ({ carnet, staff, visit }) => {
  await staff.graphql('mutation($input: SaveStripeAccountInput!) { saveStripeAccount(input: $input) { errors { code message } } }', { input: { secretKey: 'sk_test_verysecret', webhookSecret: secret } });
  const { page, person } = await register(visit, staff);
  const { contacts } = await staff.graphql<{ contacts: { nodes: { id: string }[] } }>('query($s: String) { contacts(search: $s, first: 2, includeUnlisted: true) { nodes { id } } }', { s: person.email });
  const one = await order(carnet, staff, contacts.nodes[0]!.id);
  await page.route('https://checkout.stripe.com/**', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Stripe</h1>' }));
  await page.getByRole('link', { name: 'My account' }).click();
  const account = page.locator('carnet-account');
  await account.getByRole('button', { name: 'Purchases' }).click();
  await account.getByText(`Order ${one.number}`).click();
  const pay = account.getByRole('button', { name: /^Pay NOK\s250\.00$/ });
  await expect(pay).toBeVisible();
  await expectAccessible(page);
  const mine = page.url();
  await pay.click();
  await expect(page.getByRole('heading', { name: 'Stripe' })).toBeVisible();
  const { order: after } = await staff.graphql<{ order: { providerPayments: { id: string; reference: string }[] } }>('query($id: ID!) { order(id: $id) { providerPayments { id reference } } }', { id: one.id });
  expect(await paid(staff, after.providerPayments[0]!, 25000)).toBe('booked');
  await page.goto(mine);
  await account.getByRole('button', { name: 'Purchases' }).click();
  await account.getByText(`Order ${one.number}`).click();
  await expect(account.getByRole('table')).toContainText('Faust');
  await expect(pay).toHaveCount(0);
  await expect(account.getByText('Still to pay')).toHaveCount(0);
});
