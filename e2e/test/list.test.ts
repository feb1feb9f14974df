import type { Page } from '@playwright/test';
import { expect, expectAccessible, register, test, type Staff } from '../world.ts';

const rows = (page: Page) => page.locator('[data-row-link]');
const listed = async (page: Page, names: string[]) => expect(rows(page)).toHaveText(names);
const panel = (page: Page) => page.getByRole('form', { name: 'Advanced search' });
const chips = (page: Page) => page.getByRole('list', { name: 'Searched for' }).getByRole('listitem');

async function person(staff: Staff, input: object): Promise<{ id: string; number: number }> {
  const made = await staff.graphql<{ createPerson: { person: { id: string; number: number } } }>(
    'mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id number } errors { code message path } } }', { i: input });
  return made.createPerson.person;
}

async function organization(staff: Staff, input: object): Promise<{ id: string; number: number }> {
  const made = await staff.graphql<{ createOrganization: { organization: { id: string; number: number } } }>(
    'mutation($i: CreateOrganizationInput!) { createOrganization(input: $i) { organization { id number } errors { code message path } } }', { i: input });
  return made.createOrganization.organization;
}

async function relay(staff: Staff, organizationId: string, input: object): Promise<string> {
  const made = await staff.graphql<{ createRelay: { person: { id: string } } }>(
    'mutation($i: CreateRelayInput!) { createRelay(input: $i) { person { id } errors { code message path } } }', { i: { organizationId, person: input, useAddress: false } });
  return made.createRelay.person.id;
}

// S-62, S-64 to S-83, T-30, T-66, G-02: every criterion of the advanced search, each alone; the options with
// their defaults; Search asks, Clear empties all; the address holds the search.
test('the advanced search', async ({ staff }) => {
  test.setTimeout(400_000); // some thirty searches
  const page = staff.page;
  const { createContactOption: { contactOption: nature } } = await staff.graphql<{ createContactOption: { contactOption: { id: string } } }>(
    'mutation { createContactOption(input: {list: NATURE, name: "Panel nature"}) { contactOption { id } errors { code message } } }');
  const { createLabelSet: { labelSet: set } } = await staff.graphql<{ createLabelSet: { labelSet: { labels: { id: string }[] } } }>(
    'mutation { createLabelSet(input: {name: "Panel set", labels: [{name: "Panel label", color: "#2f86c9"}]}) { labelSet { labels { id } } errors { code message } } }');
  const { createGroup: { group } } = await staff.graphql<{ createGroup: { group: { id: string } } }>(
    'mutation { createGroup(input: {name: "Panel group"}) { group { id } errors { code message } } }');
  const { id: song } = await staff.field({ type: 'TEXT', label: 'Panel song' });
  const { number } = await person(staff, {
    firstName: 'Ragna', lastName: 'Panelsen', mobile: '+47 412 99 001', email: 'ragna.panelsen@example.com', birthDate: '1950-05-17', color: '#9257c2', ambassador: true,
    address: { lines: ['Panelveien 1'], postcode: '9990', city: 'Pånelvik', country: 'NO' }, types: ['GUIDE'], natureId: nature.id,
    references: [{ source: 'old', externalId: 'PNL-77' }], labelIds: [set.labels[0]?.id], groupIds: [group.id], answers: [{ fieldId: song, text: 'Ja, vi elsker' }],
  });
  const { id: club } = await organization(staff, {
    name: 'Panelsen Klubb', administrativeNumber: 'PNL 123', iban: 'NO9386011117947', address: { city: 'Panelstad', postcode: '1110', country: 'SE' },
  });
  await relay(staff, club, { firstName: 'Relly', lastName: 'Panelsen' });
  await person(staff, { firstName: 'Gamle', lastName: 'Panelsen', validUntil: '2020-01-01' });
  const [ragna, klubb, relly, gamle] = ['PANELSEN Ragna', 'Panelsen Klubb', 'PANELSEN Relly', 'PANELSEN Gamle'] as const;

  await page.goto('/admin/contacts');
  await expect(rows(page).first()).toBeVisible();
  // S-65: it opens and folds away.
  const toggle = page.getByRole('button', { name: /^Advanced search/ });
  await expect(panel(page)).toHaveCount(0);
  await toggle.click();
  await expect(toggle).toHaveAttribute('aria-expanded', 'true');
  await expect(panel(page).getByLabel('Name', { exact: true })).toBeFocused();
  await toggle.click();
  await expect(panel(page)).toHaveCount(0);
  await toggle.click();

  const field = (label: string) => panel(page).getByLabel(label, { exact: true });
  const choose = async (label: string, option: string) => {
    await panel(page).getByRole('combobox', { name: label, exact: true }).click();
    await page.getByRole('option', { name: option, exact: true }).click();
    await page.keyboard.press('Escape');
  };
  const pressSearch = () => panel(page).getByRole('button', { name: 'Search' }).click();
  const pressClear = () => panel(page).getByRole('button', { name: 'Clear', exact: true }).click();
  /** Asks for the Panelsens and one thing more. */
  const search = async (chip: string | null, fill: () => Promise<unknown>, found: string[]) => {
    await field('Name').fill('panelsen');
    await fill();
    await pressSearch();
    await listed(page, found);
    await expect(chips(page)).toHaveText(['Name: panelsen', ...(chip === null ? [] : [chip])]);
    await pressClear();
    await expect(chips(page)).toHaveCount(0);
  };

  await search(null, async () => undefined, [ragna, relly, klubb]); // S-66
  await search(`Contact number: ${number}`, () => field('Contact number').fill(`${number}`), [ragna]); // S-67
  await search('Relay: rell', () => field('Relay').fill('rell'), [klubb]); // S-68
  await search('Nature: Panel nature', () => choose('Nature', 'Panel nature'), [ragna]); // S-69
  await search('Phone: +47412 99', async () => { // S-70: with the country's prefix
    await choose('Country prefix of Phone', 'Norway +47');
    await field('Phone').fill('412 99');
  }, [ragna]);
  await search('E-mail: RAGNA.p', () => field('E-mail').fill('RAGNA.p'), [ragna]); // S-71
  await expect(panel(page).getByRole('combobox', { name: 'Country', exact: true })).toHaveAttribute('placeholder', 'All countries'); // S-72
  await search('Country: Sweden', () => choose('Country', 'Sweden'), [klubb]);
  await search('Postcode: 99', () => field('Postcode').fill('99'), [ragna]); // S-73
  await search('City: panel', () => field('City').fill('panel'), [ragna, klubb]);
  await search('City: *vik', () => field('City').fill('*vik'), [ragna]);
  await search('Administrative number: pnl 1', () => field('Administrative number').fill('pnl 1'), [klubb]); // S-74
  await search('Label: Panel label', () => choose('Label', 'Panel label'), [ragna]); // S-75, T-66
  await search('IBAN: NO93 8601', () => field('IBAN').fill('NO93 8601'), [klubb]); // S-76
  await search('Reference code: PNL-7', () => field('Reference code').fill('PNL-7'), [ragna]); // S-77
  await search('Operational type: Guide', () => choose('Operational type', 'Guide'), [ragna]);
  await search('Role: Relay', () => choose('Role', 'Relay'), [relly]);
  await search('Groups: Panel group', () => choose('Groups', 'Panel group'), [ragna]);
  await search('Consent: Never asked', () => choose('Consent', 'Never asked'), [ragna, relly, klubb]);
  await search('Age from: 70', () => field('Age from').fill('70'), [ragna]);
  await search('Colour: Purple', () => panel(page).getByRole('radio', { name: 'Purple' }).check(), [ragna]);
  await search('Panel song: elsker', () => field('Panel song').fill('elsker'), [ragna]);

  // S-78: a connection of type X with contact Y.
  await field('Name').fill('panelsen');
  await choose('Kind of link', 'Relay of');
  await panel(page).getByRole('combobox', { name: 'Linked with' }).fill('Panelsen K');
  await page.getByRole('option', { name: /Panelsen Klubb/ }).click();
  await pressSearch();
  await listed(page, [relly]);
  await expect(chips(page)).toHaveText(['Name: panelsen', 'Kind of link: Relay of', 'Linked with: Panelsen Klubb']);

  // The search stands in the address: another tab shows it, and going back shows what was before.
  const address = page.url();
  await chips(page).filter({ hasText: 'Kind of link' }).getByRole('button', { name: /^Remove: / }).click();
  await listed(page, [relly]);
  await chips(page).filter({ hasText: 'Linked with' }).getByRole('button', { name: /^Remove: / }).click();
  await listed(page, [ragna, relly, klubb]);
  await page.goBack();
  await page.goBack();
  await listed(page, [relly]);
  const other = await page.context().newPage();
  await other.goto(address);
  await listed(other, [relly]);
  await expect(chips(other)).toHaveText(['Name: panelsen', 'Kind of link: Relay of', 'Linked with: Panelsen Klubb']);
  await other.close();
  await pressClear();

  // S-79 to S-82: the options stand as they should, and each does what it says.
  const box = (name: string) => panel(page).getByRole('checkbox', { name });
  const options = async () => {
    await expect(box('Ambassadors only')).not.toBeChecked();
    await expect(box('Include invalid contacts')).not.toBeChecked();
    await expect(box('Include prospects')).toBeChecked();
    await expect(box('Include relay contacts')).toBeChecked();
  };
  await options();
  await search('Ambassadors only', () => box('Ambassadors only').check(), [ragna]);
  await search('Include invalid contacts', () => box('Include invalid contacts').check(), [gamle, ragna, relly, klubb]);
  await search('Without prospects', () => box('Include prospects').uncheck(), []);
  await search('Without relay contacts', () => box('Include relay contacts').uncheck(), [ragna, klubb]);
  await options();

  // S-83: Clear empties every criterion, those not searched for yet too.
  for (const label of ['Name', 'Contact number', 'Relay', 'E-mail', 'Postcode', 'City', 'Administrative number', 'Reference code', 'IBAN', 'Panel song']) await field(label).fill('1');
  await choose('Country', 'Sweden');
  await box('Ambassadors only').check();
  await pressClear();
  for (const label of ['Name', 'Contact number', 'Relay', 'E-mail', 'Postcode', 'City', 'Administrative number', 'Reference code', 'IBAN', 'Panel song', 'Country']) await expect(field(label).or(panel(page).getByRole('combobox', { name: label, exact: true })).first()).toHaveValue('');
  await options();

  // S-62: by type, with the quick choice above the list; an IBAN is in no address.
  await field('Name').fill('panelsen');
  await field('IBAN').fill('NO93');
  await pressSearch();
  await listed(page, [klubb]);
  expect(page.url()).not.toContain('NO93');
  await pressClear();
  await field('Name').fill('panelsen');
  await pressSearch();
  const kind = page.getByRole('radiogroup', { name: 'Kind of contact' });
  await kind.getByText('People').click();
  await listed(page, [ragna, relly]);
  await kind.getByText('Organizations').click();
  await listed(page, [klubb]);
  await expectAccessible(page);
});

// S-84, S-85, C-14, C-16, T-29, T-31, T-33: the result's columns, sorting by their heads, tick boxes, and the way in.
test('the result', async ({ staff }) => {
  const page = staff.page;
  const { id, number } = await organization(staff, { name: 'Kolonne Klubb', email: 'c@kolonne.example', address: { lines: ['Kolonnegata 5'], city: 'Tromsø', country: 'NO' } });
  await relay(staff, id, { firstName: 'Ria', lastName: 'Kolonnsen' });
  await person(staff, { firstName: 'Anne', lastName: 'Kolonne', company: 'Kolonne & Co', email: 'a@kolonne.example', address: { city: 'Bergen' } });
  await page.goto('/admin/contacts?view=book&name=kolonn');
  const table = page.getByRole('table', { name: 'All contacts' });
  await expect(table.getByRole('columnheader')).toHaveText(['', 'Name', 'Number', 'Role', 'Relay contact', 'City', 'Address']);
  await listed(page, ['KOLONNE Anne', 'Kolonne Klubb', 'KOLONNSEN Ria']);
  const row = (name: string) => table.getByRole('row').filter({ has: page.locator('[data-row-link]', { hasText: name }) });
  await expect(row('Kolonne Klubb').getByRole('cell')).toHaveText(['', 'Kolonne Klubb', `${number}`, 'Public structure', 'KOLONNSEN Ria', 'Tromsø', 'Kolonnegata 5']);
  await expect(row('KOLONNSEN Ria').getByRole('cell')).toHaveText(['', 'KRKOLONNSEN Ria', /\d+/, 'Relay', '', '', '']);

  // C-14: a head sorts, and sorts the other way; the address keeps it.
  const head = (name: string) => table.getByRole('columnheader', { name });
  await head('City').getByRole('button').click();
  await listed(page, ['KOLONNSEN Ria', 'KOLONNE Anne', 'Kolonne Klubb']);
  await expect(head('City')).toHaveAttribute('aria-sort', 'ascending');
  await head('City').getByRole('button').click();
  await listed(page, ['Kolonne Klubb', 'KOLONNE Anne', 'KOLONNSEN Ria']);
  await expect(head('City')).toHaveAttribute('aria-sort', 'descending');
  await head('Number').getByRole('button').click();
  await listed(page, ['Kolonne Klubb', 'KOLONNSEN Ria', 'KOLONNE Anne']);
  await head('Name').getByRole('button').click();
  await listed(page, ['KOLONNE Anne', 'Kolonne Klubb', 'KOLONNSEN Ria']);

  // Columns are chosen and put in order, and stay so on another day; the company is one of them (C-15).
  await page.getByRole('button', { name: 'Columns' }).click();
  const menu = page.getByRole('dialog', { name: 'Columns' });
  await menu.getByRole('combobox', { name: 'Add a column' }).click();
  await menu.getByRole('option', { name: 'Company', exact: true }).click();
  await menu.getByRole('button', { name: 'Hide Relay contact' }).click();
  await menu.getByRole('button', { name: 'Move Company left' }).click();
  await page.keyboard.press('Escape');
  const chosen = ['', 'Name', 'Number', 'Role', 'City', 'Company', 'Address'];
  await expect(table.getByRole('columnheader')).toHaveText(chosen);
  const setting = async () => (await staff.graphql<{ contactListSetting: { columns: string[] } }>('{ contactListSetting(list: CONTACTS) { columns } }')).contactListSetting.columns;
  await expect.poll(setting).toEqual(['NAME', 'NUMBER', 'ROLES', 'CITY', 'COMPANY', 'ADDRESS']);
  await expect(row('KOLONNE Anne').getByRole('cell', { name: 'Kolonne & Co' })).toBeVisible();
  await page.reload();
  await expect(table.getByRole('columnheader')).toHaveText(chosen);
  await page.getByRole('button', { name: 'Columns' }).click();
  await menu.getByRole('button', { name: 'Take the usual columns' }).click();
  await page.keyboard.press('Escape');
  await expect(head('Relay contact')).toBeVisible();

  // S-85, T-33: a box on each row, and the head's for all of them.
  const bar = page.getByRole('region', { name: 'Selected contacts' });
  await page.getByRole('checkbox', { name: 'Select KOLONNE Anne' }).check();
  await expect(bar).toContainText('1 selected');
  const all = page.getByRole('checkbox', { name: 'Select all loaded contacts' });
  await all.check();
  await expect(bar).toContainText('3 selected');
  for (const name of ['KOLONNE Anne', 'Kolonne Klubb', 'KOLONNSEN Ria']) await expect(page.getByRole('checkbox', { name: `Select ${name}` })).toBeChecked();
  await all.uncheck();
  await expect(bar).toHaveCount(0);
  // More match than are loaded: all of them can be taken.
  await page.goto('/admin/contacts?view=book');
  await expect(rows(page).first()).toBeVisible();
  const total = (await staff.graphql<{ contacts: { totalCount: number } }>('{ contacts(first: 1) { totalCount } }')).contacts.totalCount;
  expect(total).toBeGreaterThan(100);
  await all.check();
  await page.getByRole('button', { name: `Select all ${total} that match` }).click();
  await expect(bar).toContainText(`${total} selected`);
  await page.keyboard.press('Escape');
  await expect(bar).toHaveCount(0);

  // T-29 by name; C-16, T-31: the name opens the record.
  await page.getByRole('searchbox', { name: 'Search contacts' }).fill('kolonne, an');
  await listed(page, ['KOLONNE Anne']);
  await rows(page).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Anne KOLONNE/);
  // T-32: what the site's own fields hold has a tab there.
  await expect(page.getByRole('link', { name: 'Additional information' })).toBeVisible();
  await page.goBack();
  await listed(page, ['KOLONNE Anne']);
});

// S-86, S-87, S-88: New, Delete and New relay from the list.
test('actions on the list', async ({ staff }) => {
  const page = staff.page;
  const { id } = await organization(staff, { name: 'Handling AS', address: { lines: ['Handlegata 1'], city: 'Moss', country: 'NO' } });
  await page.goto('/admin/contacts?view=book&name=handling');
  await listed(page, ['Handling AS']);
  await page.getByRole('button', { name: 'Add contact' }).click();
  await page.getByRole('menuitem', { name: 'Organization' }).click();
  await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Handling Nord');
  await page.getByRole('dialog').getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Handling Nord' })).toBeVisible();

  await page.goto('/admin/contacts?view=book&name=handling');
  await page.getByRole('button', { name: 'Add contact' }).click();
  await page.getByRole('menuitem', { name: 'New relay' }).click();
  const form = page.getByRole('dialog', { name: 'New relay' });
  await form.getByLabel('Last name').fill('Handlingsdal');
  await form.getByRole('button', { name: 'Create' }).click();
  await expect(form.getByText('This must be filled in.').or(form.locator('[data-error]')).first()).toBeVisible();
  await form.getByRole('combobox', { name: 'Organization' }).fill('Handling');
  await page.getByRole('option', { name: /Handling AS/ }).click();
  await expect(form.getByRole('checkbox', { name: 'Use the address of Handling AS' })).toBeChecked();
  await form.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/HANDLINGSDAL/);
  const { contact } = await staff.graphql<{ contact: { relays: { displayName: string; roles: string[]; address: { city: string } }[] } }>(
    'query($id: ID!) { contact(id: $id) { ... on Organization { relays { displayName roles address { city } } } } }', { id });
  expect(contact.relays).toEqual([{ displayName: 'HANDLINGSDAL', roles: ['RELAY'], address: { city: 'Moss' } }]);

  await page.goto('/admin/contacts?view=book&name=handling');
  await listed(page, ['Handling AS', 'Handling Nord', 'HANDLINGSDAL']);
  await page.getByRole('checkbox', { name: 'Select Handling Nord' }).check();
  await page.getByRole('region', { name: 'Selected contacts' }).getByRole('button', { name: 'Move to trash' }).click();
  await listed(page, ['Handling AS', 'HANDLINGSDAL']);
  await page.getByRole('button', { name: 'View options' }).click();
  await page.getByRole('menuitem', { name: 'Show the trash' }).click();
  await listed(page, ['Handling Nord']);
});

// P-14: filters build a segment; views are kept, renamed, shared, opened with and taken away.
test('views and segments of what is searched for', async ({ staff }) => {
  const page = staff.page;
  for (const [firstName, city] of [['Vera', 'Visby'], ['Vidar', 'Visby'], ['Viggo', 'Voss']]) await person(staff, { firstName, lastName: 'Visningsen', address: { city } });
  const views = page.getByRole('radiogroup', { name: 'View' });
  const view = (name: string) => views.getByRole('radio', { name });
  const actions = async (item: string) => {
    await page.getByRole('button', { name: 'What to do with this view' }).click();
    await page.getByRole('menuitem', { name: item, exact: true }).click();
  };
  await page.goto('/admin/contacts?view=everyone&name=visningsen&city=visby&by=FIRST_NAME&dir=DESC');
  await listed(page, ['VISNINGSEN Vidar', 'VISNINGSEN Vera']);
  await actions('Save as view');
  await page.getByRole('dialog').getByLabel('Name').fill('From Visby');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(view('From Visby')).toBeChecked();
  await expect(page.getByRole('button', { name: 'Save changes' })).toHaveCount(0);
  const stored = async () => (await staff.graphql<{ savedViews: object[] }>('{ savedViews { name shared search kind filter includeUnlisted orderBy direction } }')).savedViews;
  const kept = {
    name: 'From Visby', shared: false, search: '', kind: null, includeUnlisted: true, orderBy: 'FIRST_NAME', direction: 'DESC',
    filter: { all: [{ name: 'visningsen' }, { text: { column: 'CITY', op: 'MATCHES', value: 'visby' } }] },
  };
  expect(await stored()).toEqual([kept]);

  // A change is offered to be kept, or to be undone.
  await chips(page).filter({ hasText: 'City' }).getByRole('button', { name: /^Remove/ }).click();
  await listed(page, ['VISNINGSEN Viggo', 'VISNINGSEN Vidar', 'VISNINGSEN Vera']);
  await page.getByRole('button', { name: 'Reset' }).click();
  await listed(page, ['VISNINGSEN Vidar', 'VISNINGSEN Vera']);
  await page.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
  await listed(page, ['VISNINGSEN Vera', 'VISNINGSEN Vidar']);
  await page.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByRole('button', { name: 'Save changes' })).toHaveCount(0);
  expect(await stored()).toEqual([{ ...kept, orderBy: 'NAME', direction: 'ASC' }]);

  // Renamed, shared, and what the list opens with.
  await actions('Rename');
  await page.getByRole('dialog').getByLabel('Name').fill('Visby people');
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await expect(view('Visby people')).toBeChecked();
  await expect(views.getByRole('img', { name: 'Only for me' })).toBeVisible();
  await actions('Share with all staff');
  await expect(views.getByRole('img', { name: 'Only for me' })).toHaveCount(0);
  await actions('Open the list with this view');
  await expect(page.getByText('The list now opens with this view.')).toBeVisible();
  await page.goto('/admin/contacts');
  await listed(page, ['VISNINGSEN Vera', 'VISNINGSEN Vidar']);
  await expect(view('Visby people')).toBeChecked();
  await views.getByText('In the book').click();
  await expect(chips(page)).toHaveCount(0);
  await views.getByText('Visby people').click();
  await expect(chips(page)).toHaveText(['Name: visningsen', 'City: visby']);

  // The same as a segment.
  await page.getByRole('button', { name: 'Save as segment' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Visby segment');
  await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Visby segment' })).toBeVisible();
  await listed(page, ['VISNINGSEN Vera', 'VISNINGSEN Vidar']);

  await page.goto('/admin/contacts');
  await actions('Delete');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(view('Visby people')).toHaveCount(0);
  await expect(view('In the book')).toBeChecked();
  expect(await stored()).toEqual([]);
  await page.goto('/admin/contacts');
  await expect(view('In the book')).toBeChecked();
});

// C-01, C-02, C-03, C-12, C-13, P-01, P-07, P-08, T-25, T-27, T-28: whoever came through whichever door is in one
// list under Contacts, nobody is left out, and it can be narrowed to members, users and organizations. Buyers,
// organizers and subscribers are computed from sales, and come with these.
test('everybody is in one list', async ({ staff, visit }) => {
  const page = staff.page;
  const { person: user } = await register(visit, staff);
  const last = user.lastName;
  const { id } = await organization(staff, { name: `${last} IL`, organizationKind: 'CLUB' });
  const prospect = await person(staff, { firstName: 'Prosper', lastName: last });
  const { linkTypes } = await staff.graphql<{ linkTypes: { id: string; kind: string }[] }>('{ linkTypes { id kind } }');
  await staff.graphql('mutation($i: CreateAffiliationInput!) { createAffiliation(input: $i) { errors { code message } } }',
    { i: { typeId: linkTypes.find(({ kind }) => kind === 'MEMBER')?.id, fromId: prospect.id, toId: id } });
  await page.goto('/admin/');
  await page.getByRole('navigation', { name: 'Main menu' }).getByRole('link', { name: 'All contacts' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'All contacts' })).toBeVisible();
  const { everyone, book } = await staff.graphql<{ everyone: { totalCount: number }; book: { totalCount: number } }>(
    '{ everyone: contacts(includeUnlisted: true, first: 1) { totalCount } book: contacts(first: 1) { totalCount } }');
  await expect(page.getByText(`${book.totalCount} contacts`, { exact: true })).toBeVisible();
  expect(book).toEqual(everyone);

  await page.getByRole('searchbox', { name: 'Search contacts' }).fill(last);
  const upper = last.toLocaleUpperCase();
  await listed(page, [`${upper} ${user.firstName}`, `${upper} Prosper`, `${last} IL`]);
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('dialog', { name: 'Columns' }).getByRole('combobox', { name: 'Add a column' }).click();
  await page.getByRole('option', { name: 'Status', exact: true }).click();
  await page.keyboard.press('Escape');
  // Both at once: a user who has bought nothing is a prospect too.
  const row = page.getByRole('row').filter({ hasText: `${upper} ${user.firstName}` });
  await expect(row).toContainText('User');
  await expect(row).toContainText('Prospect');
  const status = async (name: string, found: string[]) => {
    await page.goto(`/admin/contacts?view=book&q=${encodeURIComponent(last)}&status=${name}`);
    await listed(page, found);
  };
  await status('USER', [`${upper} ${user.firstName}`]);
  await page.goto(`/admin/contacts?view=book&q=${encodeURIComponent(last)}&role=MEMBER`);
  await listed(page, [`${upper} Prosper`]);
  await status('PROSPECT', [`${upper} ${user.firstName}`, `${upper} Prosper`, `${last} IL`]);
  await page.getByRole('radiogroup', { name: 'Kind of contact' }).getByText('Organizations').click();
  await listed(page, [`${last} IL`]);
  await page.getByRole('navigation', { name: 'Main menu' }).getByRole('link', { name: 'Organizations' }).click();
  await page.getByRole('searchbox', { name: 'Search contacts' }).fill(last);
  await listed(page, [`${last} IL`]);
  await expect(page.getByRole('radiogroup', { name: 'Kind of contact' })).toHaveCount(0);
});

// C-14, T-31: the list by keyboard, on a phone, and when nothing is found.
test('by keyboard and on a phone', async ({ staff }) => {
  const page = staff.page;
  for (const firstName of ['Ada', 'Bo', 'Cato']) await person(staff, { firstName, lastName: 'Tastesen', email: `${firstName}@taste.example`, address: { city: 'Ås' } });
  await page.goto('/admin/contacts?view=book');
  await expect(rows(page).first()).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('tastesen');
  await listed(page, ['TASTESEN Ada', 'TASTESEN Bo', 'TASTESEN Cato']);
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  await expect(rows(page).nth(0)).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('j');
  await page.keyboard.press('k');
  await expect(rows(page).nth(1)).toBeFocused();
  await page.keyboard.press('x');
  await expect(page.getByRole('checkbox', { name: 'Select TASTESEN Bo' })).toBeChecked();
  await page.keyboard.press('x');
  await expect(page.getByRole('checkbox', { name: 'Select TASTESEN Bo' })).not.toBeChecked();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/Bo TASTESEN/);
  await page.goBack();

  await page.setViewportSize({ width: 390, height: 844 });
  await expect(rows(page)).toHaveText([/TASTESEN Ada/, /TASTESEN Bo/, /TASTESEN Cato/]);
  await expect(page.getByRole('table')).toHaveCount(0);
  await expect(page.getByRole('listitem').filter({ hasText: 'TASTESEN Ada' })).toContainText('Ada@taste.example · Ås');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await expectAccessible(page);

  await page.goto('/admin/contacts?view=book&name=nobody-is-called-so&status=USER');
  await expect(page.getByText('No contact matches')).toBeVisible();
  await page.getByRole('main').getByRole('button', { name: 'Clear all' }).last().click();
  await expect(rows(page).first()).toBeVisible();
  await expect(chips(page)).toHaveCount(0);
  // A search that cannot be is told, and can still be cleared.
  await page.goto('/admin/contacts?view=book&group=0197c1f0-0000-7000-8000-000000000001');
  await expect(page.getByRole('alert')).toBeVisible();
  await page.getByRole('button', { name: 'Clear all' }).click();
  await expect(rows(page).first()).toBeVisible();
});
