import { randomUUID } from 'node:crypto';
import { answer, expect, expectAccessible, newPerson, register, test, type Staff } from '../world.ts';

/** What staff find in the book under an address; null where nobody is made for it. */
async function inBook(staff: Staff, email: string) {
  const { contacts } = await staff.graphql<{ contacts: { nodes: { id: string; number: number; account: { email: string; provenAt: string | null } | null }[] } }>(
    'query($s: String) { contacts(search: $s, first: 5, includeUnlisted: true) { nodes { id number ... on Person { account { email provenAt } } } } }', { s: email });
  return contacts.nodes;
}

/** Makes what is sold; gives its id. */
async function product(staff: Staff, input: object): Promise<string> {
  const { createProduct } = await staff.graphql<{ createProduct: { product: { id: string } } }>(
    'mutation($i: CreateProductInput!) { createProduct(input: $i) { product { id } errors { code message path } } }', { i: input });
  return createProduct.product.id;
}

// P-28, P-29: staff enter somebody at the counter and sell to them; weeks later that person registers, and everything is there and good.
test('who was entered by staff with a sale makes an account later, and uses what they hold', async ({ staff, visit }) => {
  const person = newPerson();
  const mark = randomUUID().slice(0, 8);
  const [concert, gold, swims] = [`Concert ${mark}`, `Gold ${mark}`, `Ten swims ${mark}`];
  const day = 86_400_000;
  const { createEvent } = await staff.graphql<{ createEvent: { event: { id: string } } }>(
    'mutation($i: CreateEventInput!) { createEvent(input: $i) { event { id } errors { code message path } } }',
    { i: { name: concert, startsAt: new Date(Date.now() + 9 * day), endsAt: new Date(Date.now() + 9 * day + 7_200_000), capacity: 5 } });
  await staff.graphql('mutation($i: EventInput!) { publishEvent(input: $i) { errors { code message path } } }', { i: { id: createEvent.event.id } });
  await product(staff, { kind: 'TICKET', eventId: createEvent.event.id, name: 'Adult', price: 12_000 });
  const plan = await product(staff, { kind: 'MEMBERSHIP', name: gold, price: 50_000, months: 12 });
  await product(staff, { kind: 'PASS', name: swims, price: 40_000, uses: 10 });

  // At the counter: a new contact, without an account, and one sale of all three.
  const counter = staff.page;
  await counter.goto('/admin/sale');
  for (const name of [`${concert}, Adult`, gold, swims]) {
    await counter.getByRole('textbox', { name: 'Find by name or event' }).fill(mark);
    await counter.getByRole('button', { name: `Add ${name}` }).click();
  }
  await counter.getByRole('combobox', { name: 'Who buys' }).fill(person.lastName);
  await counter.getByRole('option', { name: 'Create a new contact' }).click();
  const form = counter.getByRole('dialog', { name: 'Add person' });
  await form.getByRole('combobox', { name: 'Title' }).fill('Mrs');
  await form.getByRole('textbox', { name: 'First name' }).fill(person.firstName);
  await form.getByRole('textbox', { name: 'E-mail' }).fill(person.email);
  await form.getByRole('checkbox', { name: 'Create internet account' }).uncheck();
  await form.getByRole('textbox', { name: 'Postcode' }).fill('0150');
  await form.getByRole('textbox', { name: 'City' }).fill('Oslo');
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(counter.getByRole('link', { name: new RegExp(person.lastName, 'i') })).toBeVisible();
  await counter.getByRole('combobox', { name: 'Paid' }).click();
  await counter.getByRole('option', { name: 'In cash' }).click();
  await counter.getByRole('button', { name: 'Record the sale' }).click();
  await expect(counter.getByText(/^Sale \d+ is recorded\.$/)).toBeVisible();
  const before = await inBook(staff, person.email);
  expect(before).toMatchObject([{ account: null }]);

  // They register on the calendar's page, and prove the mailbox: the record is the one that was there.
  const { page } = await register(visit, staff, person);
  expect(await inBook(staff, person.email)).toMatchObject([{ id: before[0]!.id, number: before[0]!.number, account: { email: person.email, provenAt: expect.any(String) } }]);
  await page.getByRole('link', { name: 'My account' }).click();
  const account = page.locator('carnet-account');
  const items = account.getByRole('listitem');
  await account.getByRole('button', { name: 'Memberships and passes' }).click();
  await expect(items.filter({ hasText: gold })).toContainText('In force');
  await expect(items.filter({ hasText: swims })).toContainText('10 of 10 left');
  await account.getByRole('button', { name: 'Tickets' }).click();
  const ticket = items.filter({ hasText: concert });
  await ticket.getByRole('button', { name: 'Show the ticket' }).click();
  await expect(account.getByRole('img', { name: `QR code of your ticket for ${concert}` })).toBeVisible();
  await expectAccessible(page);

  // The ticket opens the door by the code that it shows, the pass is used at the counter.
  const code = await ticket.getByRole('figure').innerText();
  await staff.graphql('mutation($i: CheckInTicketInput!) { checkInTicket(input: $i) { errors { code message path } } }', { i: { code } });
  const { contact } = await staff.graphql<{ contact: { passes: { nodes: { id: string }[] } } }>('query($id: ID!) { contact(id: $id) { ... on Person { passes(first: 2) { nodes { id } } } } }', { id: before[0]!.id });
  expect(contact.passes.nodes).toHaveLength(1);
  await staff.graphql('mutation($i: UsePassInput!) { usePass(input: $i) { errors { code message path } } }', { i: { id: contact.passes.nodes[0]!.id } });
  await page.reload();
  await account.getByRole('button', { name: 'Tickets' }).click();
  await expect(ticket).toContainText('Used');
  await account.getByRole('button', { name: 'Memberships and passes' }).click();
  await expect(items.filter({ hasText: swims })).toContainText('9 of 10 left');

  // In the shop the membership makes the price.
  await page.goto('/?lang=en');
  await page.getByRole('heading', { name: 'Coming up' }).locator('..').getByRole('link').first().click();
  const title = (await page.getByRole('heading', { level: 1 }).textContent()) ?? '';
  const { events } = await staff.graphql<{ events: { nodes: { reference: string; ticketTypes: { id: string; price: number }[] }[] } }>(
    'query($s: String!) { events(search: $s, first: 100) { nodes { reference ticketTypes { id price } } } }', { s: title });
  const [sold] = events.nodes.find(({ reference }) => page.url().includes(reference))!.ticketTypes;
  await staff.graphql('mutation($i: SavePriceInput!) { savePrice(input: $i) { errors { code message path } } }', { i: { productId: sold!.id, planId: plan, amount: sold!.price / 2 } });
  await answer(page.locator('carnet-checkout'), await staff.fields('onCheckout'));
  await page.getByRole('button', { name: /^Buy ticket/ }).click();
  await expect(page.getByText('Bought with your account')).toBeVisible();

  // One contact, with both purchases.
  expect(await inBook(staff, person.email)).toHaveLength(1);
  await page.goto('/account?lang=en');
  await account.getByRole('button', { name: 'Purchases' }).click();
  await expect(account.getByRole('group')).toHaveCount(2);
  await account.getByRole('group').first().locator('summary').click();
  await expect(account.getByRole('table').first()).toContainText(`(${gold})`);
});
