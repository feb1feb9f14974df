import type { Page } from '@playwright/test';
import { expect, expectAccessible, fillRegistration, newPerson, test } from '../world.ts';

/** Opens Contacts > Settings > Custom fields > + Add field (T-37). */
async function addField(page: Page, label: string) {
  await page.goto('/admin/settings');
  await page.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Custom fields' }).click();
  await page.getByRole('button', { name: '+ Add field' }).first().click();
  const form = page.getByRole('dialog', { name: 'New field' });
  await form.getByRole('textbox', { name: 'Question' }).fill(label);
  return form;
}

const lines = (n: number) => Array.from({ length: n }, (_, i) => `Row ${i + 1}`).join('\n');

// T-37, T-39, T-46, T-47, T-48
test('a dropdown takes its choices one per line, 20 at most', async ({ staff }) => {
  const page = staff.page;
  const form = await addField(page, 'Favourite row');
  await expect(form.getByRole('radio')).toHaveCount(10); // T-39
  for (const type of ['Yes/No', 'Text', 'Checkbox']) {
    await form.getByRole('radio', { name: type, exact: true }).click();
    await expect(form.getByLabel('Add choices')).toHaveCount(0);
  }
  await form.getByRole('radio', { name: 'Dropdown' }).click();
  await form.getByLabel('Add choices').fill(lines(21));
  await form.getByRole('button', { name: 'Create field' }).click();
  await expect(form.getByText('A dropdown holds at most 20 choices.')).toBeVisible();
  await form.getByLabel('Add choices').fill(lines(20));
  await form.getByRole('button', { name: 'Create field' }).click();
  await expect(form).toHaveCount(0);
  await expect(page.getByRole('listitem').filter({ hasText: 'Favourite row' })).toContainText('20 choices');

  // A 21st is refused later too; the field keeps its 20.
  await page.getByRole('button', { name: 'Edit Favourite row' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit field' });
  await edit.getByLabel('Add choices').fill('Row 21');
  await edit.getByRole('button', { name: 'Save' }).click();
  await expect(edit.getByText('A dropdown holds at most 20 choices.')).toBeVisible();
  await edit.getByRole('button', { name: 'Cancel' }).click();
  await page.reload();
  await expect(page.getByRole('listitem').filter({ hasText: 'Favourite row' })).toContainText('20 choices');
});

// T-49, T-50, T-51, T-52, T-55
test('several answers: any number, exactly n, or a range, as the registration form holds them', async ({ staff, visit }) => {
  const page = staff.page;
  for (const [label, mode, fill] of [
    ['Any fruit', 'Several answers, any number', {}],
    ['Exactly two fruits', 'Several answers, an exact number', { Exactly: '2' }],
    ['Two or three fruits', 'Several answers, between two numbers', { 'At least': '2', 'At most': '3' }],
  ] as const) {
    const form = await addField(page, label);
    await form.getByRole('radio', { name: 'Dropdown' }).click();
    await form.getByLabel('Add choices').fill('Apple\nPear\nPlum\nCherry');
    await form.getByRole('combobox', { name: 'How many answers' }).click();
    await page.getByRole('option', { name: mode }).click();
    for (const [name, value] of Object.entries(fill)) await form.getByRole('textbox', { name }).fill(value);
    await form.getByRole('switch', { name: 'Show in registration form' }).setChecked(true);
    await form.getByRole('button', { name: 'Create field' }).click();
    await expect(form).toHaveCount(0);
  }

  const visitor = await visit('/register?lang=en');
  const widget = visitor.locator('carnet-registration');
  const boxes = (name: string) => widget.getByRole('group', { name }).getByRole('checkbox');
  const submit = widget.getByRole('button', { name: 'Create account' });
  for (let i = 0; i < 4; i++) await boxes('Any fruit').nth(i).check();
  for (let i = 0; i < 3; i++) await boxes('Exactly two fruits').nth(i).check();
  await boxes('Two or three fruits').nth(0).check();
  await submit.click();
  await expect(widget.getByRole('group', { name: 'Any fruit' })).not.toContainText('Please pick at');
  await expect(widget.getByRole('group', { name: 'Exactly two fruits' })).toContainText('Please pick at most 2.');
  await expect(widget.getByRole('group', { name: 'Two or three fruits' })).toContainText('Please pick at least 2.');
  await boxes('Exactly two fruits').nth(0).uncheck();
  await boxes('Two or three fruits').nth(1).check();
  await boxes('Two or three fruits').nth(2).check();
  await submit.click();
  await expect(widget.getByRole('group', { name: 'Exactly two fruits' })).not.toContainText('Please pick');
  await expect(widget.getByRole('group', { name: 'Two or three fruits' })).not.toContainText('Please pick');
  await boxes('Two or three fruits').nth(3).check();
  await submit.click();
  await expect(widget.getByRole('group', { name: 'Two or three fruits' })).toContainText('Please pick at most 3.');

  await archive(page, ['Any fruit', 'Exactly two fruits', 'Two or three fruits']);
});

// T-38, T-40, T-41, T-42, T-43, T-44, T-53, T-54, T-55, T-60, T-61
test('yes/no, text and checkbox at registration, and an internal field that only staff see', async ({ staff, visit }) => {
  const page = staff.page;
  const add = async (label: string, type: string, required: boolean, place?: string) => {
    const form = await addField(page, label);
    await form.getByRole('radio', { name: type, exact: true }).click();
    if (place) await form.getByRole('switch', { name: place }).setChecked(true);
    if (required) await form.getByRole('switch', { name: 'Required' }).setChecked(true);
    await form.getByRole('button', { name: 'Create field' }).click();
    await expect(form).toHaveCount(0);
  };
  await add('Do you sing?', 'Yes/No', true, 'Show in registration form');
  await add('What is your voice?', 'Text', false, 'Show in registration form');
  await add('I have read the house rules', 'Checkbox', true, 'Show in registration form');
  await add('Owes us a favour', 'Text', false);
  const row = (label: string) => page.getByRole('listitem').filter({ hasText: label });
  await expect(row('Owes us a favour')).toContainText('Internal only');
  await expect(row('Do you sing?')).toContainText('Registration');

  const visitor = await visit('/register?lang=en');
  const widget = visitor.locator('carnet-registration');
  const sing = widget.getByRole('radiogroup', { name: 'Do you sing?' });
  await expect(sing.getByRole('radio', { checked: true })).toHaveCount(0); // not answered (T-41)
  await expect(widget.getByLabel('What is your voice?')).toBeVisible();
  await expect(widget.getByText('Owes us a favour')).toHaveCount(0);
  await widget.getByRole('button', { name: 'Create account' }).click();
  await expect(sing).toContainText('Please fill this in.');
  await expect(widget.getByRole('checkbox', { name: 'I have read the house rules' })).toHaveAccessibleDescription(/Please tick this box/);
  await expect(widget.getByLabel('What is your voice?')).not.toHaveAccessibleDescription(/Please fill this in/);

  // The flags can be changed once the question exists (T-61): it leaves the form.
  await page.getByRole('button', { name: 'Edit Do you sing?' }).click();
  const edit = page.getByRole('dialog', { name: 'Edit field' });
  await expect(edit.getByRole('radio')).toHaveCount(1); // the type stays
  await expect(edit.getByRole('radio', { name: 'Yes/No' })).toBeDisabled();
  await edit.getByRole('switch', { name: 'Show in registration form' }).setChecked(false);
  await edit.getByRole('button', { name: 'Save' }).click();
  await expect(edit).toHaveCount(0);
  await visitor.reload();
  await expect(widget.getByLabel('What is your voice?')).toBeVisible();
  await expect(widget.getByText('Do you sing?')).toHaveCount(0);

  // Staff see internal fields on a contact's page (T-60).
  const { createPerson } = await staff.graphql<{ createPerson: { person: { id: string } } }>('mutation { createPerson(input: {firstName: "Tove", lastName: "Internal"}) { person { id } errors { code } } }');
  await page.goto(`/admin/contacts/${createPerson.person.id}`);
  await page.getByRole('link', { name: 'Additional information' }).click();
  await expect(page.getByText('Owes us a favour')).toBeVisible();

  await archive(page, ['Do you sing?', 'What is your voice?', 'I have read the house rules', 'Owes us a favour']);
});

// T-39, T-55: each further type defined by staff, answered at registration, and read by staff.
test('numbers, days, phones, addresses, countries and long texts from the form to the record', async ({ staff, visit }) => {
  const page = staff.page;
  const labels = { Number: 'How many seats?', Date: 'Member since', 'Phone number': 'Phone in an emergency', 'Web address': 'Your page', Country: 'Where are you from?', 'Long text': 'Tell us about you' };
  for (const [type, label] of Object.entries(labels)) {
    const form = await addField(page, label);
    await form.getByRole('radio', { name: type, exact: true }).click();
    await form.getByRole('switch', { name: 'Show in registration form' }).setChecked(true);
    await form.getByRole('button', { name: 'Create field' }).click();
    await expect(form).toHaveCount(0);
  }

  const person = newPerson();
  const visitor = await visit('/register?lang=en');
  const widget = visitor.locator('carnet-registration');
  await fillRegistration(widget, person, await staff.fields('onRegistration'));
  const submit = widget.getByRole('button', { name: 'Create account' });
  await widget.getByLabel(labels.Number).fill('a few');
  await widget.getByLabel(labels['Phone number']).fill('+47 1234 5678 9012');
  await submit.click();
  await expect(widget.getByLabel(labels.Number)).toHaveAccessibleDescription(/Please give a number/);
  await expect(widget.getByLabel(labels.Number)).toBeFocused();
  await widget.getByLabel(labels.Number).fill('1 234,5');
  await submit.click(); // only the server knows the numbers of a country
  await expect(widget.getByLabel(labels['Phone number'])).toHaveAccessibleDescription(/Please give a phone number/);
  await widget.getByLabel(labels.Date).fill('2026-02-28');
  await widget.getByLabel(labels['Phone number']).fill('22 33 44 55');
  await widget.getByLabel(labels['Web address']).fill('Example.org/Page');
  await widget.getByLabel(labels.Country).selectOption('Norway');
  await widget.getByLabel(labels['Long text']).fill('one\ntwo');
  await submit.click();
  await widget.getByLabel('Code').fill(await staff.code(person.email));
  await widget.getByRole('button', { name: 'Confirm' }).click();
  await expect(widget.getByRole('heading', { name: `Welcome, ${person.firstName}` })).toBeVisible();

  const { contacts } = await staff.graphql<{ contacts: { nodes: { id: string }[] } }>('query($t: String!) { contacts(search: $t) { nodes { id } } }', { t: person.email });
  await page.goto(`/admin/contacts/${contacts.nodes[0]?.id}`);
  await page.getByRole('link', { name: 'Additional information' }).click();
  await expect(page.getByLabel(labels.Number)).toHaveValue('1234.5');
  await expect(page.getByLabel(labels.Date)).toHaveValue('2026-02-28');
  await expect(page.getByLabel(labels['Phone number'])).toHaveValue('+4722334455');
  await expect(page.getByRole('textbox', { name: labels['Web address'] })).toHaveValue('https://example.org/Page');
  await expect(page.getByRole('link', { name: `Open ${labels['Web address']}` })).toHaveAttribute('href', 'https://example.org/Page');
  await expect(page.getByRole('combobox', { name: labels.Country })).toHaveValue('Norway');
  await expect(page.getByLabel(labels['Long text'])).toHaveValue('one\ntwo');
  await page.getByLabel(labels.Number).fill('7');
  await page.getByRole('button', { name: 'Save changes' }).or(page.getByRole('button', { name: 'Save', exact: true })).click();
  await expect(page.getByText('Saved.')).toBeVisible();

  // A rule by a range of numbers finds the contact, typed as any rule is.
  await page.goto('/admin/segments/new');
  await page.getByRole('button', { name: 'Add condition' }).click();
  await page.getByRole('combobox', { name: 'What to compare' }).last().click();
  await page.getByRole('option', { name: labels.Number }).click();
  await page.getByRole('textbox', { name: 'From', exact: true }).fill('6.5');
  await page.getByRole('textbox', { name: 'To', exact: true }).fill('7');
  await expect(page.getByRole('complementary', { name: 'Who is in it now' })).toContainText(/^1/);

  await archive(page, Object.values(labels));
});

// A question that is shown only if another is answered so: written by staff as a sentence, and held by the form as one types.
test('a question is shown only if another is answered so', async ({ staff, visit }) => {
  const page = staff.page;
  const ask = async (label: string, type: string) => {
    const form = await addField(page, label);
    await form.getByRole('radio', { name: type, exact: true }).click();
    await form.getByRole('switch', { name: 'Show in registration form' }).setChecked(true);
    return form;
  };
  const create = async (form: Awaited<ReturnType<typeof ask>>) => {
    await form.getByRole('button', { name: 'Create field' }).click();
    await expect(form).toHaveCount(0);
  };
  await create(await ask('Are you a member?', 'Yes/No'));
  const form = await ask('Since when?', 'Date');
  await form.getByRole('switch', { name: 'Required' }).setChecked(true);
  await form.getByRole('button', { name: 'Show only if …' }).click();
  const condition = form.getByRole('group', { name: 'Condition 1' });
  await condition.getByRole('combobox', { name: 'Another question' }).click();
  await page.getByRole('option', { name: 'Are you a member?' }).click();
  await expect(condition.getByRole('combobox', { name: 'How to compare' })).toHaveValue('is');
  await condition.getByRole('combobox', { name: 'Answer' }).click();
  await page.getByRole('option', { name: 'Yes', exact: true }).click();
  await expectAccessible(page);
  await create(form);
  await expect(page.getByRole('listitem').filter({ hasText: 'Since when?' })).toContainText('Conditional');
  await page.getByRole('button', { name: 'Archive Are you a member?' }).click();
  await expect(page.getByText('Another question is asked only for certain answers to this one.')).toBeVisible();

  const person = newPerson();
  const visitor = await visit('/register?lang=en');
  const widget = visitor.locator('carnet-registration');
  await fillRegistration(widget, person, (await staff.fields('onRegistration')).filter(({ type }) => type === 'CHECKBOX'));
  const since = widget.getByLabel('Since when?');
  await expect(widget.getByText('Are you a member?')).toBeVisible();
  await expect(since).toBeHidden();
  await widget.getByRole('radio', { name: 'Yes' }).check();
  await expect(since).toBeVisible();
  await widget.getByRole('button', { name: 'Create account' }).click();
  await expect(since).toHaveAccessibleDescription(/Please fill this in/);
  await widget.getByRole('radio', { name: 'No' }).check();
  await expect(since).toBeHidden();
  await widget.getByRole('button', { name: 'Create account' }).click();
  await expect(widget.getByLabel('Code')).toBeVisible();

  await archive(page, ['Since when?', 'Are you a member?']);
});

/** Takes questions out of the forms, so that other tests do not meet them. */
async function archive(page: Page, labels: string[]): Promise<void> {
  await page.goto('/admin/settings/fields');
  for (const label of labels) {
    await page.getByRole('button', { name: `Archive ${label}` }).click();
    await expect(page.getByRole('button', { name: `Bring back ${label}` })).toBeVisible();
  }
}
