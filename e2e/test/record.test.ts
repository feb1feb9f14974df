import { expect, expectAccessible, test } from '../world.ts';

// S-25, S-28, S-33, S-47, S-48: the record in its tabs: a number pasted with its prefix, a note, the dates.
test('a contact in its tabs', async ({ staff }) => {
  const page = staff.page;
  const made = await staff.graphql<{ createPerson: { person: { id: string; number: number } } }>(`mutation {
    createPerson(input: {title: "Ms", firstName: "Ragnhild", lastName: "Tabb"}) { person { id number } errors { code } }
  }`);
  const { id, number } = made.createPerson.person;
  await page.goto(`/admin/contacts/${id}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Ms Ragnhild TABB$/);
  await expect(page.getByText(`№ ${number}`)).toBeVisible();
  await expect(page.getByText('Public individual', { exact: true })).toBeVisible();
  const tabs = page.getByRole('navigation', { name: 'Parts of the contact' });
  await expect(tabs.getByRole('link')).toHaveText(['Summary', 'General', 'Links', 'Additional information', 'Marketing', 'Management', 'Notes', 'Administration']);

  await tabs.getByRole('link', { name: 'General' }).click();
  for (const name of ['Mobile', 'Phone', 'Fax']) await expect(page.getByRole('combobox', { name: `Country prefix of ${name}` })).toBeVisible();
  await page.getByLabel('Mobile', { exact: true }).fill('+47 412 34 567');
  await expect(page.getByRole('combobox', { name: 'Country prefix of Mobile' })).toHaveValue('NO +47');
  await page.getByRole('button', { name: 'Save changes' }).or(page.getByRole('button', { name: 'Save', exact: true })).click();
  await expect(page.getByRole('region', { name: 'Main address' }).getByLabel('City')).toBeVisible();

  await tabs.getByRole('link', { name: 'Notes' }).click();
  await page.getByLabel('New note').fill('Sings alto.');
  await page.getByRole('region', { name: 'Notes' }).getByRole('button', { name: 'Save', exact: true }).first().click();
  await expect(page.getByRole('listitem').filter({ hasText: 'Sings alto.' })).toBeVisible();

  await tabs.getByRole('link', { name: 'Administration' }).click();
  const record = page.getByRole('region', { name: 'Record' });
  await expect(record.getByText('In the book since')).toBeVisible();
  await expect(record.getByText('Last change')).toBeVisible();
});

// S-33, S-49, S-52, S-77: mobile, phone and fax, each with its prefix, and further ways to reach a contact; the main,
// delivery and billing address; preferred places by venue; the numbers of other systems.
test('everything that a record keeps several of', async ({ staff }) => {
  const page = staff.page;
  const made = await staff.graphql<{ createPerson: { person: { id: string } } }>(`mutation {
    createPerson(input: {firstName: "Frida", lastName: "Flere"}) { person { id } errors { code } }
  }`);
  const { id } = made.createPerson.person;
  await page.goto(`/admin/contacts/${id}/general`);
  await page.getByLabel('Mobile', { exact: true }).fill('+47 412 34 567');
  await page.getByLabel('Phone', { exact: true }).fill('+33 1 42 68 53 00');
  await page.getByLabel('Fax', { exact: true }).fill('+44 20 7946 0018');
  await expect(page.getByRole('combobox', { name: 'Country prefix of Phone' })).toHaveValue('FR +33');
  await page.getByRole('button', { name: 'Another e-mail' }).click();
  await page.getByRole('group', { name: 'Other e-mails' }).getByLabel('What for').fill('work');
  await page.getByLabel('Other e-mail 1').fill('frida@example.org');
  await page.getByRole('button', { name: 'Another phone' }).click();
  await expect(page.getByRole('combobox', { name: 'Country prefix of Other phone 1' })).toBeVisible();
  await page.getByLabel('Other phone 1', { exact: true }).fill('+47 400 00 000');
  for (const [name, city] of [['Main address', 'Bergen'], ['Delivery address', 'Voss'], ['Billing address', 'Oslo']] as const) {
    const address = page.getByRole('region', { name });
    await address.getByLabel('Postcode').fill('5003');
    await address.getByLabel('City').fill(city);
    await address.getByRole('combobox', { name: 'Country' }).fill('Norw');
    await page.getByRole('option', { name: 'Norway' }).click();
  }
  await page.getByRole('button', { name: 'Add place' }).click();
  const seats = page.getByRole('region', { name: 'Preferred places' });
  await seats.getByLabel('Venue').fill('Grieg Hall');
  await seats.getByLabel('Row', { exact: true }).fill('7');
  await seats.getByLabel('Seat', { exact: true }).fill('12');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Unsaved changes' })).toBeHidden();

  await page.goto(`/admin/contacts/${id}/management`);
  await page.getByRole('button', { name: 'Add reference' }).click();
  await page.getByLabel('System').fill('licence');
  await page.getByLabel('Number there').fill('N-77');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();

  const { contact } = await staff.graphql<{ contact: object }>(`query($id: ID!) { contact(id: $id) {
    mobile phone fax otherEmails { label value } otherPhones { value } address { city } deliveryAddress { city } billingAddress { city }
    seats { venue row seat } references { source externalId } } }`, { id });
  expect(contact).toEqual({
    mobile: '+4741234567', phone: '+33142685300', fax: '+442079460018', otherEmails: [{ label: 'work', value: 'frida@example.org' }], otherPhones: [{ value: '+4740000000' }],
    address: { city: 'Bergen' }, deliveryAddress: { city: 'Voss' }, billingAddress: { city: 'Oslo' },
    seats: [{ venue: 'Grieg Hall', row: '7', seat: '12' }], references: [{ source: 'licence', externalId: 'N-77' }],
  });
});
