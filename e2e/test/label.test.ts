import { expect, expectAccessible, test } from '../world.ts';

// T-63, T-64, S-54, S-55, P-23: a manager adds a label set of the site's own with a name, whom it is for, and
// labels one by one, each with a name and a colour; they have an order, and are archived when in use.
test('a label set from nothing', async ({ staff }) => {
  const { page } = staff;
  await page.goto('/admin/settings/labels');
  await page.getByRole('button', { name: 'Add label set' }).first().click();
  const form = page.getByRole('dialog', { name: 'Add label set' });
  await form.getByRole('textbox', { name: 'Name', exact: true }).fill('Pitch');
  await form.getByRole('checkbox', { name: 'Organizations' }).uncheck();
  await expect(form.getByRole('checkbox', { name: 'Buyers' })).toBeChecked();
  await form.getByRole('checkbox', { name: 'Members' }).check();
  await form.getByLabel('One label a contact').check();
  for (const [index, name] of ['Alto', 'Tenor', 'Bass'].entries()) {
    await form.getByRole('button', { name: 'Add label', exact: true }).click();
    await form.getByLabel(`Name of label ${index + 1}`).fill(name);
  }
  await form.getByRole('button', { name: 'Colour of Alto' }).click();
  await page.getByRole('radio', { name: 'Purple' }).check();
  await form.getByRole('button', { name: 'Colour of Alto' }).click();
  await form.getByRole('button', { name: 'Move Bass up' }).click();
  await expectAccessible(page);
  await form.getByRole('button', { name: 'Create' }).click();

  const row = page.getByRole('list', { name: 'Label sets' }).getByRole('listitem').filter({ hasText: 'Pitch' });
  await expect(row).toContainText('People · Buyers, Members · one a contact');
  await expectAccessible(page);
  const { labelSets } = await staff.graphql<{ labelSets: { id: string; name: string; kinds: string[]; audiences: string[]; exclusive: boolean; labels: { name: string; color: string }[] }[] }>(
    '{ labelSets { id name kinds audiences exclusive labels { name color } } }');
  const made = labelSets.find(({ name }) => name === 'Pitch');
  expect(made).toMatchObject({ kinds: ['PERSON'], audiences: ['BUYER', 'MEMBER'], exclusive: true });
  expect(made?.labels.map(({ name }) => name)).toEqual(['Alto', 'Bass', 'Tenor']);
  expect(made?.labels[0]?.color).toBe('#9257c2');

  await row.getByRole('button', { name: /^Archive/ }).click();
  await expect(page.getByRole('list', { name: 'Archived label sets' }).getByRole('listitem').filter({ hasText: 'Pitch' })).toBeVisible();
});

// T-62, T-65, S-53, S-55: staff give a label on the contact's page and take it; in an exclusive set another takes
// its place; a company is not offered a set for people; and no visitor reads any of it.
test('labels on a contact', async ({ staff, carnet, request }) => {
  const { page } = staff;
  const made = await staff.graphql<{ p: { person: { id: string } }; o: { organization: { id: string } } }>(`mutation {
    p: createPerson(input: {firstName: "Liv", lastName: "Labelsen"}) { person { id } errors { code } }
    o: createOrganization(input: {name: "Labelsen AS"}) { organization { id } errors { code } }
    s: createLabelSet(input: {name: "Part", kinds: [PERSON], exclusive: true, labels: [{name: "First part", color: "#9257c2"}, {name: "Second part", color: "#2f86c9"}]}) { labelSet { id } errors { code } }
  }`);
  const id = made.p.person.id;
  await page.goto(`/admin/contacts/${id}/marketing`);
  const part = page.getByRole('region', { name: 'Part', exact: true });
  await part.getByRole('button', { name: 'Give' }).click();
  await page.getByRole('menuitem', { name: 'First part' }).click();
  await expect(part.getByText('First part')).toBeVisible();
  await part.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('menuitem', { name: 'Second part' }).click();
  await expect(part.getByText('Second part')).toBeVisible();
  await expect(part.getByText('First part')).toBeHidden();
  await expectAccessible(page);
  const labels = async () => (await staff.graphql<{ contact: { labels: { name: string }[] } }>('query($id: ID!) { contact(id: $id) { labels { name } } }', { id })).contact.labels;
  expect(await labels()).toEqual([{ name: 'Second part' }]);

  const answer = await request.post(`${carnet.url}/graphql`, { headers: { 'Carnet-Site': carnet.site }, data: { query: '{ labelSets { name } }' } });
  expect(await answer.text()).not.toContain('Part');

  await part.getByRole('button', { name: 'Take Second part' }).click();
  await expect(part.getByText('None')).toBeVisible();
  expect(await labels()).toEqual([]);

  await page.goto(`/admin/contacts/${made.o.organization.id}/marketing`);
  await expect(page.getByRole('region', { name: 'Groups' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Part', exact: true })).toHaveCount(0);
});
