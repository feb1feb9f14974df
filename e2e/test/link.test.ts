import { expect, expectAccessible, test, type Staff } from '../world.ts';

async function add(staff: Staff, people: Record<string, string>, organizations: Record<string, string>): Promise<Record<string, string>> {
  const made: Record<string, string> = {};
  for (const [firstName, lastName] of Object.entries(people)) {
    const answer = await staff.graphql<{ createPerson: { person: { id: string } } }>('mutation($i: CreatePersonInput!) { createPerson(input: $i) { person { id } errors { code } } }', { i: { firstName, lastName } });
    made[firstName] = answer.createPerson.person.id;
  }
  for (const [key, name] of Object.entries(organizations)) {
    const answer = await staff.graphql<{ createOrganization: { organization: { id: string } } }>('mutation($n: String!) { createOrganization(input: {name: $n}) { organization { id } errors { code } } }', { n: name });
    made[key] = answer.createOrganization.organization.id;
  }
  return made;
}

/** Links the contact whose page is open with another, as the drawer asks. */
async function link({ page }: Staff, as: string, other: string, role = '') {
  await page.getByRole('button', { name: 'Add link' }).first().click();
  const drawer = page.getByRole('dialog', { name: 'Add link' });
  await drawer.getByRole('combobox', { name: 'Link' }).click();
  await page.getByRole('option', { name: as, exact: true }).click();
  await drawer.getByRole('combobox', { name: 'Contact' }).fill(other);
  await page.getByRole('option', { name: new RegExp(`^${other}`, 'i') }).click();
  if (role) await drawer.getByLabel('Role').fill(role);
  await drawer.getByRole('button', { name: 'Add link' }).click();
  await expect(drawer).toBeHidden();
}

// S-16 to S-20, P-11, P-12: a person linked to nobody is a public individual; linked from the page, a child of a
// parent, the relay of one organization and a member of another, with a role in it; the roles stand at the top.
test('a person is linked', async ({ staff }) => {
  const { page } = staff;
  const made = await add(staff, { Kari: 'Linkstad', Ola: 'Linkstad' }, { club: 'Linkstad IL', choir: 'Linkstad Choir' });
  await page.goto(`/admin/contacts/${made['Kari']}/links`);
  await expect(page.getByText('Public individual', { exact: true })).toBeVisible();
  await expect(page.getByText('No links yet')).toBeVisible();

  await link(staff, 'Child of', 'Linkstad Ola');
  await link(staff, 'Relay of', 'Linkstad IL');
  await link(staff, 'Member of', 'Linkstad Choir', 'Treasurer');
  const table = page.getByRole('table', { name: 'Links' });
  await expect(table.getByRole('row').filter({ hasText: 'Linkstad Choir' })).toContainText('Treasurer');
  for (const role of ['Child', 'Relay', 'Member']) await expect(page.getByText(role, { exact: true })).toBeVisible();
  await expect(page.getByText('Public individual', { exact: true })).toBeHidden();
  await expectAccessible(page);

  // What is over gives no role, and stays to be seen.
  await table.getByRole('button', { name: 'Edit the link with Linkstad IL' }).click();
  const drawer = page.getByRole('dialog', { name: 'Edit link' });
  await drawer.getByLabel('Until').fill('2001-05-17');
  await drawer.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Relay', { exact: true })).toBeHidden();
  await expect(table.getByRole('row').filter({ hasText: 'Linkstad IL' })).toContainText('2001');
});

// S-20 to S-22, P-11, P-12, G-29: an organization shows its people, each with a role of their own, gathers their
// histories on its own page, and is a subsidiary of another.
test('an organization gathers its people', async ({ staff }) => {
  const { page } = staff;
  const made = await add(staff, { Liv: 'Samlet', Nils: 'Samlet' }, { section: 'Samlet Ski', club: 'Samlet IL' });
  await page.goto(`/admin/contacts/${made['section']}/links`);
  await expect(page.getByText('Public structure', { exact: true })).toBeVisible();
  await link(staff, 'Has the member', 'Samlet Liv', 'Coach');
  await link(staff, 'Has the member', 'Samlet Nils', 'Treasurer');
  await link(staff, 'Subsidiary of', 'Samlet IL');
  await expect(page.getByText('Subsidiary', { exact: true })).toBeVisible();
  const table = page.getByRole('table', { name: 'Links' });
  await expect(table.getByRole('row').filter({ hasText: 'Samlet Liv' })).toContainText('Coach');
  await expect(table.getByRole('row').filter({ hasText: 'Samlet Nils' })).toContainText('Treasurer');

  await staff.graphql('mutation($id: ID!) { updateContact(input: {id: $id, title: "Dr"}) { errors { code } } }', { id: made['Liv'] });
  await page.goto(`/admin/contacts/${made['section']}/administration`);
  const history = page.getByRole('region', { name: 'History' });
  await expect(history.getByRole('link', { name: 'Samlet Liv' })).toHaveCount(0);
  await history.getByLabel('With its people').check();
  const change = history.getByRole('listitem').filter({ has: page.getByRole('link', { name: 'Samlet Liv' }) }).filter({ hasText: 'Dr' });
  await expect(change).toBeVisible();

  await page.goto(`/admin/contacts/${made['club']}/administration`);
  await history.getByLabel('With its people').check();
  await history.getByLabel('With its subsidiaries').check();
  await expect(change).toBeVisible();
});

// G-07: the site adds a type of link of its own under Lists, and contacts are linked by it.
test('a type of link of the site’s own', async ({ staff }) => {
  const { page } = staff;
  await add(staff, { Tor: 'Trenerson', Una: 'Trenerson' }, {});
  await page.goto('/admin/settings/lists');
  await page.getByRole('button', { name: 'Add type of link' }).click();
  const form = page.getByRole('dialog', { name: 'Add type of link' });
  await form.getByRole('textbox', { name: 'Read from its beginning' }).first().fill('Coach of');
  await form.getByRole('textbox', { name: 'Read from its end' }).first().fill('Coached by');
  await form.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('list', { name: 'Types of link' }).getByRole('listitem').filter({ hasText: 'Coach of' })).toContainText('Coached by');

  await page.getByRole('button', { name: 'Add entry to Functions' }).click();
  const entry = page.getByRole('dialog', { name: 'Add entry' });
  await entry.getByRole('textbox', { name: 'Name' }).first().fill('Head coach');
  await entry.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('list', { name: 'Functions' }).getByRole('listitem').filter({ hasText: 'Head coach' })).toBeVisible();
  await expectAccessible(page);

  const { contacts } = await staff.graphql<{ contacts: { nodes: { id: string }[] } }>('{ contacts(search: "Trenerson, Tor", first: 1) { nodes { id } } }');
  await page.goto(`/admin/contacts/${contacts.nodes[0]?.id}/links`);
  await link(staff, 'Coach of', 'Trenerson Una');
  await expect(page.getByRole('table', { name: 'Links' }).getByRole('row').filter({ hasText: 'Trenerson Una' })).toContainText('Coach of');
});
