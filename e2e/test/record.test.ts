import { expect, expectAccessible, test } from '../world.ts';

// S-24, S-25, S-28, S-29, S-33, S-47, S-48: the record in its tabs, under a header of number, title, first name, surname
// in capitals, role and status: a number pasted with its prefix, a note, the dates.
test('a contact in its tabs', async ({ staff }) => {
  const page = staff.page;
  const made = await staff.graphql<{ createPerson: { person: { id: string; number: number } } }>(`mutation {
    createPerson(input: {title: "Ms", firstName: "Ragnhild", lastName: "Tabb"}) { person { id number } errors { code } }
  }`);
  const { id, number } = made.createPerson.person;
  await page.goto(`/admin/contacts/${id}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Ms Ragnhild TABB$/);
  await expect(page.getByText(`№ ${number}`)).toBeVisible();
  for (const word of ['Public individual', 'Prospect']) await expect(page.getByText(word, { exact: true })).toBeVisible();
  const tabs = page.getByRole('navigation', { name: 'Parts of the contact' });
  await expect(tabs.getByRole('link')).toHaveText(['Summary', 'General', 'Links', 'Histories', 'Additional information', 'Marketing', 'Management', 'Notes', 'Administration']);

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
  const { contact } = await staff.graphql<{ contact: { createdAt: string; updatedAt: string } }>('query($id: ID!) { contact(id: $id) { createdAt updatedAt } }', { id });
  expect(contact.updatedAt).not.toBe(contact.createdAt);
  for (const [label, at] of [['In the book since', contact.createdAt], ['Last change', contact.updatedAt]] as const) {
    await expect(record.getByText(label).locator('..').locator('time')).toHaveAttribute('datetime', at);
  }
});

// S-23, S-32, T-32: the summary shows at a glance what is known of a contact, the age with the date of birth; the site's
// own questions have a tab with their answers.
test('the summary', async ({ staff }) => {
  const page = staff.page;
  const { id: song } = await staff.field({ type: 'TEXT', label: 'Favourite song' });
  const { createGroup: { group } } = await staff.graphql<{ createGroup: { group: { id: string } } }>('mutation { createGroup(input: {name: "Summarists"}) { group { id } errors { code } } }');
  const birthDate = `${new Date().getFullYear() - 40}-01-01`;
  const made = await staff.graphql<{ createPerson: { person: { id: string } } }>('mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id } errors { code message path } } }', {
    i: {
      firstName: 'Sunniva', lastName: 'Summ', birthDate, email: 'sunniva@example.org', mobile: '+4741234567', company: 'Summ & Co', note: 'Knows the way.',
      address: { lines: ['Storgata 1'], postcode: '0155', city: 'Oslo', country: 'NO' }, groupIds: [group.id], answers: [{ fieldId: song, text: 'Ja, vi elsker' }],
      seats: [{ venue: 'Grieg Hall', row: '7', seat: '12' }], references: [{ source: 'licence', externalId: 'N-78' }],
    },
  });
  await page.goto(`/admin/contacts/${made.createPerson.person.id}`);
  const part = (name: string) => page.getByRole('region', { name, exact: true });
  const reach = part('Contact details');
  for (const text of ['sunniva@example.org', '+4741234567', 'Storgata 1', '0155 Oslo', 'Norway', '40 years', 'Summ & Co', 'Grieg Hall · 7 · 12', 'N-78']) await expect(reach).toContainText(text);
  await expect(part('Groups').getByRole('link', { name: 'Summarists' })).toBeVisible();
  await expect(part('Notes')).toContainText('Knows the way.');
  await expect(part('Additional information')).toContainText('Ja, vi elsker');
  await expect(part('Record')).toContainText('In the book since');
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Additional information' }).click();
  await expect(page.getByLabel('Favourite song')).toHaveValue('Ja, vi elsker');
});

// S-23: the summary gathers what is linked to a contact: its groups and labels, the first ten links in force with a way to
// all, the consents in force by purpose; it follows changes made elsewhere, and shows no sheet for what there never was.
test('the summary gathers what is linked to a contact', async ({ staff }) => {
  const page = staff.page;
  const made = await staff.graphql<{ p: { person: { id: string } }; s: { labelSet: { labels: { id: string }[] } }; [org: string]: unknown }>(`mutation {
    p: createPerson(input: {firstName: "Linnea", lastName: "Lenket"}) { person { id } errors { code } }
    s: createLabelSet(input: {name: "Section", labels: [{name: "Strings", color: "#9257c2"}, {name: "Brass", color: "#2f86c9"}]}) { labelSet { labels { id } } errors { code } }
    ${Array.from({ length: 12 }, (_, n) => `o${n}: createOrganization(input: {name: "Lenket Lag ${n}"}) { organization { id } errors { code } }`).join('\n')}
  }`);
  const id = made.p.person.id;
  const { linkTypes } = await staff.graphql<{ linkTypes: { id: string; kind: string }[] }>('{ linkTypes { id kind } }');
  const type = linkTypes.find(({ kind }) => kind === 'MEMBER')?.id;
  for (let n = 0; n < 12; n++) {
    const { organization } = made[`o${n}`] as { organization: { id: string } };
    const input = { typeId: type, fromId: id, toId: organization.id, role: n === 1 ? 'Treasurer' : '', ...(n === 0 && { until: '2001-05-17' }) };
    await staff.graphql('mutation($i: CreateAffiliationInput!) { createAffiliation(input: $i) { errors { code message } } }', { i: input });
  }
  await staff.graphql('mutation($i: AssignLabelsInput!) { assignLabels(input: $i) { errors { code } } }', { i: { contactIds: [id], add: [made.s.labelSet.labels[0]?.id] } });
  const say = (channel: string, state: string) =>
    staff.graphql('mutation($i: RecordConsentInput!) { recordConsent(input: $i) { errors { code } } }', { i: { contactId: id, channel, state } });
  for (const channel of ['EMAIL', 'POST']) await say(channel, 'GIVEN');
  await say('PHONE', 'WITHDRAWN');

  const asked: string[] = [];
  page.on('request', (request) => asked.push(/query (\w+)/.exec(request.postData() ?? '')?.[1] ?? ''));
  await page.goto(`/admin/contacts/${id}`);
  const part = (name: string) => page.getByRole('region', { name, exact: true });
  await expect(part('Links').getByRole('link')).toHaveText(['All links', ...Array.from({ length: 10 }, (_, n) => `Lenket Lag ${n + 1}`)]);
  await expect(part('Links').locator('dl > div').first()).toHaveText(/^Member of\s*Lenket Lag 1 · Treasurer/);
  await expect(part('Labels')).toContainText('Strings');
  await expect(part('Labels')).not.toContainText('Brass');
  await expect(part('Consent').getByRole('definition')).toHaveText(['E-mail, Post']);
  await expect(part('Groups')).toContainText('In no group yet.');
  await expectAccessible(page);
  expect(asked.filter((name) => name === 'ContactSummary')).toHaveLength(1);

  await say('ANY', 'WITHDRAWN');
  await expect(part('Consent')).toContainText('No consent is in force now.');
  await part('Links').getByRole('link', { name: 'All links' }).click();
  await expect(page.getByRole('table', { name: 'Links' }).getByRole('row')).toHaveCount(13);
  await page.getByRole('link', { name: 'Lenket Lag 0', exact: true }).click();
  await expect(part('Links')).toContainText('No link is in force now.');
  await expect(part('Links').getByRole('link')).toHaveCount(0);
  for (const name of ['Labels', 'Consent']) await expect(part(name)).toHaveCount(0);
});

// S-30, S-35, S-41, S-44: the general tab holds the main data of an individual, whose both names are mandatory, or of a
// structure; an address that is begun needs country, postcode and city, and no line.
test('the main data of an individual and of a structure', async ({ staff }) => {
  const page = staff.page;
  const made = await staff.graphql<{ p: { person: { id: string } }; o: { organization: { id: string } } }>(`mutation {
    p: createPerson(input: {firstName: "Gerd", lastName: "Generell"}) { person { id } errors { code } }
    o: createOrganization(input: {name: "Generell AS"}) { organization { id } errors { code } }
  }`);
  const save = page.getByRole('button', { name: 'Save', exact: true });
  const field = (name: string) => page.getByRole('textbox', { name, exact: true }).or(page.getByRole('combobox', { name, exact: true })).or(page.locator('input[type=date]').and(page.getByLabel(name, { exact: true })));
  await page.goto(`/admin/contacts/${made.p.person.id}/general`);
  for (const label of ['First name', 'Last name', 'Title', 'Date of birth', 'Company', 'Function', 'E-mail', 'Language', 'Mobile', 'Phone', 'Fax']) await expect(field(label), label).toBeVisible();
  for (const label of ['Name', 'Kind of organization']) await expect(field(label), label).toHaveCount(0);
  const address = page.getByRole('region', { name: 'Main address' });
  await field('First name').fill('');
  await field('Last name').fill(' ');
  await address.getByLabel('Address lines').fill('Storgata 1');
  await save.click();
  await expect(page.getByText('This is required.')).toHaveCount(5);
  await field('First name').fill('Gerda');
  await field('Last name').fill('Generelli');
  await field('Title').fill('Dr');
  await field('E-mail').fill('gerda@example.org');
  await address.getByLabel('Address lines').fill('');
  await address.getByLabel('Postcode').fill('0155');
  await address.getByLabel('City').fill('Oslo');
  await save.click();
  await expect(page.getByText('This is required.')).toHaveCount(1); // the country
  await address.getByRole('combobox', { name: 'Country' }).fill('Norw');
  await page.getByRole('option', { name: 'Norway' }).click();
  await save.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Dr Gerda GENERELLI$/);

  await page.goto(`/admin/contacts/${made.o.organization.id}/general`);
  for (const label of ['First name', 'Last name', 'Date of birth', 'Function']) await expect(field(label), label).toHaveCount(0);
  await field('Name').fill('');
  await save.click();
  await expect(page.getByText('This is required.')).toHaveCount(1);
  await field('Name').fill('Generell Skole');
  await page.getByRole('combobox', { name: 'Kind of organization' }).click();
  await page.getByRole('option', { name: 'School' }).click();
  await save.click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Generell Skole$/);
  const { p, o } = await staff.graphql<{ p: object; o: object }>(`query($p: ID!, $o: ID!) {
    p: contact(id: $p) { email address { lines postcode city country } ... on Person { title firstName lastName } } o: contact(id: $o) { ... on Organization { name organizationKind } }
  }`, { p: made.p.person.id, o: made.o.organization.id });
  expect(p).toEqual({ email: 'gerda@example.org', address: { lines: [], postcode: '0155', city: 'Oslo', country: 'NO' }, title: 'Dr', firstName: 'Gerda', lastName: 'Generelli' });
  expect(o).toEqual({ name: 'Generell Skole', organizationKind: 'SCHOOL' });
});

// S-33, S-49, S-52, S-77: mobile, phone and fax, each with its prefix, and further ways to reach a contact; the main,
// delivery and billing address; preferred places by venue, which sales will use; the numbers of other systems.
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
    const country = address.getByRole('combobox', { name: 'Country' });
    await country.click();
    await country.fill('Norw');
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

test('what is typed is not lost by going elsewhere: one is asked first', async ({ staff }) => {
  const { page } = staff;
  const { createPerson } = await staff.graphql<{ createPerson: { person: { id: string } } }>(
    'mutation($input: CreatePersonInput!) { createPerson(input: $input) { person { id } errors { code message } } }', { input: { firstName: 'Liv', lastName: 'Lagre' } });
  await page.goto(`/admin/contacts/${createPerson.person.id}/general`);
  await page.getByLabel('First name').fill('Siv');
  await page.getByRole('link', { name: 'Segments', exact: true }).click();
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  await expectAccessible(page);
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(page).toHaveURL(/\/general$/);
  await expect(page.getByLabel('First name')).toHaveValue('Siv');
  // Another section of the record is another form, and Back leaves it too.
  await page.getByRole('link', { name: 'Marketing' }).click();
  await question.getByRole('button', { name: 'Cancel' }).click();
  const asked = page.waitForEvent('dialog');
  const left = page.evaluate(() => location.assign('/graphiql')).catch(() => undefined);
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await left;
  await expect(page.getByLabel('First name')).toHaveValue('Siv');
  await page.getByRole('region', { name: 'Unsaved changes' }).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('region', { name: 'Unsaved changes' })).toBeHidden();
  await page.getByRole('link', { name: 'Segments', exact: true }).click();
  await expect(page).toHaveURL(/\/segments$/);
  await expect(question).toBeHidden();
  await page.goto(`/admin/contacts/${createPerson.person.id}/general`);
  await page.getByLabel('First name').fill('Eva');
  await page.getByRole('link', { name: 'Segments', exact: true }).click();
  await question.getByRole('button', { name: 'Discard' }).click();
  await expect(page).toHaveURL(/\/segments$/);
});

test('of two forms with something typed neither is lost: one is asked once, until both are saved', async ({ staff }) => {
  const { page } = staff;
  const { createPerson } = await staff.graphql<{ createPerson: { person: { id: string } } }>(
    'mutation($input: CreatePersonInput!) { createPerson(input: $input) { person { id } errors { code message } } }', { input: { firstName: 'Tora', lastName: 'To' } });
  await page.goto(`/admin/contacts/${createPerson.person.id}/notes`);
  const added = page.getByLabel('New note');
  const lasting = page.getByRole('textbox', { name: 'Pinned remark' });
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  const bar = page.getByRole('region', { name: 'Unsaved changes' });
  await added.fill('Rang on Monday');
  await lasting.fill('Prefers letters');
  await page.getByRole('link', { name: 'Segments', exact: true }).click();
  await question.getByRole('button', { name: 'Cancel' }).click();
  await expect(question).toBeHidden();
  await expect(page).toHaveURL(/\/notes$/);
  await expect(added).toHaveValue('Rang on Monday');
  await expect(lasting).toHaveValue('Prefers letters');

  // One is saved; the other still has one asked, also when the tab is closed.
  await bar.getByRole('button', { name: 'Save' }).click();
  await expect(bar).toBeHidden();
  await expect(added).toHaveValue('Rang on Monday');
  await page.getByRole('link', { name: 'Segments', exact: true }).click();
  await question.getByRole('button', { name: 'Cancel' }).click();
  const asked = page.waitForEvent('dialog');
  const left = page.evaluate(() => location.assign('/graphiql')).catch(() => undefined);
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await left;
  await expect(added).toHaveValue('Rang on Monday');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('listitem').filter({ hasText: 'Rang on Monday' })).toBeVisible();
  await page.getByRole('link', { name: 'Segments', exact: true }).click();
  await expect(page).toHaveURL(/\/segments$/);
  await expect(question).toBeHidden();

  // Once is enough to leave both behind.
  await page.goto(`/admin/contacts/${createPerson.person.id}/notes`);
  await added.fill('Rang on Tuesday');
  await lasting.fill('Prefers calls');
  await page.getByRole('link', { name: 'Segments', exact: true }).click();
  await question.getByRole('button', { name: 'Discard' }).click();
  await expect(page).toHaveURL(/\/segments$/);
  await expect(question).toBeHidden();
  const { contact } = await staff.graphql<{ contact: object }>('query($id: ID!) { contact(id: $id) { note notes { nodes { text } } } }', { id: createPerson.person.id });
  expect(contact).toEqual({ note: 'Prefers letters', notes: { nodes: [{ text: 'Rang on Monday' }] } });
});
