import { answer, expect, newPerson, test } from '../world.ts';

// D-02, D-05, T-02, D-06, D-12, T-17, T-18, T-53, T-54, T-55
test('a sign-up on the calendar raises the segment’s count in the admin', async ({ carnet, staff, visit }) => {
  // The site asks a question at registration.
  const seat = await staff.field({ type: 'DROPDOWN', label: 'Where do you like to sit?', onRegistration: true, required: true, choices: ['Front', 'Middle', 'Balcony'].map((label) => ({ label })) });

  // Staff open the segment; nobody reloads this page again.
  const admin = staff.page;
  await admin.goto('/admin/segments');
  await admin.getByRole('link', { name: 'Web accounts' }).click();
  const count = admin.getByRole('status').filter({ hasText: /\d+ members/ });
  await expect(admin.locator('[data-version]:not([data-version=""])')).toBeVisible(); // the stream has begun
  const before = parseInt(await count.innerText(), 10);

  // Elsewhere somebody opens the calendar, on another site, and signs up.
  const person = newPerson();
  const page = await visit('/?lang=en');
  expect(new URL(page.url()).hostname).not.toBe(new URL(carnet.url).hostname);
  await page.getByRole('link', { name: 'Become a member' }).click();
  const widget = page.locator('carnet-registration');
  await widget.getByLabel('First name').fill(person.firstName);
  await widget.getByLabel('Last name').fill(person.lastName);
  await widget.getByLabel('E-mail').fill(person.email);
  await widget.getByLabel('Password (optional)').fill(person.password);
  const others = (await staff.fields('onRegistration')).filter(({ id }) => id !== seat.id);
  await answer(widget, others);
  // Without the required answer there is no sign-up.
  await widget.getByRole('button', { name: 'Create account' }).click();
  await expect(widget.getByLabel('Where do you like to sit?')).toHaveAccessibleDescription('Please fill this in.');
  await widget.getByLabel('Where do you like to sit?').selectOption('Balcony');
  await widget.getByRole('button', { name: 'Create account' }).click();
  await expect(widget.getByRole('heading', { name: 'Look in your mailbox' })).toBeVisible();

  // The mail is read in the admin's outbox, in a page of its own.
  const mails = await admin.context().newPage();
  await mails.goto('/admin/mail');
  await mails.getByRole('button', { name: person.email }).click();
  const code = (await mails.getByRole('dialog').innerText()).match(/^\d{8}$/m)?.[0];
  expect(code).toBeDefined();
  await mails.close();
  // Nobody is in the segment before the mailbox is proven.
  await expect(count).toHaveText(`${before} members`);

  await widget.getByLabel('Code').fill(code ?? '');
  await widget.getByRole('button', { name: 'Confirm' }).click();
  await expect(widget.getByRole('heading', { name: `Welcome, ${person.firstName}` })).toBeVisible();
  await expect(page.locator('carnet-status')).toContainText(person.lastName, { ignoreCase: true });

  // The count has risen, the feed names who came, and the row is in the list.
  await expect(count).toHaveText(`${before + 1} members`);
  await expect(admin.getByRole('region', { name: 'Just entered, just left' })).toContainText(person.lastName, { ignoreCase: true });

  // The answer is in the book, where staff see it.
  await admin.getByRole('region', { name: 'Just entered, just left' }).getByRole('link', { name: person.lastName }).click();
  await admin.getByRole('link', { name: 'Additional information' }).click();
  await expect(admin.getByLabel('Where do you like to sit?').first()).toHaveValue('Balcony');
});

// D-03
test('a change by the API reaches the segment’s page too', async ({ staff }) => {
  const { createSegment } = await staff.graphql<{ createSegment: { segment: { id: string } } }>(
    'mutation($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } errors { code } } }',
    { input: { name: 'Skudeneshavn', rule: { text: { column: 'CITY', op: 'EQUALS', value: 'Skudeneshavn' } } } });
  const admin = staff.page;
  await admin.goto(`/admin/segments/${createSegment.segment.id}`);
  const count = admin.getByRole('status').filter({ hasText: /\d+ members/ });
  await expect(admin.locator('[data-version]:not([data-version=""])')).toBeVisible(); // the stream has begun
  await expect(count).toHaveText('0 members');
  await staff.graphql('mutation($input: CreatePersonInput!) { createPerson(input: $input) { errors { code message path } } }', { input: { firstName: 'Åse', lastName: 'Øvrebø', address: { city: 'Skudeneshavn' } } });
  await expect(count).toHaveText('1 members');
  await expect(admin.getByRole('region', { name: 'Just entered, just left' })).toContainText('Øvrebø', { ignoreCase: true });
});

// T-26: in the admin the customers are analysed (who they are, by a rule), followed (who comes and goes, and what
// became of them) and managed.
test('the customers are analysed, followed and managed in the admin', async ({ staff }) => {
  for (const firstName of ['Una', 'Unn']) {
    await staff.graphql('mutation($i: CreatePersonInput!) { createPerson(input: $i) { errors { code } } }', { i: { firstName, lastName: 'Kundebo', address: { postcode: '6100', city: 'Volda', country: 'NO' } } });
  }
  const admin = staff.page;
  await admin.goto('/admin/');
  await admin.getByRole('navigation', { name: 'Main menu' }).getByRole('link', { name: 'Segments' }).click();
  await admin.getByRole('link', { name: 'New segment' }).first().click();
  await admin.getByRole('button', { name: 'Add condition' }).click();
  const condition = admin.getByRole('group', { name: 'Condition', exact: true });
  await condition.getByRole('combobox', { name: 'What to compare' }).click();
  await admin.getByRole('option', { name: 'City', exact: true }).click();
  await condition.getByLabel('Value').fill('Volda');
  const preview = admin.getByRole('complementary', { name: 'Who is in it now' });
  await expect(preview).toContainText(/^2/);
  await expect(preview).toContainText('KUNDEBO Una');
  await admin.getByRole('textbox', { name: 'Name', exact: true }).fill('From Volda');
  await admin.getByRole('button', { name: 'Create segment' }).click();
  await expect(admin.getByRole('heading', { level: 1, name: 'From Volda' })).toBeVisible();
  const count = admin.getByRole('status').filter({ hasText: /\d+ members/ });
  await expect(admin.locator('[data-version]:not([data-version=""])')).toBeVisible(); // the stream has begun
  await expect(count).toHaveText('2 members');

  const record = await admin.context().newPage();
  await record.goto('/admin/contacts?view=book&name=kundebo, una');
  await record.getByRole('link', { name: /KUNDEBO Una/ }).click();
  await record.getByRole('link', { name: 'General' }).click();
  await record.getByRole('region', { name: 'Main address' }).getByLabel('City').fill('Ørsta');
  await record.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(record.getByText('Saved.')).toBeVisible();
  await expect(count).toHaveText('1 members');
  await expect(admin.getByRole('region', { name: 'Just entered, just left' })).toContainText(/Kundebo/i);
  await record.getByRole('link', { name: 'Administration' }).click();
  await expect(record.getByRole('region', { name: 'History' }).getByRole('listitem').filter({ hasText: 'Ørsta' })).toContainText('Volda');
});
