import { expect, expectAccessible, test } from '../world.ts';

// S-66, S-67, S-70, S-71, G-02: a segment's rule is built of who somebody is as well: any name, e-mail address or phone
// number by the rules of the search box, the contact number, the age; it is stored so, and read for editing again.
test('a rule of names, addresses, numbers and ages', async ({ staff }) => {
  const page = staff.page;
  const year = new Date().getFullYear();
  const person = async (firstName: string, more: object) => (await staff.graphql<{ createPerson: { person: { number: number } } }>(
    'mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { number } errors { code message path } } }', { i: { firstName, lastName: 'Regelsen', birthDate: `${year - 40}-01-01`, ...more } })).createPerson.person.number;
  const number = await person('Ragnvald', { mobile: '+4741255001', otherEmails: [{ value: 'rr@regel.example' }] });
  await person('Roar', { mobile: '+4741255002', email: 'roar@regel.example' });

  await page.goto('/admin/segments/new');
  const conditions = page.getByRole('group', { name: 'Condition', exact: true });
  const preview = page.getByRole('complementary', { name: 'Who is in it now' });
  const add = async (attribute: string) => {
    await page.getByRole('button', { name: 'Add condition' }).click();
    const made = conditions.last();
    await made.getByRole('combobox', { name: 'What to compare' }).click();
    await page.getByRole('option', { name: attribute, exact: true }).click();
    return made;
  };
  await (await add('Any name')).getByRole('textbox', { name: 'Any name' }).fill('regelsen, r');
  await expect(preview).toContainText(/^2/);
  await (await add('Any phone number')).getByRole('textbox', { name: 'Any phone number' }).fill('412 55 0');
  const age = await add('Age');
  await age.getByRole('textbox', { name: 'From' }).fill('41');
  await expect(preview).toContainText('Nobody matches this rule now');
  await age.getByRole('textbox', { name: 'From' }).fill('39');
  await age.getByRole('textbox', { name: 'To' }).fill('40');
  await expect(preview).toContainText(/^2/);
  const mail = await add('Any e-mail address');
  await expect(page.getByText('1 condition is not complete and is left out.')).toBeVisible();
  await mail.getByRole('textbox', { name: 'Any e-mail address' }).fill('rr@regel.example'); // a further one of Ragnvald's
  await expect(preview).toContainText(/^1/);
  await (await add('Contact number')).getByRole('textbox', { name: 'Contact number' }).fill(`no ${number}`);
  await expect(preview).toContainText('REGELSEN Ragnvald');
  await expect(preview.locator('[data-waiting]')).toHaveCount(0); // which is pale
  await expect(preview.locator('div').first()).toHaveCSS('opacity', '1');
  await expectAccessible(page);

  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Rule of Ragnvald');
  await page.getByRole('button', { name: 'Create segment' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Rule of Ragnvald' })).toBeVisible();
  const stored = async () => (await staff.graphql<{ segments: { name: string; rule: object; count: number }[] }>('{ segments { name rule count } }')).segments.find(({ name }) => name === 'Rule of Ragnvald');
  const rule = { all: [{ name: 'regelsen, r' }, { phone: '412 55 0' }, { age: { from: 39, to: 40 } }, { email: 'rr@regel.example' }, { number }] };
  expect(await stored()).toMatchObject({ rule, count: 1 });

  await page.getByRole('link', { name: 'Edit' }).click();
  await expect(conditions).toHaveCount(5);
  await expect(page.getByText('Written elsewhere; it is kept as it is.')).toHaveCount(0);
  await expect(page.getByRole('textbox', { name: 'Any name' })).toHaveValue('regelsen, r');
  await expect(page.getByRole('textbox', { name: 'Contact number' })).toHaveValue(`${number}`);
  await expect(page.getByRole('textbox', { name: 'From' })).toHaveValue('39');
  await page.getByRole('textbox', { name: 'To' }).fill('');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Rule of Ragnvald' })).toBeVisible();
  expect((await stored())?.rule).toEqual({ all: rule.all.map((one) => ('age' in one ? { age: { from: 39 } } : one)) });
});
