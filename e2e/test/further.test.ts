/** What few people have in "my account": offers that are reserved for them, the sales of events they produce, and the address of their own calendar. */
import { randomUUID } from 'node:crypto';
import { expect, expectAccessible, register, test, type Staff } from '../world.ts';

const day = 86_400_000;

/** Makes a published event with a ticket type; gives their ids. */
async function show(staff: Staff, name: string, capacity: number): Promise<{ event: string; ticket: string }> {
  const { createEvent } = await staff.graphql<{ createEvent: { event: { id: string } } }>('mutation($i: CreateEventInput!) { createEvent(input: $i) { event { id } errors { code message path } } }', {
    i: { name, capacity, startsAt: new Date(Date.now() + 9 * day), endsAt: new Date(Date.now() + 9 * day + 7_200_000) },
  });
  const event = createEvent.event.id;
  await staff.graphql('mutation($i: EventInput!) { publishEvent(input: $i) { errors { code message path } } }', { i: { id: event } });
  const { createProduct } = await staff.graphql<{ createProduct: { product: { id: string } } }>(
    'mutation($i: CreateProductInput!) { createProduct(input: $i) { product { id } errors { code message path } } }', { i: { kind: 'TICKET', eventId: event, name: 'Adult', price: 12_000 } });
  return { event, ticket: createProduct.product.id };
}

const sell = (staff: Staff, contactId: string, productId: string, quantity: number) =>
  staff.graphql('mutation($input: RecordOrderInput!) { recordOrder(input: $input) { errors { code message path } } }', { input: { idempotencyKey: randomUUID(), buyer: { contactId }, lines: [{ productId, quantity }] } });

const idOf = async (staff: Staff, search: string) =>
  (await staff.graphql<{ contacts: { nodes: { id: string }[] } }>('query($s: String) { contacts(search: $s, first: 2, includeUnlisted: true) { nodes { id } } }', { s: search })).contacts.nodes[0]!.id;

// S-12, S-13, S-42, S-43; issue 6: a personal calendar feed.
test('offers, the sales of one’s own events and one’s calendar stand in my account', async ({ staff, visit }) => {
  const mark = randomUUID().slice(0, 8);
  const { page, person } = await register(visit, staff);
  const id = await idOf(staff, person.email);
  await page.getByRole('link', { name: 'My account' }).click();
  const account = page.locator('carnet-account');
  const tab = (name: string) => account.getByRole('navigation').getByRole('button', { name, exact: true });
  await expect(tab('Profile')).toBeVisible();
  for (const name of ['Offers', 'Sales of events', 'Calendar']) await expect(tab(name)).toHaveCount(0);

  const { createGroup } = await staff.graphql<{ createGroup: { group: { id: string } } }>('mutation($name: String!) { createGroup(input: {name: $name}) { group { id } errors { code message } } }', { name: `Friends ${mark}` });
  await staff.graphql('mutation($i: UpdateContactInput!) { updateContact(input: $i) { errors { code message path } } }', { i: { id, groupIds: [createGroup.group.id], types: ['PRODUCER'] } });
  const [own, other] = [await show(staff, `Revue ${mark}`, 50), await show(staff, `Opera ${mark}`, 50)];
  await staff.graphql('mutation($i: SetEventContactsInput!) { setEventContacts(input: $i) { errors { code message path } } }', { i: { eventId: own.event, role: 'PRODUCER', contactIds: [id] } });
  await sell(staff, id, own.ticket, 2);
  await sell(staff, id, other.ticket, 1);

  // An offer for that group, about a ticket of which fewer are left than are offered.
  const admin = staff.page;
  await admin.goto('/admin/offers');
  await admin.getByRole('button', { name: 'Add offer' }).first().click();
  const form = admin.getByRole('dialog', { name: 'Add offer' });
  await form.getByRole('button', { name: 'Create' }).click();
  await expect(form.getByText('This is required.')).toHaveCount(3);
  await form.getByLabel('Name').fill(`Half price ${mark}`);
  await form.getByLabel('Sort').fill('Discount');
  await form.getByText('A group', { exact: true }).click();
  await form.getByRole('combobox', { name: 'Group' }).fill(mark);
  await admin.getByRole('option', { name: `Friends ${mark}` }).click();
  await form.getByRole('combobox', { name: 'What it is about' }).fill(`Revue ${mark}`);
  await admin.getByRole('option', { name: `Revue ${mark}, Adult` }).click();
  await form.getByLabel('How many').fill('60');
  await form.getByLabel('For the ticket office').fill('Stalls only');
  await expectAccessible(admin);
  await form.getByRole('button', { name: 'Create' }).click();
  await expect(admin.getByRole('row').filter({ hasText: `Half price ${mark}` })).toContainText(`Revue ${mark}, Adult`);
  await expect(admin.getByRole('row').filter({ hasText: `Half price ${mark}` })).toContainText('48');

  await page.reload();
  await tab('Offers').click();
  await expect(account.getByRole('listitem').filter({ hasText: `Half price ${mark}` })).toContainText('48 left');
  await expect(account.getByText('Stalls only')).toHaveCount(0); // for the ticket office
  await expectAccessible(page);

  await tab('Sales of events').click();
  await expect(account.getByRole('listitem')).toHaveCount(1);
  await expect(account.getByRole('listitem')).toContainText(`Revue ${mark}`);
  await expect(account.getByRole('row', { name: /^Adult ?2 sold NOK 240\.00$/ })).toBeVisible();
  await expect(account.getByRole('row', { name: /^In all ?2 sold · 48 left NOK 240\.00$/ })).toBeVisible();
  await expectAccessible(page);

  await tab('Calendar').click();
  await account.getByRole('button', { name: 'Make the address' }).click();
  const address = account.getByLabel('Address of your calendar');
  const first = await address.inputValue();
  const feed = await fetch(first);
  expect(feed.status).toBe(200);
  expect(await feed.text()).toMatch(new RegExp(`SUMMARY:(Revue|Opera) ${mark}\r\n[^]*SUMMARY:(Revue|Opera) ${mark}\r\n`));
  await expectAccessible(page);
  await page.reload();
  await tab('Calendar').click();
  await expect(account.getByText('You have had an address since')).toBeVisible();
  await account.getByRole('button', { name: 'New address' }).click();
  await expect(address).not.toHaveValue(first);
  const second = await address.inputValue();
  expect((await fetch(first)).status).toBe(404);
  expect((await fetch(second)).status).toBe(200);
  await account.getByRole('button', { name: 'End the address' }).click();
  await expect(account.getByRole('button', { name: 'Make the address' })).toBeVisible();
  expect((await fetch(second)).status).toBe(404);
});

// T-07, T-08; issue 6: what an organizer submitted is refused with a reason that they read, mended and published; unpublished while nothing is sold, and deleted.
test('staff refuse a submitted event, unpublish and delete it', async ({ carnet, staff, visit }) => {
  const mark = randomUUID().slice(0, 8);
  const name = `Fair ${mark}`;
  await show(staff, `Market ${mark}`, 5);
  await carnet.sql(`UPDATE site SET organizers_edit = true WHERE public_id = '${carnet.site}'`);
  const { page } = await register(visit, staff);
  await page.getByRole('link', { name: 'My account' }).click();
  const account = page.locator('carnet-account');
  await account.getByRole('button', { name: 'My events' }).click();
  await account.getByRole('button', { name: 'Submit an event' }).click();
  await account.getByLabel('Name').fill(name);
  await account.getByLabel('Begins').fill('2031-05-17T10:00');
  await account.getByLabel('Ends').fill('2031-05-17T15:00');
  await account.getByRole('button', { name: 'Submit', exact: true }).click();
  const own = account.getByRole('listitem').filter({ hasText: name });
  await expect(own).toContainText('Submitted');

  const admin = staff.page;
  const more = async (what: string) => {
    await admin.getByRole('button', { name: 'More', exact: true }).click();
    await admin.getByRole('menuitem', { name: what }).click();
  };
  await admin.goto('/admin/events');
  await admin.getByRole('textbox', { name: 'Search name or place' }).or(admin.getByRole('searchbox')).first().fill(name);
  await admin.getByRole('link', { name }).click();
  await more('Refuse');
  const form = admin.getByRole('dialog', { name: `Refuse ${name}?` });
  await form.getByRole('button', { name: 'Refuse' }).click();
  await expect(form.getByLabel('Reason')).toHaveAccessibleDescription('This is required.');
  await form.getByLabel('Reason').fill('Say where it is.');
  await expectAccessible(admin);
  await form.getByRole('button', { name: 'Refuse' }).click();
  await expect(admin.getByRole('heading', { level: 1 })).toContainText('Refused');
  await expect(admin.getByRole('note')).toContainText('Say where it is.');
  await expectAccessible(admin);

  await page.reload();
  await account.getByRole('button', { name: 'My events' }).click();
  await expect(own).toContainText('Why: Say where it is.');
  await expectAccessible(page);
  await own.getByRole('button', { name: `Edit ${name}` }).click();
  await account.getByLabel('Place', { exact: true }).fill('Park');
  await account.getByRole('button', { name: 'Save' }).click();
  await expect(own).toContainText('Submitted');

  await admin.reload();
  await admin.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(admin.getByRole('heading', { level: 1 })).toContainText('Published');
  await more('Unpublish');
  await expect(admin.getByRole('heading', { level: 1 })).toContainText('Draft');
  const history = admin.getByRole('region', { name: 'History' });
  await expect(history.getByRole('listitem')).toHaveText([/^Made a draft again by/, /^Published by/, /^Submitted by Organizer/, /^Refused by .*Say where it is\.$/, /^Submitted by Organizer/]);
  await expectAccessible(admin);
  await more('Delete');
  await admin.getByRole('dialog', { name: `Delete ${name}?` }).getByRole('button', { name: 'Delete' }).click();
  await expect(admin.getByText(`${name} is deleted.`)).toBeVisible();
  await expect(admin).toHaveURL(/\/admin\/events$/);
  await admin.getByRole('button', { name: 'History' }).click();
  await expect(admin.getByRole('dialog').getByRole('listitem').first()).toContainText(/^Fair .*Deleted by/);
  await expectAccessible(admin);
  await carnet.sql(`UPDATE site SET organizers_edit = false WHERE public_id = '${carnet.site}'`);
});

// Issue 6: what follows of a cancelled event: holders read it in my account, their tickets show no code, and staff read what is to be given back, to whom.
test('what was sold of a cancelled event is told to its holders and to staff', async ({ staff, visit }) => {
  const name = `Norma ${randomUUID().slice(0, 8)}`;
  const { page, person } = await register(visit, staff);
  const { event, ticket } = await show(staff, name, 50);
  await sell(staff, await idOf(staff, person.email), ticket, 2);
  const admin = staff.page;
  await admin.goto(`/admin/events/${event}`);
  const more = async (what: string) => {
    await admin.getByRole('button', { name: 'More', exact: true }).click();
    await admin.getByRole('menuitem', { name: what }).click();
  };
  await more('Unpublish');
  await expect(admin.getByText('Somebody has bought it.')).toBeVisible();
  await more('Cancel event');
  await admin.getByRole('dialog', { name: `Cancel ${name}?` }).getByRole('button', { name: 'Cancel event' }).click();
  await expect(admin.getByRole('note')).toContainText('2 tickets for NOK 240.00 are not given back yet.');
  await expectAccessible(admin);

  await page.getByRole('link', { name: 'My account' }).click();
  const account = page.locator('carnet-account');
  await account.getByRole('button', { name: 'Tickets' }).click();
  const rows = account.getByRole('listitem').filter({ hasText: name });
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText('The event is cancelled.');
  await expect(rows.getByRole('button', { name: 'Show the ticket' })).toHaveCount(0);

  await admin.getByRole('link', { name: 'Orders of this event' }).click();
  await expect(admin.getByRole('table', { name: 'Orders' }).getByRole('row')).toHaveCount(2);
  await expect(admin.getByRole('table', { name: 'Orders' })).toContainText(new RegExp(person.lastName, 'i'));
});
