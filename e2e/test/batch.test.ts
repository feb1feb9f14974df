import { readFile } from 'node:fs/promises';
import { expect, expectAccessible, test, type Staff } from '../world.ts';

/** Three persons and a company that a search for `name` finds, and what they can be given. */
async function club(staff: Staff, name: string) {
  const made = await staff.graphql<Record<string, { person?: { id: string }; organization?: { id: string }; group?: { id: string } }>>(`mutation {
    a: createPerson(input: {firstName: "Anna", lastName: "${name}"}) { person { id } errors { code } }
    b: createPerson(input: {firstName: "Bo", lastName: "${name}"}) { person { id } errors { code } }
    c: createPerson(input: {firstName: "Cato", lastName: "${name}"}) { person { id } errors { code } }
    o: createOrganization(input: {name: "${name} AS"}) { organization { id } errors { code } }
    g: createGroup(input: {name: "Choir of ${name}"}) { group { id } errors { code } }
    l: createLabelSet(input: {name: "Voice of ${name}", kinds: [PERSON], labels: [{name: "Alto ${name}", color: "#9257c2"}]}) { labelSet { id } errors { code } }
  }`);
  return { persons: ['a', 'b', 'c'].map((key) => made[key]?.person?.id ?? ''), firm: made['o']?.organization?.id ?? '' };
}

const state = `... on Person { title } color groups { name } labels { name } deletedAt`;
interface State { title?: string; color: string; groups: { name: string }[]; labels: { name: string }[]; deletedAt: string | null }
const read = async (staff: Staff, id: string) => (await staff.graphql<{ contact: State }>(`query($id: ID!) { contact(id: $id) { ${state} } }`, { id })).contact;

/** Opens what can be done to all that the list shows, and chooses an action. */
async function choose({ page }: Staff, action: string) {
  await page.getByLabel('Select all loaded contacts').check();
  await page.getByRole('region', { name: 'Selected contacts' }).getByRole('button', { name: 'Change…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change these contacts' });
  await dialog.getByRole('combobox', { name: 'Action' }).click();
  await page.getByRole('option', { name: action }).click();
  return dialog;
}

// P-16, P-20, T-33, G-04: several contacts are selected and edited at once. First it is shown what would
// change and whom it cannot be done to, and nothing is written; then it is done, each failure is told, and
// it stands among the past batches.
test('a grouped edit, tried first', async ({ staff }) => {
  const { page } = staff;
  const { persons } = await club(staff, 'Editsen');
  await page.goto('/admin/contacts?q=Editsen');
  const dialog = await choose(staff, 'Set attributes');
  await dialog.getByRole('combobox', { name: 'Attribute' }).click();
  await page.getByRole('option', { name: 'Title', exact: true }).click();
  await dialog.getByLabel('New value').fill('Maestro');
  await dialog.getByRole('button', { name: 'Preview' }).click();

  await expect(dialog.getByText('nothing has been changed yet')).toBeVisible();
  const samples = dialog.getByRole('region', { name: 'What would change' });
  await expect(samples.getByRole('listitem')).toHaveCount(3);
  await expect(samples.getByRole('listitem').first()).toContainText('Maestro');
  await expect(dialog.getByRole('region', { name: 'Cannot be changed' }).getByRole('listitem')).toContainText('Editsen AS');
  expect((await read(staff, persons[0] ?? '')).title).toBe('');
  await expectAccessible(page);

  await dialog.getByRole('button', { name: 'Change 3 contacts' }).click();
  await expect(dialog.getByRole('region', { name: 'Could not be changed' }).getByRole('listitem')).toContainText('Editsen AS');
  for (const id of persons) expect((await read(staff, id)).title).toBe('Maestro');

  await dialog.getByRole('link', { name: 'Show this batch' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Set attributes' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Could not be changed' }).getByRole('link', { name: 'Editsen AS' })).toBeVisible();
  await page.goto('/admin/batches');
  const row = page.getByRole('table', { name: 'Batches' }).getByRole('row').nth(1);
  await expect(row).toContainText('Set attributes');
  await expect(row).toContainText('Done');
});

// P-17, P-18, T-34, T-65, P-23, P-24: the selection joins a group, gets a colour and a label; each shows on the record.
test('group, colour and label of a selection', async ({ staff }) => {
  const { page } = staff;
  const { persons, firm } = await club(staff, 'Sortsen');
  await page.goto('/admin/contacts?q=Sortsen');

  let dialog = await choose(staff, 'Join or leave groups');
  await dialog.getByRole('combobox', { name: 'Join' }).click();
  await page.getByRole('option', { name: 'Choir of Sortsen' }).click();
  await page.keyboard.press('Escape'); // the list stays open for more, and the dialog under it too
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await dialog.getByRole('button', { name: 'Change 4 contacts' }).click();
  await expect(dialog.getByText('Done')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  dialog = await choose(staff, 'Set the colour');
  await expect(dialog.getByRole('radio', { checked: true }), 'no colour is a choice too').toHaveCount(0);
  await dialog.getByRole('radio', { name: 'Purple' }).check();
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await expect(dialog.getByRole('region', { name: 'What would change' }).getByRole('listitem').first()).toContainText('Purple');
  await dialog.getByRole('button', { name: 'Change 4 contacts' }).click();
  await expect(dialog.getByText('Done')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();

  dialog = await choose(staff, 'Give or take labels');
  await dialog.getByRole('combobox', { name: 'Give' }).click();
  await page.getByRole('option', { name: 'Alto Sortsen' }).click();
  await page.keyboard.press('Escape');
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await expect(dialog.getByRole('region', { name: 'Cannot be changed' })).toContainText('Sortsen AS');
  await dialog.getByRole('button', { name: 'Change 3 contacts' }).click();
  await expect(dialog.getByText('Done')).toBeVisible();

  for (const id of persons) {
    expect(await read(staff, id)).toMatchObject({ color: '#9257c2', groups: [{ name: 'Choir of Sortsen' }], labels: [{ name: 'Alto Sortsen' }] });
  }
  expect(await read(staff, firm)).toMatchObject({ color: '#9257c2', groups: [{ name: 'Choir of Sortsen' }], labels: [] });
});

// T-35, T-36: the selected contacts, and only these, download as a CSV file.
test('the selection as a CSV file', async ({ staff }) => {
  const { page } = staff;
  await club(staff, 'Fileson');
  await page.goto('/admin/contacts?q=Fileson');
  await page.getByLabel('Select Anna Fileson').or(page.getByLabel('Select Fileson Anna')).check();
  await page.getByLabel('Select Fileson AS').check();
  await page.getByRole('region', { name: 'Selected contacts' }).getByRole('button', { name: 'Export' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('dialog').getByRole('button', { name: 'Download' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/\.csv$/);
  const lines = (await readFile(await file.path(), 'utf8')).trim().split(/\r?\n/);
  expect(lines).toHaveLength(3);
  expect(lines.join('\n')).toContain('Anna');
  expect(lines.join('\n')).toContain('Fileson AS');
  expect(lines.join('\n')).not.toContain('Cato');
  await page.goto('/admin/batches');
  await expect(page.getByRole('heading', { level: 1, name: 'Batches' })).toBeVisible();
  await expectAccessible(page);
});

// P-20, P-03, G-04: further actions of the registry: a consent for all members of a segment; the trash.
test('a segment agrees, a selection goes', async ({ staff }) => {
  const { page } = staff;
  const { persons } = await club(staff, 'Agreesen');
  const { s } = await staff.graphql<{ s: { segment: { id: string } } }>(`mutation {
    s: createSegment(input: {name: "All of Agreesen", rule: {text: {column: LAST_NAME, op: EQUALS, value: "Agreesen"}}}) { segment { id } errors { code } }
  }`);
  await page.goto(`/admin/segments/${s.segment.id}`);
  await page.getByRole('button', { name: 'Change…' }).click();
  let dialog = page.getByRole('dialog', { name: 'Change these contacts' });
  await dialog.getByRole('combobox', { name: 'Action' }).click();
  await page.getByRole('option', { name: 'Record consent' }).click();
  await dialog.getByRole('radio', { name: 'They agreed' }).check();
  await dialog.getByLabel('Note').fill('On the form at the door');
  await dialog.getByRole('button', { name: 'Preview' }).hover(); // it has its colours once it is there to press
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await dialog.getByRole('button', { name: 'Change 3 contacts' }).click();
  await expect(dialog.getByText('Done')).toBeVisible();
  const { contact } = await staff.graphql<{ contact: { consents: { channel: string; state: string }[] } }>('query($id: ID!) { contact(id: $id) { consents { channel state } } }', { id: persons[0] });
  expect(contact.consents).toEqual(['EMAIL', 'SMS', 'POST', 'PHONE'].map((channel) => ({ channel, state: 'GIVEN' })));

  await page.goto('/admin/contacts?q=Agreesen');
  dialog = await choose(staff, 'Move to trash');
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await dialog.getByRole('button', { name: 'Change 4 contacts' }).click();
  await expect(dialog.getByText('Done')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText('No contact matches')).toBeVisible();
  expect((await read(staff, persons[0] ?? '')).deletedAt).not.toBeNull();
});
