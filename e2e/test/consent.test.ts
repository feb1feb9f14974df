import { expect, expectAccessible, fillRegistration, newPerson, test, type Staff, type Visit } from '../world.ts';

/** Signs a new person up, with the box about being contacted ticked or not. */
async function signUp(visit: Visit, staff: Staff, agrees: boolean) {
  const person = newPerson();
  const page = await visit('/register?lang=en');
  const widget = page.locator('carnet-registration');
  await fillRegistration(widget, person, await staff.fields('onRegistration'));
  await widget.getByRole('checkbox', { name: /may contact me with news and offers/ }).setChecked(agrees);
  await widget.getByRole('button', { name: 'Create account' }).click();
  await widget.getByLabel('Code').fill(await staff.code(person.email));
  await widget.getByRole('button', { name: 'Confirm' }).click();
  await expect(widget.getByRole('heading', { name: `Welcome, ${person.firstName}` })).toBeVisible();
  return person;
}

// P-03, G-25, G-31
test('under the policy of consent only who ticks the box is in the book', async ({ staff, visit }) => {
  await staff.settings({}, { consentPolicy: 'INTERACTION' });
  const admin = staff.page;
  await admin.goto('/admin/settings/consent');
  await admin.getByRole('radio', { name: 'Only those who agree to be contacted' }).check();
  await expect(admin.getByText(/Saving takes [\d,]+ contacts out of the default view/)).toBeVisible();
  await expectAccessible(admin);
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText(/contacts were listed or unlisted/)).toBeVisible();

  const silent = await signUp(visit, staff, false);
  const willing = await signUp(visit, staff, true);
  const row = (name: string) => admin.getByRole('link', { name: new RegExp(name, 'i') });
  const view = (name: string) => admin.getByRole('radiogroup', { name: 'View' }).getByText(name);
  await admin.goto('/admin/contacts?q=Ålesund');
  await expect(row(willing.lastName)).toBeVisible();
  await expect(row(silent.lastName)).toHaveCount(0);
  await view('Everyone').click();
  await expect(row(silent.lastName)).toBeVisible();
  await expect(admin).toHaveURL(/view=everyone/);
  await view('Contactable').click();
  await expect(row(silent.lastName)).toHaveCount(0);
  await expect(row(willing.lastName)).toBeVisible();

  // The ledger shows what was shown; a withdrawal takes the contact out of the book.
  await row(willing.lastName).click();
  await expect(admin).toHaveURL(/\/contacts\/[0-9a-f-]{36}$/);
  await admin.goto(`${admin.url()}/marketing`);
  const ledger = admin.getByRole('table', { name: 'Consent ledger' });
  await expect(ledger).toContainText('Version 1 (en)');
  await expect(ledger).toContainText('Registration');
  await admin.getByRole('button', { name: 'Withdraw consent' }).click();
  await admin.getByRole('dialog').getByLabel('Note').fill('said so on the phone');
  await admin.getByRole('dialog').getByRole('button', { name: 'Withdraw consent' }).click();
  await expect(ledger).toContainText('said so on the phone');
  await admin.goto('/admin/contacts?q=Ålesund');
  await expect(admin.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(row(willing.lastName)).toHaveCount(0);
});

// P-03: what people are asked for has a name and words in each language, says what it does, and is put away when it is not asked for any more.
test('staff add a purpose, name it in each language, and put it away', async ({ staff }) => {
  const admin = staff.page;
  const code = `letter_${Date.now()}`;
  await admin.goto('/admin/settings/consent');
  await admin.getByRole('button', { name: 'Add purpose' }).click();
  const drawer = admin.getByRole('dialog');
  await drawer.getByLabel('Code').fill(code);
  await drawer.getByLabel('Name').first().fill(`Letter ${code}`);
  await drawer.getByText('Translations').click();
  await drawer.getByRole('group', { name: 'Français' }).getByLabel('Name').fill(`Lettre ${code}`);
  await drawer.getByLabel('English').fill('{site} may write to me.');
  await drawer.getByRole('switch', { name: 'Measure opens and clicks' }).check({ force: true });
  await drawer.getByRole('button', { name: 'Save' }).click();
  const purpose = admin.getByRole('region', { name: `Letter ${code}` });
  await expect(purpose).toContainText('Fjordlight Hall may write to me.');
  await expect(purpose).toContainText('Opens and clicks are measured');
  await expect(purpose).toContainText(/FrenchNot worded/);
  await expectAccessible(admin);
  const { consentPurposes } = await staff.graphql<{ consentPurposes: { code: string; translations: unknown }[] }>('{ consentPurposes { code translations } }');
  expect(consentPurposes.find((one) => one.code === code)?.translations).toEqual({ fr: { name: `Lettre ${code}` } });

  const put = async () => {
    await admin.getByRole('button', { name: `Archive Letter ${code}` }).click();
    await admin.getByRole('dialog', { name: `Archive Letter ${code}?` }).getByRole('button', { name: 'Archive' }).click();
    await expect(admin.getByText('Archived (1)')).toBeVisible();
  };
  await put();
  await admin.getByText('Archived (1)').click();
  await admin.getByRole('button', { name: `Bring back Letter ${code}` }).click();
  await put();
});
