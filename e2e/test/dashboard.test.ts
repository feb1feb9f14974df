import type { Page } from '@playwright/test';
import { expect, expectAccessible, test, type Staff } from '../world.ts';

/** Has somebody new order a ticket; gives their id. */
async function sell(staff: Staff, lastName: string): Promise<string> {
  const { createPerson } = await staff.graphql<{ createPerson: { person: { id: string } } }>(
    'mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id } errors { code message } } }', { i: { firstName: 'Dag', lastName } });
  const { sellable } = await staff.graphql<{ sellable: { id: string; kind: string }[] }>('{ sellable(first: 50) { id kind } }');
  const productId = sellable.find(({ kind }) => kind === 'TICKET')?.id;
  await staff.graphql('mutation($i: RecordOrderInput!) { recordOrder(input: $i) { errors { code message } } }', {
    i: { idempotencyKey: `${lastName} ${Date.now()}`, buyer: { contactId: createPerson.person.id }, lines: [{ productId, unitPrice: 123_400 }] },
  });
  return createPerson.person.id;
}

const figure = (page: Page, name: string) => page.getByRole('main').locator('dl > div').filter({ has: page.getByRole('term').filter({ hasText: new RegExp(`^${name}$`) }) }).getByRole('link');
const numberIn = (text: string) => Number(text.replace(/[^\d]/g, ''));

// T-26
test('the dashboard counts growth, sales and statuses, follows them, and leads to what it counts', async ({ staff }) => {
  await sell(staff, 'Dashbo');
  const page = staff.page;
  await page.goto('/admin/');
  await expect(page).toHaveURL(/\/admin\/dashboard$/); // it is what the admin opens with
  await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible();

  // What the figures say is what the API counts.
  const orders = numberIn(await figure(page, 'Orders').innerText());
  const made = numberIn(await figure(page, 'New contacts').innerText());
  expect(orders).toBeGreaterThan(0);
  const customers = page.getByRole('region', { name: 'Statuses' }).getByRole('listitem').filter({ hasText: 'Customer' });
  await expect(customers).toContainText(/\d/);

  // Who buys meanwhile is seen without a reload.
  await sell(staff, 'Dashby');
  await expect(figure(page, 'Orders')).toHaveText(String(orders + 1), { timeout: 20_000 });
  await expect(figure(page, 'New contacts')).toHaveText(String(made + 1));

  // Each figure leads to what it counts.
  await figure(page, 'New contacts').click();
  await expect(page.getByRole('link', { name: 'DASHBY Dag' })).toBeVisible();
  await page.goBack();
  await figure(page, 'Orders').click();
  await expect(page).toHaveURL(/\/orders\?state=COMPLETED&from=/);
  await expect(page.getByRole('link', { name: 'DASHBY Dag' })).toBeVisible();
  await page.goBack();
  await page.getByRole('region', { name: 'Statuses' }).getByRole('link', { name: 'Customer' }).click();
  await expect(page).toHaveURL(/\/contacts\?.*status=CUSTOMER/);
  await page.getByRole('searchbox').first().fill('dashby');
  await expect(page.getByRole('link', { name: 'DASHBY Dag' })).toBeVisible();
  await page.goto('/admin/dashboard');
  const largest = page.getByRole('region', { name: 'Largest segments' }).getByRole('link').first();
  const name = await largest.innerText();
  await largest.click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
});

// T-26
test('the period is chosen, stands in the address, and each chart is a table too', async ({ staff }) => {
  await sell(staff, 'Dashper');
  const page = staff.page;
  await page.goto('/admin/dashboard');
  const revenue = page.getByRole('region', { name: 'Revenue' });
  await expect(revenue.getByRole('img')).toHaveAccessibleName(/by \d+ orders?, less what went back/);
  await revenue.getByRole('button', { name: 'Show as table: Revenue' }).press('Enter');
  const table = revenue.getByRole('table', { name: 'Revenue' });
  await expect(table.getByRole('row')).toHaveCount(31); // and a head
  await expect(table.getByRole('row').nth(1)).toContainText('NOK');
  await expect(table.getByRole('columnheader')).toHaveText(['Day', 'Orders', 'Revenue']);

  await page.getByText('90 days', { exact: true }).click();
  await expect(page).toHaveURL(/\?period=90$/);
  await expect(table.getByRole('columnheader').first()).toHaveText('Week');
  await page.getByText('12 months', { exact: true }).click();
  await expect(table.getByRole('row')).toHaveCount(13);
  await page.reload();
  await expect(page.getByRole('radio', { name: '12 months' })).toBeChecked();

  await page.getByText('Own dates', { exact: true }).click();
  await page.getByLabel('From').fill('2020-02-01');
  await expect(page.getByText('At most three years.')).toBeVisible();
  await page.getByLabel('To').fill('2020-01-01');
  await expect(page.getByText('The end is before the beginning.')).toBeVisible();
  await page.getByLabel('To').fill('2020-02-10');
  await expect(page).toHaveURL(/from=2020-02-01&to=2020-02-10$/);
  await expect(page.getByRole('region', { name: 'Revenue' })).toContainText('Nothing was sold in this period.');
  await expect(page.getByRole('region', { name: 'New contacts' })).toContainText('Nobody came into the book in this period.');
});

// T-26
test('the dashboard is accessible, in French and on a phone too, and says when it cannot count', async ({ staff, browser, carnet }) => {
  await sell(staff, 'Dashax');
  const page = staff.page;
  await page.goto('/admin/dashboard?period=365');
  await expect(page.getByRole('region', { name: 'Revenue' }).getByRole('img')).toBeVisible();
  await expectAccessible(page);
  for (const name of ['New contacts', 'Revenue']) await page.getByRole('button', { name: `Show as table: ${name}` }).click();
  await page.getByText('Own dates', { exact: true }).click();
  await expectAccessible(page);

  const phone = await browser.newContext({ baseURL: carnet.url, viewport: { width: 390, height: 844 }, locale: 'fr-FR' });
  await phone.addCookies(await page.context().cookies());
  const small = await phone.newPage();
  await small.goto('/admin/dashboard');
  await expect(small.getByRole('heading', { level: 1, name: 'Tableau de bord' })).toBeVisible();
  await expect(small.getByRole('region', { name: 'Chiffre d’affaires' }).getByRole('img')).toBeVisible();
  expect(await small.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await expectAccessible(small);

  await small.route('**/graphql', (route) => (route.request().postData()?.includes('query DashboardHistory') ? route.abort() : route.continue()));
  await small.reload();
  await expect(small.getByRole('alert')).toBeVisible();
  await small.unroute('**/graphql');
  await small.getByRole('alert').getByRole('button').click();
  await expect(small.getByRole('region', { name: 'Chiffre d’affaires' })).toBeVisible();
  await phone.close();
});
