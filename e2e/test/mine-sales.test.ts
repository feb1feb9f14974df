import { randomUUID } from 'node:crypto';
import type { Carnet } from '../start.ts';
import { expect, expectAccessible, register, test, type Staff } from '../world.ts';

/** An event with a ticket for it, which begins in some days. */
async function show(carnet: Carnet, name: string, days: number): Promise<{ event: string; ticket: string }> {
  const [event, ticket] = [randomUUID(), randomUUID()];
  await carnet.sql(`INSERT INTO event (site_id, id, name, place, starts_at, ends_at, state)
    SELECT id, '${event}', '${name}', 'Big hall', now() + interval '${days} days', now() + interval '${days} days 2 hours', 'published' FROM site WHERE public_id = '${carnet.site}'`);
  await carnet.sql(`INSERT INTO product (site_id, id, kind, name, event_id, price) SELECT id, '${ticket}', 'ticket', 'Adult', '${event}', 25000 FROM site WHERE public_id = '${carnet.site}'`);
  return { event, ticket };
}

async function product(carnet: Carnet, kind: 'membership' | 'pass', name: string): Promise<string> {
  const id = randomUUID();
  await carnet.sql(`INSERT INTO product (site_id, id, kind, name, price, months, uses) SELECT id, '${id}', '${kind}', '${name}', 50000, ${kind === 'pass' ? 'NULL, 10' : '12, NULL'} FROM site WHERE public_id = '${carnet.site}'`);
  return id;
}

const sell = (staff: Staff, input: object) =>
  staff.graphql('mutation($input: RecordOrderInput!) { recordOrder(input: $input) { order { number } errors { code message path } } }', { input: { idempotencyKey: randomUUID(), ...input } });

const idOf = async (staff: Staff, search: string) =>
  (await staff.graphql<{ contacts: { nodes: { id: string }[] } }>('query($s: String) { contacts(search: $s, first: 2, includeUnlisted: true) { nodes { id } } }', { s: search })).contacts.nodes[0]!.id;

// T-04, T-05, T-06: who is signed in opens every ticket, past ones too, puts it into a calendar, and sees what they bought and subscribed to.
test('tickets, purchases and memberships in my account', async ({ carnet, staff, visit }) => {
  const { page, person } = await register(visit, staff);
  await page.getByRole('link', { name: 'My account' }).click();
  const account = page.locator('carnet-account');
  await expect(account.getByRole('button', { name: 'Profile' })).toBeVisible();
  await expect(account.getByRole('button', { name: 'Tickets' })).toHaveCount(0);

  const contactId = await idOf(staff, person.email);
  const [faust, carmen] = [await show(carnet, 'Faust', 30), await show(carnet, 'Carmen', 3)];
  const [gold, swims] = [await product(carnet, 'membership', 'Gold'), await product(carnet, 'pass', 'Ten swims')];
  await sell(staff, {
    buyer: { contactId }, payments: [{ method: 'CARD', amount: 100_000 }],
    lines: [{ productId: faust.ticket, quantity: 2 }, { productId: carmen.ticket }, { productId: gold }, { productId: swims }],
  });
  await carnet.sql(`UPDATE event SET starts_at = now() - interval '3 days', ends_at = now() - interval '2 days' WHERE id = '${carmen.event}'`);

  await page.reload();
  await account.getByRole('button', { name: 'Tickets' }).click();
  const faustRows = account.getByRole('listitem').filter({ hasText: 'Faust' });
  await expect(faustRows).toHaveCount(2);
  await faustRows.first().getByRole('button', { name: 'Show the ticket' }).click();
  await expect(account.getByRole('img', { name: 'QR code of your ticket for Faust' })).toBeVisible();
  await expectAccessible(page);
  const [download] = await Promise.all([page.waitForEvent('download'), faustRows.first().getByRole('button', { name: 'Add Faust to your calendar' }).click()]);
  expect(download.suggestedFilename()).toBe('event.ics');
  await account.getByText('Past (1)').click();
  await account.getByRole('listitem').filter({ hasText: 'Carmen' }).getByRole('button', { name: 'Show the ticket' }).click();
  await expect(account.getByRole('img', { name: 'QR code of your ticket for Carmen' })).toBeVisible();

  await account.getByRole('button', { name: 'Purchases' }).click();
  await account.getByRole('group').first().locator('summary').click();
  await expect(account.getByRole('table')).toContainText('2 × Faust, Adult');
  await expect(account.getByRole('table')).toContainText('Still to pay');
  await account.getByRole('button', { name: 'Memberships and passes' }).click();
  await expect(account.getByRole('listitem').filter({ hasText: 'Gold' })).toContainText('In force');
  await expect(account.getByRole('listitem').filter({ hasText: 'Ten swims' })).toContainText('10 of 10 left');
  await expectAccessible(page);
});

// T-07, T-08, T-09, T-10, T-11, T-23: an event is submitted, edited and cancelled by its organizer alone, as far as each is granted.
test('organizers have their events in my account', async ({ carnet, staff, visit }) => {
  await show(carnet, 'Market', 40);
  const { page } = await register(visit, staff);
  await page.getByRole('link', { name: 'My account' }).click();
  const account = page.locator('carnet-account');
  await account.getByRole('button', { name: 'My events' }).click();
  await expect(account.getByText('You have not submitted any event yet.')).toBeVisible();
  await account.getByRole('button', { name: 'Submit an event' }).click();
  await account.getByLabel('Name').fill('Flea market');
  await account.getByLabel('Begins').fill('2031-05-17T10:00');
  await account.getByLabel('Ends').fill('2031-05-17T15:00');
  await account.getByLabel('Place', { exact: true }).fill('Town square');
  await expectAccessible(page);
  await account.getByRole('button', { name: 'Submit', exact: true }).click();
  await expect(account.getByRole('status').filter({ hasText: 'Your event is submitted' })).toBeVisible();
  const own = account.getByRole('listitem').filter({ hasText: 'Flea market' });
  await expect(own).toContainText('Submitted: we look at it');
  await expect(own).toContainText('May 17, 2031, 10:00');
  await expect(own.getByRole('button')).toHaveCount(0);

  const grant = (edit: boolean, cancel: boolean) => carnet.sql(`UPDATE site SET organizers_edit = ${edit}, organizers_cancel = ${cancel} WHERE public_id = '${carnet.site}'`);
  await grant(true, false);
  await page.reload();
  await account.getByRole('button', { name: 'My events' }).click();
  await expect(own.getByRole('button', { name: 'Cancel Flea market' })).toHaveCount(0);
  await own.getByRole('button', { name: 'Edit Flea market' }).click();
  await account.getByLabel('Place', { exact: true }).fill('Park');
  await account.getByRole('button', { name: 'Save' }).click();
  await expect(own).toContainText('Park');
  await grant(false, true);
  await page.reload();
  await account.getByRole('button', { name: 'My events' }).click();
  await expect(own.getByRole('button', { name: 'Edit Flea market' })).toHaveCount(0);
  await own.getByRole('button', { name: 'Cancel Flea market' }).click();
  await account.getByRole('button', { name: 'Yes, cancel the event' }).click();
  await expect(own).toContainText('Cancelled');
  await grant(false, false);

  const { page: other } = await register(visit, staff);
  await other.getByRole('link', { name: 'My account' }).click();
  await other.locator('carnet-account').getByRole('button', { name: 'My events' }).click();
  await expect(other.locator('carnet-account').getByText('You have not submitted any event yet.')).toBeVisible();
});

// C-17, S-21, S-56, S-58, S-59, S-60, S-61: the teacher buys, the pupil attends, the school pays; the school gathers its people's.
test('the histories of a contact follow its roles', async ({ carnet, staff }) => {
  const page = staff.page;
  const made = await staff.graphql<{ teacher: { person: { id: string } }; pupil: { person: { id: string } }; school: { organization: { id: string } } }>(`mutation {
    teacher: createPerson(input: {firstName: "Tora", lastName: "Lærer"}) { person { id } errors { code } }
    pupil: createPerson(input: {firstName: "Per", lastName: "Elev"}) { person { id } errors { code } }
    school: createOrganization(input: {name: "Fjord School"}) { organization { id } errors { code } }
  }`);
  const [teacher, pupil, school] = [made.teacher.person.id, made.pupil.person.id, made.school.organization.id];
  const { linkTypes } = await staff.graphql<{ linkTypes: { id: string; kind: string }[] }>('{ linkTypes { id kind } }');
  const typeId = linkTypes.find(({ kind }) => kind === 'MEMBER')?.id;
  await staff.graphql('mutation($input: CreateAffiliationInput!) { createAffiliation(input: $input) { errors { code message } } }', { input: { typeId, fromId: teacher, toId: school } });
  const { ticket } = await show(carnet, 'Peer Gynt', 20);
  await sell(staff, {
    buyer: { contactId: teacher }, payer: { contactId: school }, payments: [{ method: 'TRANSFER', amount: 20_000 }],
    lines: [{ productId: ticket, attendee: { contactId: pupil } }, { productId: await product(carnet, 'pass', 'Ten plays'), attendee: { contactId: pupil } }],
  });

  const rows = page.getByRole('table').getByRole('row');
  const history = (name: string) => page.getByRole('radiogroup', { name: 'Which history' }).getByText(name, { exact: true }).click();
  await page.goto(`/admin/contacts/${teacher}/sales`);
  await expect(rows.nth(1)).toContainText('Peer Gynt, Adult · Ten plays');
  await expectAccessible(page);
  await history('Cultural');
  await expect(page.getByText('Nothing attended, and nothing ahead')).toBeVisible();
  await page.goto(`/admin/contacts/${pupil}/sales`);
  await expect(page.getByText('Nothing bought yet')).toBeVisible();
  await history('Cultural');
  await expect(rows.nth(1)).toContainText('Booked');
  await history('Passes');
  await expect(rows.nth(1)).toContainText('10 / 10');
  await page.goto(`/admin/contacts/${school}/sales`);
  await expect(page.getByText('Nothing bought yet')).toBeVisible();
  await page.getByLabel('With its people').check();
  await expect(rows.nth(1)).toContainText('LÆRER Tora');
  await history('Financial');
  await expect(rows.nth(1)).toContainText('Transfer');
  await expectAccessible(page);
});
