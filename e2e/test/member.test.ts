import { expect, expectAccessible, test } from '../world.ts';

// C-21, C-22, C-23, C-24, T-27, T-28, S-26, S-27, C-15: from the list a contact becomes a member beside its name, from its page at the top right;
// it goes from the non-members to the members, and its summary shows the indicators that one chose.
test('converts contacts to members and chooses among indicators', async ({ staff, carnet }) => {
  const { page, graphql } = staff;
  const { viewer } = await graphql<{ viewer: { site: { id: string } } }>('{ viewer { site { id } } }');
  const site = `'${viewer.site.id}'`;
  const make = async (firstName: string) => {
    const made = await graphql<{ createPerson: { person: { id: string } } }>('mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id } errors { code message } } }', { i: { firstName, lastName: 'Convertible', language: 'nb' } });
    return made.createPerson.person.id;
  };
  const [ada, bo] = [await make('Ada'), await make('Bo')];
  await carnet.sql(`INSERT INTO product (site_id, id, kind, name, price, months) VALUES (${site}, gen_random_uuid(), 'membership', 'Friends of the house', 40000, 12)`);
  await carnet.sql(`INSERT INTO sale_order (site_id, id, number, idempotency_key, request_sha256, buyer_id, channel, currency, total, ordered_at, actor_kind)
    VALUES (${site}, gen_random_uuid(), 900001, 'member-test', '', '${ada}', 'counter', 'NOK', 62550, now() - interval '800 days', 'system')`);

  await page.goto('/admin/contacts?view=non_members&q=convertible');
  const table = page.getByRole('table', { name: 'Contacts' });
  const row = table.getByRole('row', { name: /Convertible Ada/i });
  await expect(row).toBeVisible();
  await row.hover();
  await row.getByRole('button', { name: /Convert .*Ada.* to member/i }).click();
  const dialog = page.getByRole('dialog', { name: 'Convert to member' });
  await dialog.getByRole('combobox', { name: 'Plan' }).click();
  await page.getByRole('option', { name: 'Friends of the house' }).click();
  await expectAccessible(page);
  await dialog.getByRole('radio', { name: 'For good' }).check();
  await dialog.getByRole('button', { name: 'Convert', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(row).toBeHidden();
  await page.getByRole('radio', { name: /^Members/ }).click();
  await expect(row).toBeVisible();
  await expect(row.getByRole('button', { name: /Convert/ })).toHaveCount(0);
  await page.getByRole('radio', { name: /^Buyers/ }).click();
  await expect(row).toBeVisible();
  await expect(table.getByRole('row', { name: /Convertible Bo/i })).toHaveCount(0);
  await page.getByRole('radio', { name: /^In the book/ }).click(); // C-13
  await expect(table.getByRole('row', { name: /Convertible/i })).toHaveCount(2);

  await page.goto(`/admin/contacts/${bo}`);
  await page.getByRole('button', { name: 'Convert to member' }).click();
  await dialog.getByRole('button', { name: 'Convert', exact: true }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Convert to member' })).toHaveCount(0);

  await page.goto(`/admin/contacts/${ada}`);
  const sheet = page.getByRole('region', { name: 'Indicators' });
  for (const [name, value] of [['Language', 'Norwegian'], ['Subscriber', 'Yes'], ['Seniority', '2 years'], ['Assiduity', '–'], ['Channel', 'Counter'], ['Spending', /Large.*625\.50/], ['Child product', 'No'], ['Member', 'Friends of the house']] as const) {
    await expect(sheet.locator('div', { has: page.getByRole('term').getByText(name, { exact: true }) }).getByRole('definition').first()).toContainText(value);
  }
  await expectAccessible(page);
  await sheet.getByRole('button', { name: 'Choose indicators' }).click();
  await page.getByRole('checkbox', { name: 'Child product' }).uncheck();
  await expectAccessible(page);
  await page.reload();
  await expect(sheet.getByText('Seniority')).toBeVisible();
  await expect(sheet.getByText('Child product')).toHaveCount(0);
  await page.goto(`/admin/contacts/${ada}/administration`);
  await expect(page.getByText('Membership').first()).toBeVisible();
});
