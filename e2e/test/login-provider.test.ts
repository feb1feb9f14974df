import { expect, expectAccessible, test } from '../world.ts';

// D-08: each kind asks for what it needs, says where to get it, and shows the address to enter there.
test('a manager adds a provider of a known kind', async ({ carnet, staff }) => {
  const admin = staff.page;
  await admin.goto('/admin/settings/login');
  await admin.getByRole('button', { name: 'Add provider' }).click();
  const form = admin.getByRole('dialog', { name: 'Add provider' });
  const choose = async (name: string) => {
    await form.getByRole('combobox', { name: 'Provider' }).click();
    await admin.getByRole('option', { name, exact: true }).click();
  };
  await choose('GitHub');
  await expect(form.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('github');
  await expect(form.getByLabel('Button text')).toHaveValue('Continue with GitHub');
  await expect(form.getByRole('link', { name: 'Get them from GitHub' })).toHaveAttribute('href', 'https://github.com/settings/developers');
  await expect(form.getByRole('group', { name: 'Redirect address' })).toHaveText(`${carnet.url}/v1/social/callback/${carnet.site}/github`);
  await expect(form.getByLabel('Issuer')).toHaveCount(0);

  await choose('Apple');
  await expect(form.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('apple'); // what nobody typed follows
  await form.getByLabel('Services ID').fill('org.example.calendar');
  await form.getByLabel('Team ID').fill('short');
  await form.getByLabel('Key ID').fill('KEY4567890');
  await form.getByLabel('Private key').fill('not a key');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByLabel('Team ID')).toHaveAccessibleDescription(/Ten capital letters and digits/);
  await expect(form.getByLabel('Private key')).toHaveAccessibleDescription(/Paste the whole \.p8 file/);
  await expect(form.getByLabel('Key ID')).not.toHaveAttribute('aria-invalid', 'true');
  await expectAccessible(admin);

  await choose('Microsoft');
  await expect(form.getByLabel('Whose accounts')).toHaveValue('common');
  await form.getByLabel('Client id').fill('an application');
  await form.getByLabel('Client secret').fill('a secret value');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form).toBeHidden();
  const row = admin.getByRole('row').filter({ hasText: 'Continue with Microsoft' });
  await expect(row.getByRole('cell', { name: 'Microsoft', exact: true })).toBeVisible();

  // The secret stays while the kind does.
  await row.getByRole('button', { name: 'Edit Continue with Microsoft' }).click();
  const edit = admin.getByRole('dialog', { name: 'Edit provider' });
  await expect(edit.getByLabel('Client secret')).toHaveAccessibleDescription(/Leave empty to keep/);
  await edit.getByLabel('Button text').fill('Work account');
  await edit.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByRole('cell', { name: 'Work account', exact: true })).toBeVisible();
  await admin.getByRole('button', { name: 'Remove Work account' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(admin.getByRole('cell', { name: 'Work account', exact: true })).toHaveCount(0);
});
