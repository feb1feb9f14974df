import { expect, expectAccessible, test } from '../world.ts';

// S-26, S-27, S-50, S-51: a manager defines an indicator of the site's own, with bands; it stands in the summary beside the built-in ones,
// where one may leave it out, in the list as a column and an order, and in rules. An order changes it.
test('defines an indicator and finds contacts by it', async ({ staff, carnet }) => {
  const { page, graphql } = staff;
  const { viewer } = await graphql<{ viewer: { site: { id: string } } }>('{ viewer { site { id } } }');
  const make = async (firstName: string) => {
    const made = await graphql<{ createPerson: { person: { id: string } } }>('mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id } errors { code message } } }', { i: { firstName, lastName: 'Indicated' } });
    return made.createPerson.person.id;
  };
  const [ada, bo] = [await make('Ada'), await make('Bo')];
  await carnet.sql(`INSERT INTO product (site_id, id, kind, name, price, uses) VALUES ('${viewer.site.id}', gen_random_uuid(), 'pass', 'Circle of indicators', 30000, 10)`);
  const { products } = await graphql<{ products: { nodes: { id: string }[] } }>('{ products(search: "Circle of indicators") { nodes { id } } }');
  const buy = (contactId: string, quantity: number) =>
    graphql('mutation($i: RecordOrderInput!) { recordOrder(input: $i) { order { id } errors { code message path } } }', {
      i: { idempotencyKey: `${contactId}-${quantity}`, buyer: { contactId }, channel: 'counter', lines: [{ productId: products.nodes[0]?.id, quantity }] },
    });
  await buy(ada, 1);

  await page.goto('/admin/settings');
  await page.getByRole('link', { name: 'Indicators' }).click();
  await page.getByRole('button', { name: 'Add indicator' }).first().click();
  const form = page.getByRole('dialog', { name: 'Add indicator' });
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Circle money');
  await form.getByRole('button', { name: 'Trophy' }).click();
  await form.getByRole('combobox', { name: 'What is counted' }).click();
  await page.getByRole('option', { name: 'Money spent' }).click();
  await form.getByRole('combobox', { name: 'Only these products' }).fill('Circle');
  await page.getByRole('option', { name: 'Circle of indicators' }).click();
  await form.getByRole('combobox', { name: 'Which days' }).click();
  await page.getByRole('option', { name: 'A year or season' }).click();
  for (const [name, from] of [['Some', '1'], ['Much', '1']] as const) {
    await form.getByRole('button', { name: 'Add band' }).click();
    await form.getByRole('textbox', { name: /^Name of band/ }).last().fill(name);
    await form.getByRole('textbox', { name: /^Band \d from/ }).last().fill(from);
  }
  await expectAccessible(page);
  await form.getByRole('button', { name: 'Create' }).click();
  await expect(form.getByRole('textbox', { name: 'Band 2 from' })).toHaveAttribute('aria-invalid', 'true'); // bands go upwards
  await form.getByRole('textbox', { name: 'Band 2 from' }).fill('500');
  await form.getByRole('button', { name: 'Create' }).click();
  await expect(form).toBeHidden();
  const list = page.getByRole('list', { name: 'Your indicators' });
  await expect(list).toContainText(/Money spent · the year from 1 September · Circle of indicators · Some ≥ .*1\.00, Much ≥ .*500\.00/);
  await expect(list.getByText(/^Counting/)).toHaveCount(0, { timeout: 30_000 });
  await expectAccessible(page);

  await page.goto(`/admin/contacts/${ada}`);
  const sheet = page.getByRole('region', { name: 'Indicators' });
  const value = sheet.locator('div', { has: page.getByRole('term').getByText('Circle money', { exact: true }) }).getByRole('definition').first();
  await expect(value).toContainText(/Some.*300\.00/);
  await buy(ada, 2);
  await expect(value).toContainText(/Much.*900\.00/); // without a reload
  await sheet.getByRole('button', { name: 'Choose indicators' }).click();
  await page.getByRole('checkbox', { name: 'Circle money' }).uncheck();
  await page.reload();
  await expect(sheet.getByText('Seniority')).toBeVisible();
  await expect(sheet.getByText('Circle money')).toHaveCount(0);

  const columns = async () => (await staff.graphql<{ contactListSetting: { columns: string[] } }>('{ contactListSetting(list: CONTACTS) { columns } }')).contactListSetting.columns;
  const usual = await columns();
  await page.goto('/admin/contacts?q=indicated');
  await page.getByRole('button', { name: 'Columns', exact: true }).click();
  await page.getByRole('combobox', { name: /Add/ }).fill('Circle');
  await page.getByRole('option', { name: 'Circle money' }).click();
  await page.getByRole('button', { name: 'Columns', exact: true }).click();
  const table = page.getByRole('table', { name: 'Contacts' });
  await expect(table.getByRole('row', { name: /Indicated Ada/i })).toContainText('Much');
  const heading = table.getByRole('columnheader', { name: 'Circle money' });
  await heading.getByRole('button').click();
  await expect(heading).toHaveAttribute('aria-sort', 'ascending');
  await expect(table.getByRole('row').nth(1)).toContainText(/Indicated Bo/i); // who has nothing
  await heading.getByRole('button').click();
  await expect(table.getByRole('row').nth(1)).toContainText(/Indicated Ada/i);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Columns', exact: true }).click(); // the list of others too
  await page.getByRole('button', { name: 'Take the usual columns' }).click();
  await expect(heading).toHaveCount(0);
  await expect.poll(columns).toEqual(usual);

  await page.goto('/admin/segments/new');
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Circle friends');
  await page.getByRole('button', { name: 'Add condition' }).click();
  await page.getByRole('combobox', { name: 'What to compare' }).last().fill('Circle money');
  await page.getByRole('option', { name: 'Circle money' }).click();
  await page.getByRole('combobox', { name: 'Band' }).click();
  await page.getByRole('option', { name: 'Much' }).click();
  await expect(page.getByRole('complementary', { name: 'Who is in it now' })).toContainText(/^1/);
  await page.getByRole('button', { name: 'Create segment' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Circle friends' })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Members' })).toContainText(/Indicated Ada/i);
  await buy(bo, 2);
  await expect(page.getByRole('table', { name: 'Members' })).toContainText(/Indicated Bo/i); // the segment is live

  await page.goto('/admin/settings/indicators');
  await expect(list.getByRole('link', { name: 'Circle friends' })).toBeVisible();
  await page.getByRole('button', { name: 'Archive Circle money' }).click();
  await expect(page.getByText('Rules of segments name this indicator. Change those rules first.')).toBeVisible();

  // Without the segment it can go, and nothing stays for the tests that follow.
  const { segments } = await graphql<{ segments: { id: string; name: string }[] }>('{ segments { id name } }');
  await graphql('mutation($i: DeleteInput!) { deleteSegment(input: $i) { errors { code message } } }', { i: { id: segments.find(({ name }) => name === 'Circle friends')?.id } });
  await page.getByRole('button', { name: 'Delete Circle money' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByText('No indicators of your own yet')).toBeVisible();
});
