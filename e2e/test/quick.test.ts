import { expect, expectAccessible, test, type Staff } from '../world.ts';

async function openQuickForm({ page }: Staff) {
  await page.goto('/admin/contacts');
  await page.getByRole('button', { name: 'Add contact' }).click();
  await page.getByRole('menuitem', { name: 'Person' }).click();
  return page.getByRole('dialog', { name: 'Add person' });
}

const found = `query($s: String!) { contacts(search: $s, includeUnlisted: true) { totalCount nodes { displayName mobile address { lines postcode city country subdivision } ... on Person { title addressOf { displayName } roles statuses } } } }`;
interface Found {
  contacts: { totalCount: number; nodes: { displayName: string; title: string; mobile: string; address: object; addressOf: { displayName: string } | null; roles: string[]; statuses: string[] }[] };
}

// S-105, S-106, S-109, S-86, C-08: the quick form has the indispensable fields, six of them starred, and saves with these alone.
test('the quick form asks for the indispensable and saves', async ({ staff }) => {
  const form = await openQuickForm(staff);
  for (const starred of ['Title', 'Last name', 'First name', 'Country', 'Postcode', 'City']) {
    await expect(form.getByRole('textbox', { name: starred, exact: true }).or(form.getByRole('combobox', { name: starred, exact: true }))).toHaveAttribute('required', '');
  }
  await expect(form.getByRole('textbox', { name: 'Mobile', exact: true })).not.toHaveAttribute('required', '');
  await expect(form.getByRole('combobox', { name: 'Country prefix of Mobile' })).toBeVisible();
  await expect(form.getByRole('textbox', { name: 'Address lines' })).toBeVisible();
  await form.getByRole('checkbox', { name: 'Create internet account' }).uncheck();
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(form.getByText('This is required.')).toHaveCount(5); // the country is there already
  expect((await staff.graphql<Found>(found, { s: 'Hurtig' })).contacts.totalCount, 'nothing half').toBe(0);

  await form.getByRole('combobox', { name: 'Title' }).fill('Ms');
  await form.getByRole('textbox', { name: 'Last name' }).fill('Hurtig');
  await form.getByRole('textbox', { name: 'First name' }).fill('Siri');
  await form.getByRole('combobox', { name: 'Country', exact: true }).fill('Fran');
  await staff.page.getByRole('option', { name: 'France', exact: true }).click();
  await form.getByRole('textbox', { name: 'Postcode' }).fill('13001');
  await form.getByRole('textbox', { name: 'City' }).fill('Marseille');
  await form.getByRole('textbox', { name: 'Address lines' }).fill('1 rue Haute\nBât. B\nEscalier 3');
  await form.getByRole('combobox', { name: 'Department' }).fill('Bouches');
  await staff.page.getByRole('option', { name: /Bouches-du-Rhône/ }).click();
  await expect(form.getByRole('combobox', { name: 'Region', exact: true })).toHaveValue(/Provence/);
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(staff.page.getByRole('heading', { level: 1 })).toHaveText(/HURTIG$/);
  const { contacts } = await staff.graphql<Found>(found, { s: 'Hurtig' });
  expect(contacts.nodes).toHaveLength(1);
  expect(contacts.nodes[0]).toMatchObject({ title: 'Ms', address: { lines: ['1 rue Haute', 'Bât. B', 'Escalier 3'], postcode: '13001', city: 'Marseille', country: 'FR', subdivision: 'FR-13' } });
});

// S-107: cancelling creates nothing.
test('the quick form is cancelled', async ({ staff }) => {
  const form = await openQuickForm(staff);
  await form.getByRole('textbox', { name: 'Last name' }).fill('Angret');
  await form.getByRole('button', { name: 'Cancel' }).click();
  await expect(form).toBeHidden();
  expect((await staff.graphql<Found>(found, { s: 'Angret' })).contacts.totalCount).toBe(0);
});

// S-108, S-111: from the quick form to the full record, with what was typed and the structure that was picked from the
// list. C-09: there a contact is entered by hand, with name, company, e-mail, address and phone.
test('the quick form goes on to the full record', async ({ staff }) => {
  await staff.graphql('mutation { createOrganization(input: {name: "Videreskolen"}) { errors { code } } }');
  const form = await openQuickForm(staff);
  await form.getByRole('combobox', { name: 'Structure' }).fill('videre');
  await staff.page.getByRole('option', { name: /Videreskolen/ }).click();
  await form.getByRole('textbox', { name: 'Last name' }).fill('Videre');
  await form.getByRole('textbox', { name: 'First name' }).fill('Pål');
  await form.getByRole('textbox', { name: 'Mobile', exact: true }).fill('+47 412 34 999');
  await form.getByRole('checkbox', { name: 'Create internet account' }).uncheck();
  await form.getByRole('button', { name: 'Full record' }).click();
  const { page } = staff;
  await expect(page.getByRole('heading', { level: 1, name: 'Add person' })).toBeVisible();
  await expect(page.getByLabel('Last name')).toHaveValue('Videre');
  await expect(page.getByLabel('First name')).toHaveValue('Pål');
  await expect(page.getByRole('checkbox', { name: 'Create internet account' })).not.toBeChecked();
  expect((await staff.graphql<Found>(found, { s: 'Videre, p' })).contacts.totalCount, 'not before it is saved').toBe(0);
  await page.getByLabel('Date of birth').fill('1980-02-03');
  await page.getByLabel('Company').fill('Videre & Co');
  await page.getByLabel('E-mail', { exact: true }).fill('pal@videre.example');
  await page.getByLabel('Phone', { exact: true }).fill('+47 22 33 44 55');
  const address = page.getByRole('region', { name: 'Main address' });
  await address.getByLabel('Address lines').fill('Storgata 7');
  await address.getByLabel('Postcode').fill('0155');
  await address.getByLabel('City').fill('Oslo');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/VIDERE$/);
  const { contacts } = await staff.graphql<{ contacts: { nodes: object[] } }>(`{ contacts(search: "Videre, p") { nodes {
    displayName mobile phone email address { lines postcode city country } ... on Person { company roles birthDate } } } }`);
  expect(contacts.nodes).toEqual([{
    displayName: 'VIDERE Pål', mobile: '+4741234999', phone: '+4722334455', email: 'pal@videre.example', address: { lines: ['Storgata 7'], postcode: '0155', city: 'Oslo', country: 'NO' },
    company: 'Videre & Co', roles: ['MEMBER'], birthDate: '1980-02-03',
  }]);
});

// G-24, S-106, S-108: while typing, those of the book who are like what is typed are named; one may go on all the same.
test('the quick form names who is there already', async ({ staff }) => {
  const { page } = staff;
  const made = await staff.graphql<{ createPerson: { person: { id: string; number: number } } }>(
    'mutation { createPerson(input: {firstName: "Marte", lastName: "Dobbelt", email: "marte@dobbelt.example"}) { person { id number } errors { code } } }');
  const { id, number } = made.createPerson.person;
  const form = await openQuickForm(staff);
  const hint = form.getByRole('status');
  await form.getByRole('textbox', { name: 'Last name' }).fill('Dobbelt');
  await form.getByRole('textbox', { name: 'E-mail' }).fill('marte@dobbelt.example');
  await expect(hint).toContainText('Looks like these, who are in the book already:');
  const twin = hint.getByRole('link', { name: `DOBBELT Marte [${number}]` });
  await expect(twin).toHaveAttribute('href', `/admin/contacts/${id}`);
  await form.getByRole('textbox', { name: 'E-mail' }).fill('');
  await expect(hint, 'a surname alone is too little').toBeEmpty();
  await form.getByRole('textbox', { name: 'First name' }).fill('Marthe');
  await expect(twin).toBeVisible();
  await expectAccessible(page);

  // To look does not cost what was typed.
  const [seen] = await Promise.all([page.waitForEvent('popup'), twin.click()]);
  await expect(seen.getByRole('heading', { level: 1 })).toHaveText(/Marte DOBBELT$/);
  await seen.close();
  await form.getByRole('button', { name: 'Full record' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Add person' })).toBeVisible();
  await expect(page.getByRole('main').getByRole('status').getByRole('link')).toHaveText([`DOBBELT Marte [${number}]`]);
  await page.getByRole('checkbox', { name: 'Create internet account' }).uncheck();
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Marthe DOBBELT$/);
});

// S-110, S-111, S-112: the account is offered first and needs an e-mail address; the structure is made on the spot and lends its address.
test('the quick form makes an account and a structure', async ({ staff, visit }) => {
  const { page } = staff;
  const form = await openQuickForm(staff);
  const account = form.getByRole('checkbox', { name: 'Create internet account' });
  await expect(account).toBeChecked();
  await expect(form.getByRole('textbox', { name: 'E-mail' })).toHaveAttribute('required', '');
  await account.uncheck();
  await expect(form.getByRole('textbox', { name: 'E-mail' })).not.toHaveAttribute('required', '');
  await account.check();
  await form.getByRole('combobox', { name: 'Title' }).fill('Mr');
  await form.getByRole('textbox', { name: 'Last name' }).fill('Konto');
  await form.getByRole('textbox', { name: 'First name' }).fill('Odd');
  await form.getByRole('button', { name: 'New', exact: true }).click();
  const made = form.getByRole('group', { name: 'Add organization' });
  await made.getByRole('textbox', { name: 'Name' }).fill('Kontorlaget');
  await made.getByRole('button', { name: 'Add organization' }).click();
  await expect(form.getByRole('combobox', { name: 'Structure' })).toHaveValue('Kontorlaget');
  await form.getByRole('checkbox', { name: 'Use the structure’s address' }).check();
  for (const gone of ['Postcode', 'City']) await expect(form.getByRole('textbox', { name: gone })).toBeHidden();
  await expect(form.getByRole('combobox', { name: 'Country', exact: true })).toBeHidden();
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(form.getByText('This is required.')).toHaveCount(1);
  await form.getByRole('textbox', { name: 'E-mail' }).fill('odd.konto@example.no');
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/KONTO$/);
  const { contacts } = await staff.graphql<Found>(found, { s: 'Konto,' });
  expect(contacts.nodes[0]).toMatchObject({ roles: ['MEMBER'], addressOf: { displayName: 'Kontorlaget' }, statuses: expect.arrayContaining(['USER']) });

  // The account is one to sign in with, by a code that is mailed.
  const login = (await visit('/?lang=en')).locator('carnet-login');
  await login.getByRole('button', { name: 'E-mail me a code instead' }).click();
  await login.getByLabel('E-mail').fill('odd.konto@example.no');
  await login.getByRole('button', { name: 'Send the code' }).click();
  await expect(login.getByRole('heading', { name: 'Look in your mailbox' })).toBeVisible();
  await login.getByLabel('Code').fill(await staff.code('odd.konto@example.no'));
  await login.getByRole('button', { name: 'Confirm' }).click();
  await expect(login.getByRole('heading', { name: 'Hello, Odd' })).toBeVisible();
});

// G-33: a site decides what its quick form stars.
test('a site decides what the quick form makes mandatory', async ({ staff }) => {
  const { page } = staff;
  await page.goto('/admin/settings');
  for (const name of ['Title', 'Postcode', 'City', 'Country']) await page.getByRole('checkbox', { name, exact: true }).press('Space');
  await page.getByRole('button', { name: 'Save', exact: true }).or(page.getByRole('button', { name: 'Save changes' })).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  try {
    const form = await openQuickForm(staff);
    await expect(form.getByRole('textbox', { name: 'Postcode' })).not.toHaveAttribute('required', '');
    await form.getByRole('checkbox', { name: 'Create internet account' }).uncheck();
    await form.getByRole('textbox', { name: 'Last name' }).fill('Enkel');
    await form.getByRole('textbox', { name: 'First name' }).fill('Eva');
    await form.getByRole('button', { name: 'Create', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(/ENKEL$/);
  } finally {
    await staff.graphql(`mutation { updateSite(input: {quickFormRequired: [TITLE, LAST_NAME, FIRST_NAME, COUNTRY, POSTCODE, CITY]}) { errors { code } } }`);
  }
});
