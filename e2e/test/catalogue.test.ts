/**
 * Events and the catalogue in the admin: what a manager does to put something on sale, and what the group then shows.
 */
import { expect, expectAccessible, test, type Staff } from '../world.ts';

const makeGroup = (staff: Staff, name: string) =>
  staff.graphql<{ createGroup: { group: { id: string } } }>('mutation($name: String!) { createGroup(input: {name: $name}) { group { id } errors { code message } } }', { name });

// P-25, P-26
test('an event gets a ticket type, a group’s price and a quota', async ({ staff }) => {
  const name = `Members ${process.pid}`;
  const group = await makeGroup(staff, name);
  const admin = staff.page;
  await admin.goto('/admin/contacts');
  await admin.getByRole('navigation', { name: 'Main menu' }).getByRole('link', { name: 'Events' }).click();
  await expect(admin.getByRole('table', { name: 'Events' })).toBeVisible();
  await expectAccessible(admin);
  await admin.getByRole('button', { name: 'Add event' }).click();
  const form = admin.getByRole('dialog');
  await form.getByLabel('Name').fill('Midsummer night');
  await form.getByRole('button', { name: 'Create' }).click();
  await expect(form.getByText('This is required.')).toHaveCount(2);
  await form.getByLabel('Begins').fill('2090-06-21T20:00');
  await form.getByLabel('Ends').fill('2090-06-21T23:00');
  await form.getByLabel('Places').fill('120');
  await expectAccessible(admin);
  await form.getByRole('button', { name: 'Create' }).click();

  await expect(admin.getByRole('heading', { level: 1 })).toContainText('Midsummer night');
  await expect(admin.getByText('No ticket types yet')).toBeVisible();
  await admin.getByRole('button', { name: 'Publish' }).click();
  await expect(admin.getByRole('heading', { level: 1 })).toContainText('Published');
  await admin.getByRole('button', { name: 'Add ticket type' }).click();
  await form.getByLabel('Name').fill('Adult');
  await form.getByLabel('Price').fill('320.5');
  await form.getByRole('button', { name: 'Create' }).click();
  const tickets = admin.getByRole('region', { name: 'Ticket types' });
  await expect(tickets.getByRole('cell', { name: 'NOK 320.50' })).toBeVisible();
  await expectAccessible(admin);

  await tickets.getByRole('link', { name: 'Adult' }).click();
  const prices = admin.getByRole('region', { name: 'Other prices' });
  await prices.getByLabel('Whose').click();
  await admin.getByRole('option', { name, exact: true }).click();
  await prices.getByRole('textbox', { name: 'Price' }).fill('200');
  await prices.getByRole('button', { name: 'Set price' }).click();
  await expect(prices.getByRole('row', { name: `${name} NOK 200.00` })).toBeVisible();
  const quotas = admin.getByRole('region', { name: 'Quotas' });
  await quotas.getByLabel('For whom').click();
  await admin.getByRole('option', { name, exact: true }).click();
  await quotas.getByLabel('At most').fill('4');
  await quotas.getByRole('button', { name: 'Set quota' }).click();
  await expect(quotas.getByRole('row', { name: `${name} 4 a month` })).toBeVisible();
  await expectAccessible(admin);

  await admin.goto(`/admin/groups/${group.createGroup.group.id}`);
  const terms = admin.getByRole('region', { name: 'Prices and quotas' });
  await expect(terms.getByRole('row', { name: /^Midsummer night, Adult.* NOK 200.00 NOK 320.50$/ })).toBeVisible();
  await expect(terms.getByRole('row', { name: /^Midsummer night, Adult.* 4 a month$/ })).toBeVisible();
  await expectAccessible(admin);
});

// S-08
test('guides are picked from those who are guides', async ({ staff }) => {
  const admin = staff.page;
  for (const [lastName, types] of [[`Guidesen${process.pid}`, ['GUIDE']], [`Other${process.pid}`, []]] as const) {
    await staff.graphql('mutation($i: CreatePersonInput!) { createPerson(input: $i) { errors { code message } } }', { i: { firstName: 'Gro', lastName, types } });
  }
  await admin.goto('/admin/events');
  await admin.getByRole('table', { name: 'Events' }).getByRole('link').first().click();
  const guides = admin.getByRole('region', { name: 'Guides' });
  await guides.getByLabel('Add a guide').fill(`Other${process.pid}`);
  await expect(admin.getByText('No contact of the type guide matches')).toBeVisible();
  await guides.getByLabel('Add a guide').fill(`Guidesen${process.pid}`);
  await admin.getByRole('option', { name: /GUIDESEN/ }).click();
  await expect(guides.getByRole('link', { name: /GUIDESEN/ })).toBeVisible();
  await guides.getByRole('button', { name: /^Remove GUIDESEN/ }).click();
  await expect(guides.getByRole('link', { name: /GUIDESEN/ })).toHaveCount(0);
});

test('a room gets its slots', async ({ staff }) => {
  const admin = staff.page;
  await admin.goto('/admin/catalogue');
  await expect(admin.getByRole('table', { name: 'Catalogue' })).toBeVisible();
  await expectAccessible(admin);
  await admin.getByRole('button', { name: 'Add', exact: true }).click();
  await admin.getByRole('menuitem', { name: 'Bookable resource' }).click();
  const form = admin.getByRole('dialog');
  await form.getByLabel('Name').fill('Sauna');
  await form.getByLabel('Price').fill('150');
  await form.getByRole('button', { name: 'Create' }).click();
  await expect(admin.getByRole('heading', { level: 1 })).toHaveText('Sauna');
  await admin.getByRole('button', { name: 'Add slots' }).click();
  await form.getByLabel('First slot begins').fill('2090-01-02T10:00');
  await form.getByLabel('In a row on each day').fill('2');
  await form.getByLabel('Again').click();
  await admin.getByRole('option', { name: 'Every week' }).click();
  await form.getByLabel('Until').fill('2090-01-16');
  await expectAccessible(admin);
  await form.getByRole('button', { name: 'Create' }).click();
  await expect(admin.getByText('6 slots were added.')).toBeVisible();
  const slots = admin.getByRole('table', { name: 'Slots' });
  await expect(slots.getByRole('row')).toHaveCount(7);
  await slots.getByRole('button', { name: /^Delete/ }).first().click();
  await expect(slots.getByRole('row')).toHaveCount(6);
});
