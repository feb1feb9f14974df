import { expect, test } from '../world.ts';

const contactManagement = 'Enable contact management';

// T-13, T-14, T-15, T-16, T-18
test('contact management is switched off and on, at Save and not before', async ({ staff, visit }) => {
  await staff.settings({}, { contactManagement: true });
  const admin = staff.page;
  const managed = async () => (await staff.graphql<{ site: { contactManagement: boolean } }>('{ site { contactManagement } }')).site.contactManagement;
  const menu = admin.getByRole('navigation', { name: 'Main menu' });

  await admin.goto('/admin/settings');
  await expect(menu.getByRole('link', { name: 'All contacts' })).toBeVisible();
  await admin.getByRole('switch', { name: contactManagement }).setChecked(false);
  await expect(admin.getByRole('region', { name: 'Unsaved changes' })).toBeVisible();
  // Not saved, nothing has changed: not here, not on the calendar.
  await expect(menu.getByRole('link', { name: 'All contacts' })).toBeVisible();
  expect(await managed()).toBe(true);
  const early = await visit('/?lang=en');
  await expect(early.locator('carnet-login').getByLabel('E-mail')).toBeVisible();
  await admin.getByRole('button', { name: 'Discard' }).click();
  await expect(admin.getByRole('switch', { name: contactManagement })).toBeChecked();

  await admin.getByRole('switch', { name: contactManagement }).setChecked(false);
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(menu.getByRole('link', { name: 'All contacts' })).toHaveCount(0);
  await expect(menu.getByRole('group', { name: 'Contacts' })).toHaveCount(0);
  expect(await managed()).toBe(false);
  await admin.goto('/admin/contacts');
  await expect(admin.getByRole('switch', { name: contactManagement })).not.toBeChecked(); // the way leads to the switch

  // No login and no registration on the calendar.
  const late = await visit('/?lang=en');
  await expect(late.locator('carnet-login')).toContainText('Sign-in is not open here.');
  await late.goto('/register?lang=en');
  await expect(late.locator('carnet-registration')).toContainText('Registration is not open here.');
  await expect(late.locator('carnet-registration').getByRole('textbox')).toHaveCount(0);

  await admin.getByRole('switch', { name: contactManagement }).setChecked(true);
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(menu.getByRole('group', { name: 'Contacts' })).toBeVisible();
  const again = await visit('/?lang=en');
  await expect(again.locator('carnet-login').getByLabel('E-mail')).toBeVisible();
});

// P-22
test('the mail about messages in accounts is switched off and on', async ({ staff }) => {
  const admin = staff.page;
  const mails = async () => (await staff.graphql<{ site: { inboxMail: boolean } }>('{ site { inboxMail } }')).site.inboxMail;
  expect(await mails()).toBe(true);
  await admin.goto('/admin/settings');
  for (const on of [false, true]) {
    await admin.getByRole('switch', { name: 'Mail about messages in accounts' }).setChecked(on);
    await admin.getByRole('button', { name: 'Save' }).click();
    await expect.poll(mails).toBe(on);
  }
});

test('the admin speaks English, French and Norwegian', async ({ staff }) => {
  const admin = staff.page;
  await admin.goto('/admin/segments');
  await expect(admin.getByRole('heading', { name: 'Segments', level: 1 })).toBeVisible();
  for (const [language, title] of [['Français', 'Segments'], ['Norsk bokmål', 'Segmenter'], ['English', 'Segments']] as const) {
    await admin.getByRole('button', { name: /Ada Owner/ }).click();
    await admin.getByRole('dialog').getByRole('combobox').selectOption(language);
    await admin.keyboard.press('Escape');
    await expect(admin.getByRole('heading', { name: title, level: 1 })).toBeVisible();
    await expect(admin.locator('html')).toHaveAttribute('lang', { Français: 'fr', 'Norsk bokmål': 'nb', English: 'en' }[language]);
  }
});

test('staff sign in and out by the page, and are told when it is wrong', async ({ carnet, browser }) => {
  const page = await browser.newPage({ baseURL: carnet.url });
  await page.goto('/admin/segments');
  await page.getByLabel('E-mail').fill(carnet.owner.email);
  await page.getByLabel('Password', { exact: true }).fill('guess');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('E-mail or password is wrong.')).toBeVisible();
  await page.getByLabel('Password', { exact: true }).fill(carnet.owner.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Segments', level: 1 })).toBeVisible(); // where one wanted to go
  await page.getByRole('button', { name: /Ada Owner/ }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
  await page.goto('/admin/contacts');
  await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
  await page.context().close();
});
