import { expect, expectAccessible, test } from '../world.ts';

interface Made { createSegment: { segment: { id: string } | null; errors: unknown[] } }

// P-14, P-15: a rule is built of days around today, birthdays, postcodes and other segments; it is stored so, and read for
// editing again.
test('a rule of relative dates, birthdays, postcodes and segments', async ({ staff }) => {
  const page = staff.page;
  const person = (firstName: string, more: object) => staff.graphql('mutation($i: CreatePersonInput!) { createPerson(input: $i) { errors { code message path } } }', { i: { firstName, lastName: 'Datosen', ...more } });
  const month = new Date().getMonth() + 1;
  await person('Dina', { birthDate: `1990-${String(month).padStart(2, '0')}-15`, address: { postcode: '0150', country: 'NO' } });
  await person('Didrik', { address: { postcode: '5003', country: 'NO' } });
  const { createSegment: inner } = await staff.graphql<Made>('mutation { createSegment(input: {name: "All Datosens", rule: {text: {column: LAST_NAME, op: EQUALS, value: "Datosen"}}}) { segment { id } errors { code message path } } }');

  await page.goto('/admin/segments/new');
  const conditions = page.getByRole('group', { name: 'Condition', exact: true });
  const preview = page.getByRole('complementary', { name: 'Who is in it now' });
  const choose = async (within: ReturnType<typeof conditions.last>, box: string, option: string) => {
    await within.getByRole('combobox', { name: box }).click();
    await page.getByRole('option', { name: option, exact: true }).click();
  };
  const add = async (attribute: string) => {
    await page.getByRole('button', { name: 'Add condition' }).click();
    await choose(conditions.last(), 'What to compare', attribute);
    return conditions.last();
  };
  await choose(await add('In the segment'), 'In the segment', 'All Datosens');
  await expect(preview).toContainText(/^2/);
  const since = await add('In the book since');
  await expect(since.getByRole('combobox', { name: 'How to compare' })).toHaveValue('in the last');
  await expect(since.getByRole('combobox', { name: 'Unit' })).toHaveValue('days');
  await since.getByRole('textbox', { name: 'How many' }).fill('1');
  await choose(since, 'Unit', 'month');
  await expect(preview).toContainText(/^2/);
  const birthday = await add('Birthday');
  await expect(birthday.getByRole('combobox', { name: 'Unit' })).toHaveValue('this month');
  await expect(preview).toContainText(/^1/);
  await expect(preview).toContainText('DATOSEN Dina');
  const postcode = await add('Postcode in a range');
  await expect(page.getByText('1 condition is not complete and is left out.')).toBeVisible();
  await postcode.getByRole('combobox', { name: 'Country' }).fill('Norway');
  await page.getByRole('option', { name: 'Norway', exact: true }).click();
  await postcode.getByRole('textbox', { name: 'From' }).fill('5000');
  await expect(preview).toContainText('Nobody matches this rule now');
  await postcode.getByRole('textbox', { name: 'From' }).fill('0001');
  await postcode.getByRole('textbox', { name: 'To' }).fill('1299');
  await expect(preview).toContainText(/^1/);
  await expect(preview.locator('[data-waiting]')).toHaveCount(0);
  await expect(preview.locator('div').first()).toHaveCSS('opacity', '1');
  await expectAccessible(page);

  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Rule of days');
  await page.getByRole('button', { name: 'Create segment' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Rule of days' })).toBeVisible();
  const stored = async () => (await staff.graphql<{ segments: { name: string; rule: object }[] }>('{ segments { name rule } }')).segments.find(({ name }) => name === 'Rule of days');
  const rule = {
    all: [
      { segment: inner.segment?.id },
      { date: { column: 'CREATED_AT', relative: { last: 1, unit: 'MONTH' } } },
      { birthday: { this: 'MONTH' } },
      { postcode: { country: 'NO', from: '0001', to: '1299' } },
    ],
  };
  expect(await stored()).toMatchObject({ rule });

  await page.getByRole('link', { name: 'Edit' }).click();
  await expect(conditions).toHaveCount(4);
  await expect(conditions.nth(0).getByRole('combobox', { name: 'In the segment' })).toHaveValue('All Datosens');
  await choose(conditions.nth(1), 'How to compare', 'is');
  await choose(conditions.nth(1), 'Unit', 'this week');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Rule of days' })).toBeVisible();
  expect((await stored())?.rule).toEqual({ all: rule.all.map((one) => ('date' in one ? { date: { column: 'CREATED_AT', relative: { this: true, unit: 'WEEK' } } } : one)) });

  // Whom a segment is used by is said, and keeps it.
  await page.goto(`/admin/segments/${inner.segment?.id}`);
  await expect(page.getByRole('main').getByRole('link', { name: 'Rule of days' })).toBeVisible();
  await page.getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('alert')).toContainText('Other segments refer to this one: Rule of days');
});

// A segment's members are added and excluded by hand, and each is told why she is in there, by keyboard too; the contact's page
// names the segments; a rule that names what is gone says so.
test('members by hand, and why somebody is a member', async ({ staff }) => {
  const page = staff.page;
  const person = async (firstName: string, lastName: string) => (await staff.graphql<{ createPerson: { person: { id: string } } }>(
    'mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id } errors { code message path } } }', { i: { firstName, lastName } })).createPerson.person.id;
  await person('Hedda', 'Handesen');
  await person('Hugo', 'Handesen');
  const guest = await person('Gunn', 'Gjestad');
  const { createGroup } = await staff.graphql<{ createGroup: { group: { id: string } } }>('mutation { createGroup(input: {name: "Absent"}) { group { id } errors { code message path } } }');
  const { createSegment } = await staff.graphql<Made>('mutation($r: ContactFilter!) { createSegment(input: {name: "Handesens", rule: $r}) { segment { id } errors { code message path } } }', {
    r: { all: [{ text: { column: 'LAST_NAME', op: 'EQUALS', value: 'Handesen' } }, { not: { group: createGroup.group.id } }] } });
  const id = createSegment.segment?.id;

  await page.goto(`/admin/segments/${id}`);
  const members = page.getByRole('table', { name: 'members' });
  await expect(members.getByRole('link')).toHaveText(['HANDESEN Hedda', 'HANDESEN Hugo']);

  await page.getByRole('button', { name: 'More about HANDESEN Hedda' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Why is this one in here?' }).press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Why is HANDESEN Hedda in here?' });
  await expect(dialog).toContainText('The rule is true of this contact.');
  const leaves = dialog.getByRole('listitem').filter({ has: page.getByRole('group', { name: 'Condition' }) });
  await expect(leaves).toHaveCount(2);
  await expect(leaves.nth(0)).toContainText(/^met/);
  await expect(leaves.nth(0).getByRole('textbox', { name: 'Value' })).toHaveValue('Handesen');
  await expect(leaves.nth(0).getByRole('textbox', { name: 'Value' })).toBeDisabled();
  await expect(leaves.nth(1)).toContainText(/^metNot/);
  await expect(leaves.nth(1).getByRole('combobox', { name: 'In group' })).toHaveValue('Absent');
  await expect(dialog).toHaveCSS('opacity', '1');
  await expectAccessible(page);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await page.getByRole('button', { name: 'More about HANDESEN Hugo' }).click();
  await page.getByRole('menuitem', { name: 'Exclude by hand' }).click();
  await expect(members.getByRole('link')).toHaveText(['HANDESEN Hedda']);
  await expect(page.getByRole('region', { name: 'Excluded' }).getByRole('link')).toHaveText(['HANDESEN Hugo']);
  const feed = page.getByRole('region', { name: 'Just entered, just left' }).getByRole('listitem');
  await expect(feed).toHaveText([/^HANDESEN Hugohas just left/]);

  await page.getByRole('combobox', { name: 'Add somebody' }).fill('gjestad');
  await page.getByRole('option', { name: /GJESTAD Gunn/ }).click();
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Added' }).getByRole('link')).toHaveText(['GJESTAD Gunn']);
  await expect(members.getByRole('link')).toHaveText(['GJESTAD Gunn', 'HANDESEN Hedda']);
  await expect(feed).toHaveText([/^GJESTAD Gunnhas just entered/, /^HANDESEN Hugohas just left/]);
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'More about GJESTAD Gunn' }).click();
  await page.getByRole('menuitem', { name: 'Why is this one in here?' }).click();
  await expect(page.getByRole('dialog')).toContainText('Added by hand, which goes before the rule.');
  await expect(page.getByRole('dialog')).toContainText('The rule is not true of this contact.');
  await expect(page.getByRole('dialog').getByRole('listitem').filter({ has: page.getByRole('group', { name: 'Condition' }) }).first()).toContainText(/^not met/);
  await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();

  await page.getByRole('button', { name: 'Leave HANDESEN Hugo to the rule again' }).click();
  await expect(members.getByRole('link')).toHaveText(['GJESTAD Gunn', 'HANDESEN Hedda', 'HANDESEN Hugo']);

  await page.goto(`/admin/contacts/${guest}`);
  await expect(page.getByRole('main').getByRole('link', { name: 'Handesens' })).toBeVisible();

  await page.goto(`/admin/segments/${id}`);
  await expect(members.getByRole('link')).toHaveCount(3);
  await staff.graphql('mutation($id: ID!) { deleteGroup(input: {id: $id}) { deletedId errors { code message path } } }', { id: createGroup.group.id });
  await expect(page.getByRole('alert').filter({ hasText: 'This segment is broken' })).toContainText('In group: This does not exist here.'); // without a reload
  await expect(page.getByText('Nobody matches this rule now')).toBeVisible();
  await expectAccessible(page);
});
