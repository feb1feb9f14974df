/**
 * What staff do with what contacts hold: at an event's door tickets are scanned, in the record and on the order passes are used, bookings marked and
 * cancelled, memberships ended and renewed, and many contacts become members at once.
 */
import type { Page } from '@playwright/test';
import { onSale, order, personOf, product } from '../sold.ts';
import { expect, expectAccessible, test } from '../world.ts';

/** As it is without the hint beside the button that was pressed. */
async function accessible(page: Page): Promise<void> {
  await page.mouse.move(0, 0);
  await expect(page.getByRole('tooltip')).toHaveCount(0);
  await expectAccessible(page);
}

test('tickets are scanned at the door, and whoever comes again or to the wrong door is not let in', async ({ carnet, staff }) => {
  const [ticket, elsewhere] = [await onSale(carnet, 'Doll in the hall'), await onSale(carnet, 'Ghosts in the attic')];
  const nora = await personOf(staff, 'Dorvakt');
  for (const one of [ticket, ticket, elsewhere]) await order(staff, nora, one);
  const { orders } = await staff.graphql<{ orders: { nodes: { lines: { tickets: { code: string; event: { id: string; name: string } }[] }[] }[] } }>(
    'query($filter: OrderFilter) { orders(filter: $filter, orderBy: OLDEST) { nodes { lines { tickets { code event { id name } } } } } }', { filter: { contactId: nora } });
  const tickets = orders.nodes.flatMap(({ lines }) => lines.flatMap((line) => line.tickets));
  const [first, second, wrong] = tickets as [typeof tickets[0] & object, typeof tickets[0] & object, typeof tickets[0] & object];
  const admin = staff.page;
  await admin.goto(`/admin/events/${first.event.id}`);
  await admin.getByRole('link', { name: 'Check-in' }).click();
  const field = admin.getByLabel('Ticket code');
  await expect(field).toBeFocused();
  await expect(admin.getByText('0 of 2 are in')).toBeVisible();
  await expectAccessible(admin);

  // A scanner types and sends Enter; the field is ready for the next at once.
  const scan = async (code: string) => {
    await admin.keyboard.type(code);
    await admin.keyboard.press('Enter');
  };
  const answer = admin.getByRole('status').filter({ hasText: /./ }).first();
  await scan(first.code);
  await expect(answer).toContainText('Welcome');
  await expect(answer).toContainText('DORVAKT Oda · Adult');
  await expect(field).toBeFocused();
  await expect(field).toHaveValue('');
  await expect(admin.getByText('1 of 2 are in')).toBeVisible();
  await expectAccessible(admin);
  await scan(first.code);
  await expect(answer).toContainText('Was let in before');
  await expect(answer).toContainText('This ticket was used on');
  await expectAccessible(admin);
  await scan(wrong.code);
  await expect(answer).toContainText('Do not let in');
  await expect(answer).toContainText('This ticket is for Ghosts in the attic');
  await expectAccessible(admin);
  await scan('nothing');
  await expect(answer).toContainText('This is no ticket of this site.');

  // What is typed while nothing has the focus goes into the field too.
  await field.blur();
  await scan(second.code);
  await expect(answer).toContainText('Welcome');
  await expect(admin.getByRole('list', { name: 'Before that' }).getByRole('listitem')).toHaveCount(4);
  await admin.getByRole('button', { name: 'Undo check-in' }).click();
  await expect(admin.getByText('1 of 2 are in')).toBeVisible();
});

// C-17, T-04
test('in the record a pass is used, a membership ended and renewed, a booking marked and cancelled', async ({ carnet, staff }) => {
  const [pass, plan, hall] = [
    await product(carnet, 'pass', 'Three swims', { uses: 3 }), await product(carnet, 'membership', 'Swim club', { months: 12 }), await product(carnet, 'resource', 'Lane one'),
  ];
  const who = await personOf(staff, 'Svomming');
  const { createSlots } = await staff.graphql<{ createSlots: { slots: { id: string }[] } }>(
    'mutation($input: CreateSlotsInput!) { createSlots(input: $input) { slots { id } errors { code message } } }',
    { input: { productId: hall, startsAt: new Date(Date.now() + 864e5).toISOString(), minutes: 60, capacity: 2 } });
  const number = await order(staff, who, pass);
  await order(staff, who, plan);
  await staff.graphql('mutation($input: RecordOrderInput!) { recordOrder(input: $input) { errors { code message } } }',
    { input: { idempotencyKey: `lane-${who}`, buyer: { contactId: who }, lines: [{ productId: hall, slotId: createSlots.slots[0]?.id }] } });
  const admin = staff.page;
  await admin.goto(`/admin/contacts/${who}/sales`);
  const sheet = (name: string) => admin.getByRole('table', { name });
  const choose = (name: string) => admin.getByRole('radiogroup', { name: 'Which history' }).getByText(name, { exact: true }).click();
  await choose('Passes');
  await sheet('Passes').getByRole('button', { name: 'Use once: Three swims' }).click();
  await expect(sheet('Passes')).toContainText('2 / 3');
  await sheet('Passes').getByRole('button', { name: 'Give one use back: Three swims' }).click();
  await expect(sheet('Passes')).toContainText('3 / 3');
  await accessible(admin);

  await choose('Memberships');
  const memberships = sheet('Memberships');
  await expect(memberships.getByRole('row', { name: 'Swim club' })).toContainText('In force');
  await memberships.getByRole('button', { name: 'Renew: Swim club' }).click();
  await admin.getByRole('dialog', { name: 'Renew Swim club?' }).getByRole('button', { name: 'Renew' }).click();
  await expect(memberships.getByRole('row')).toHaveCount(1 + 2);
  await expect(memberships.getByRole('row').nth(1)).toContainText('Ahead');
  await expect(memberships.getByRole('row').nth(1)).toContainText('without a sale');
  await memberships.getByRole('row').nth(1).getByRole('button', { name: 'End membership: Swim club' }).click();
  let dialog = admin.getByRole('dialog', { name: 'End Swim club' });
  await dialog.getByLabel('Last day').fill('2020-01-01');
  await dialog.getByRole('button', { name: 'End membership' }).click();
  await expect(dialog.getByLabel('Last day')).toHaveAccessibleDescription(/not a possible date/);
  await accessible(admin);
  await dialog.getByLabel('Last day').fill('');
  await dialog.getByRole('button', { name: 'End membership' }).click();
  await expect(memberships.getByRole('row').nth(1)).toContainText('Cancelled');
  await expect(memberships.getByRole('row').nth(1)).toContainText('Ended');
  await accessible(admin);

  await choose('Cultural');
  await sheet('Cultural').getByRole('button', { name: /^Mark attended: Lane one/ }).click();
  await expect(sheet('Cultural')).toContainText('Attended');
  await sheet('Cultural').getByRole('button', { name: /^Cancel booking: Lane one/ }).click();
  dialog = admin.getByRole('dialog', { name: /^Cancel Lane one/ });
  await dialog.getByRole('button', { name: 'Cancel booking' }).click();
  await expect(sheet('Cultural')).toContainText('Cancelled');
  await expect(sheet('Cultural').getByRole('button')).toHaveCount(0);

  // The same on the page of the order.
  await admin.goto('/admin/orders');
  await admin.getByRole('link', { name: `Order ${number}` }).click();
  const gave = admin.getByRole('list', { name: 'What Three swims gave' });
  await gave.getByRole('button', { name: 'Use once: Three swims' }).click();
  await expect(gave).toContainText('1 of 3 uses');
  await accessible(admin);
});

// C-21 to C-24, G-04
test('many contacts become members, and who is one already is told', async ({ carnet, staff }) => {
  const plan = await product(carnet, 'membership', 'Harbour friends', { months: 12 });
  const two = [await personOf(staff, 'Medlemsen'), await personOf(staff, 'Medlemsen-Ny')];
  await staff.graphql('mutation($input: ConvertToMemberInput!) { convertToMember(input: $input) { errors { code message } } }', { input: { contactId: two[0], planId: plan } });
  const admin = staff.page;
  await admin.goto('/admin/contacts?q=medlemsen');
  await expect(admin.getByText(/MEDLEMSEN-NY/).first()).toBeVisible();
  await admin.getByLabel('Select all loaded contacts').check();
  await admin.getByRole('region', { name: 'Selected contacts' }).getByRole('button', { name: 'Change…' }).click();
  const form = admin.getByRole('dialog', { name: 'Change these contacts' });
  await form.getByRole('combobox', { name: 'Action' }).click();
  await admin.getByRole('option', { name: 'Convert to member' }).click();
  await form.getByRole('combobox', { name: 'Plan' }).click();
  await admin.getByRole('option', { name: 'Harbour friends' }).click();
  await expect(form.getByText('As the plan says: 12 months')).toBeVisible();
  await expectAccessible(admin);
  await form.getByRole('button', { name: 'Preview' }).click();
  await expect(form.getByRole('region', { name: 'Are members already' })).toContainText('MEDLEMSEN Oda');
  await expectAccessible(admin);
  await form.getByRole('button', { name: 'Change 1 contact' }).click();
  await expect(form.getByText(/ · Done$/)).toBeVisible();
  await form.getByRole('button', { name: 'Close' }).last().click();
  const { contact } = await staff.graphql<{ contact: { memberships: { nodes: { plan: { name: string } }[] } } }>(
    'query($id: ID!) { contact(id: $id) { memberships { nodes { plan { name } } } } }', { id: two[1] });
  expect(contact.memberships.nodes.map((one) => one.plan.name)).toEqual(['Harbour friends']);
});
