/**
 * Orders in the admin: an order is paid, a ticket of it taken back and paid back to credit, which then shows on the contact's page;
 * and those who paid for an event are refunded at once.
 */
import type { Page } from '@playwright/test';
import { onSale, order, personOf } from '../sold.ts';
import { expect, expectAccessible, test } from '../world.ts';

const dialog = (page: Page, name: string) => page.getByRole('dialog', { name });

// S-46, S-60
test('an order is paid, a ticket taken back, and the money put on credit', async ({ carnet, staff }) => {
  const ticket = await onSale(carnet, 'Peer Gynt in the park');
  const oda = await personOf(staff, 'Ordrevik');
  const number = await order(staff, oda, ticket, 2);
  const admin = staff.page;
  await admin.goto('/admin/orders');
  await expect(admin.getByRole('heading', { name: 'Orders' })).toBeVisible();
  await admin.getByLabel('Search', { exact: true }).fill('ordrevik');
  await expect(admin.getByRole('table', { name: 'Orders' }).getByRole('row')).toHaveCount(2);
  await expectAccessible(admin);
  await admin.getByRole('link', { name: `Order ${number}` }).click();
  await expect(admin.getByRole('heading', { name: `Order ${number}` })).toBeVisible();
  await expect(admin.getByRole('region', { name: 'Who' }).getByRole('link', { name: /ORDREVIK/ }).first()).toBeVisible();

  // Paid in two parts; too much is refused at the amount.
  await admin.getByRole('button', { name: 'Record payment' }).click();
  let form = dialog(admin, 'Record a payment');
  await form.getByLabel('Amount').fill('600');
  await form.getByRole('button', { name: 'Record payment' }).click();
  await expect(form.getByLabel('Amount')).toHaveAccessibleDescription(/more than there is/);
  await form.getByLabel('Amount').fill('200');
  await expect(form.getByText('Due afterwards')).toBeVisible();
  await expectAccessible(admin);
  await form.getByRole('button', { name: 'Record payment' }).click();
  await expect(form).toBeHidden();
  await admin.getByRole('button', { name: 'Record payment' }).click();
  await form.getByRole('button', { name: 'Record payment' }).click();
  await expect(form).toBeHidden();
  await expect(admin.getByText('Settled')).toBeVisible();

  // A ticket's code is drawn; it lets in once, and goes back.
  const tickets = admin.getByRole('list', { name: /^Tickets of/ }).getByRole('listitem');
  await tickets.first().getByRole('button', { name: 'Show QR code' }).click();
  await expect(dialog(admin, 'Ticket code').getByRole('img', { name: 'Ticket code' })).toBeVisible();
  await admin.keyboard.press('Escape');
  await tickets.first().getByRole('button', { name: 'Check in' }).click();
  await expect(tickets.first().getByText('Used')).toBeVisible();
  await tickets.nth(1).getByRole('button', { name: 'Take back' }).click();
  form = dialog(admin, 'Take back this ticket');
  await form.getByLabel('Reason').fill('Ill');
  await expectAccessible(admin);
  await form.getByRole('button', { name: 'Take back' }).click();
  await expect(form).toBeHidden();
  await expect(tickets.nth(1).getByText('Cancelled')).toBeVisible();
  await expect(admin.getByText(/250\.00 to pay back/)).toBeVisible();

  // What is too much is paid back, as credit.
  await admin.getByRole('button', { name: 'Refund' }).click();
  form = dialog(admin, 'Pay money back');
  await expect(form.getByLabel('Amount')).toHaveValue(/250/);
  await form.getByRole('combobox', { name: 'Pay back to' }).click();
  await admin.getByRole('option', { name: 'Credit balance' }).click();
  await form.getByRole('button', { name: 'Refund' }).click();
  await expect(form).toBeHidden();
  await expect(admin.getByText('Settled')).toBeVisible();
  await expectAccessible(admin);

  // The balance shows on the contact's page, where more is deposited and taken back.
  await admin.goto(`/admin/contacts/${oda}/management`);
  const money = admin.getByRole('region', { name: 'Credit and holding accounts' });
  const balance = (name: string) => money.locator('dl > div', { hasText: name }).locator('dd');
  await expect(balance('Credit balance')).toHaveText(/250\.00/);
  await money.getByRole('button', { name: 'Deposit' }).click();
  form = dialog(admin, 'Deposit money');
  await form.getByLabel('Amount').fill('100');
  await expectAccessible(admin);
  await form.getByRole('button', { name: 'Deposit' }).click();
  await expect(balance('Holding account')).toHaveText(/100\.00/);
  await money.getByRole('button', { name: 'Withdraw' }).click();
  form = dialog(admin, 'Withdraw money');
  await form.getByLabel('Amount').fill('100.01');
  await form.getByRole('button', { name: 'Withdraw' }).click();
  await expect(form.getByLabel('Amount')).toHaveAccessibleDescription(/more than there is/);
  await form.getByLabel('Amount').fill('40');
  await form.getByRole('button', { name: 'Withdraw' }).click();
  await expect(balance('Holding account')).toHaveText(/60\.00/);
  await expect(money.getByRole('table', { name: 'Entries of the accounts' }).getByRole('row')).toHaveCount(1 + 8);
  await expectAccessible(admin);
});

// P-19
test('those who paid for an event are refunded at once', async ({ carnet, staff }) => {
  const ticket = await onSale(carnet, 'Hedda in the harbour');
  const two = [await personOf(staff, 'Refusjon'), await personOf(staff, 'Refusjonsen')];
  for (const who of two) await order(staff, who, ticket, 1, 25_000);
  const admin = staff.page;
  await admin.goto('/admin/contacts?q=refusjon');
  await expect(admin.getByText(/REFUSJONSEN/).first()).toBeVisible();
  await admin.getByLabel('Select all loaded contacts').check();
  await admin.getByRole('region', { name: 'Selected contacts' }).getByRole('button', { name: 'Change…' }).click();
  const form = dialog(admin, 'Change these contacts');
  await form.getByRole('combobox', { name: 'Action' }).click();
  await admin.getByRole('option', { name: 'Refund what was bought' }).click();
  await form.getByRole('combobox', { name: 'Event or product' }).fill('harbour');
  await admin.getByRole('option', { name: /^Hedda in the harbour ·/ }).click();
  await form.getByText('To credit balances').click();
  await expectAccessible(admin);
  await form.getByRole('button', { name: 'Preview' }).click();
  await expect(form.getByText('1 × Hedda in the harbour, Adult').first()).toBeVisible();
  await form.getByRole('button', { name: 'Change 2 contacts' }).click();
  await expect(form.getByText(/ · Done$/)).toBeVisible();
  await form.getByRole('button', { name: 'Close' }).last().click();
  for (const contactId of two) {
    const { contactMoney } = await staff.graphql<{ contactMoney: { credit: number } }>('query($contactId: ID!) { contactMoney(contactId: $contactId) { credit } }', { contactId });
    expect(contactMoney.credit).toBe(25_000);
  }
});
