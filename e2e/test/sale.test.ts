import { expect, expectAccessible, test, type Staff } from '../world.ts';

const day = 86_400_000;

/** Something on sale, of names that no other test has. */
async function onSale(staff: Staff) {
  const name = `Revue ${crypto.randomUUID().slice(0, 8)}`;
  const startsAt = new Date(Date.now() + 7 * day).toISOString();
  const endsAt = new Date(Date.now() + 7 * day + 7_200_000).toISOString();
  const { createEvent } = await staff.graphql<{ createEvent: { event: { id: string } } }>(
    'mutation($i: CreateEventInput!) { createEvent(input: $i) { event { id } errors { code message path } } }', { i: { name, startsAt, endsAt, capacity: 3 } });
  const eventId = createEvent.event.id;
  await staff.graphql('mutation($i: EventInput!) { publishEvent(input: $i) { errors { code message path } } }', { i: { id: eventId } });
  await staff.graphql('mutation($i: CreateProductInput!) { createProduct(input: $i) { errors { code message path } } }', { i: { kind: 'TICKET', eventId, name: 'Adult', price: 12000 } });
  return name;
}

const sold = `query($s: String!) { contacts(search: $s, includeUnlisted: true) { nodes { id displayName } } }`;

// S-90, S-91, P-27: in a sale one types the beginning of a name, picks, and the contact is on it at once; who is not in the book is
// entered from there, and the sale is recorded for them.
test('a sale is written down for somebody who is found, and for somebody new', async ({ staff }) => {
  const { page } = staff;
  const name = await onSale(staff);
  await staff.graphql('mutation { createPerson(input: {firstName: "Solveig", lastName: "Kassander"}) { errors { code } } }');
  await page.goto('/admin/sale');
  await page.getByRole('textbox', { name: 'Find by name or event' }).fill(name);
  await page.getByRole('button', { name: `Add ${name}, Adult` }).click();
  await page.getByRole('combobox', { name: 'Who buys' }).fill('kassan');
  await page.getByRole('option', { name: /^KASSANDER, Solveig/ }).click();
  await expect(page.getByRole('link', { name: /KASSANDER/i })).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: 'Total' })).toContainText('120');

  await page.getByRole('combobox', { name: 'For whom, if not the buyer' }).fill('Nyman');
  await page.getByRole('option', { name: 'Create a new contact' }).click();
  const form = page.getByRole('dialog', { name: 'Add person' });
  await expect(form.getByRole('textbox', { name: 'Last name' })).toHaveValue('Nyman');
  await form.getByRole('combobox', { name: 'Title' }).fill('Mr');
  await form.getByRole('textbox', { name: 'First name' }).fill('Nils');
  await form.getByRole('checkbox', { name: 'Create internet account' }).uncheck();
  await form.getByRole('textbox', { name: 'Postcode' }).fill('0150');
  await form.getByRole('textbox', { name: 'City' }).fill('Oslo');
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('link', { name: /NYMAN/i })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('combobox', { name: 'Paid' }).click();
  await page.getByRole('option', { name: 'In cash' }).click();
  await page.getByRole('button', { name: 'Record the sale' }).click();
  await expect(page.getByText(/^Sale \d+ is recorded\.$/)).toBeVisible();
  await expect(page).toHaveURL(/\/admin\/orders\//);

  const id = page.url().split('/').at(-1);
  const { order } = await staff.graphql<{ order: { total: number; paid: number; buyer: { displayName: string }; lines: { attendee: { displayName: string }; tickets: object[] }[] } }>(
    'query($id: ID!) { order(id: $id) { total paid buyer { displayName } lines { attendee { displayName } tickets { id } } } }', { id });
  expect(order).toMatchObject({ total: 12000, paid: 12000, buyer: { displayName: 'KASSANDER Solveig' }, lines: [{ attendee: { displayName: 'NYMAN Nils' }, tickets: [{}] }] });
  expect((await staff.graphql<{ contacts: { nodes: object[] } }>(sold, { s: 'Nyman' })).contacts.nodes).toHaveLength(1);
});

// S-52: whoever likes one place in a venue is offered it while it is free, and the ticket is for it.
test('a sale takes the place that a contact prefers', async ({ carnet, staff }) => {
  const { page } = staff;
  const name = await onSale(staff);
  await carnet.sql(`UPDATE event SET place = 'Great stage' WHERE name = '${name}'`);
  await staff.graphql('mutation { createPerson(input: {firstName: "Vigdis", lastName: "Plassering", seats: [{venue: "great stage", zone: "Stalls", row: "C", seat: "12"}]}) { errors { code } } }');
  await page.goto('/admin/sale');
  await page.getByRole('textbox', { name: 'Find by name or event' }).fill(name.toUpperCase());
  await page.getByRole('button', { name: `Add ${name}, Adult` }).click();
  await page.getByRole('combobox', { name: 'Who buys' }).fill('plasser');
  await page.getByRole('option', { name: /^PLASSERING, Vigdis/ }).click();
  await expect(page.getByText('Preferred seat: Stalls · C · 12')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Record the sale' }).click();
  await expect(page.getByText(/^Sale \d+ is recorded\.$/)).toBeVisible();
  await expect(page.getByRole('list', { name: /^Tickets of/ })).toContainText('Seat Stalls · C · 12');
});

// S-92: advanced search from the sale is the book itself, and its rows put a contact on the sale.
test('advanced search from a sale is the book', async ({ staff }) => {
  const { page } = staff;
  const name = await onSale(staff);
  await staff.graphql('mutation { createPerson(input: {firstName: "Halvor", lastName: "Boksalg"}) { errors { code } } }');
  await page.goto('/admin/sale');
  await page.getByRole('textbox', { name: 'Find by name or event' }).fill(name);
  const add = page.getByRole('button', { name: `Add ${name}, Adult` });
  for (let n = 0; n < 4; n++) await add.click();
  await page.getByRole('button', { name: 'Advanced search' }).last().click(); // the payer's
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('All contacts');
  await expect(page.getByText('Choose a contact for the sale')).toBeVisible();
  await page.getByRole('searchbox').or(page.getByRole('textbox', { name: /search/i })).first().fill('Boksalg');
  await page.getByRole('button', { name: /^Put .*BOKSALG.* on the sale$/i }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('New sale');
  await expect(page.getByText('Who pays, if somebody else').locator('..').getByRole('link', { name: /BOKSALG/i })).toBeVisible();
  // What was on the sale is there yet; more than there are places cannot be sold.
  await expect(page.getByText('There are not that many places left.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Record the sale' })).toBeDisabled();
});
