import { expect, expectAccessible, newPerson, test } from '../world.ts';

const colorOf = (element: Element, what: string) => getComputedStyle(element).getPropertyValue(what);

// D-05
test('a look is edited beside the real widget, refused while it cannot be read, and then seen on the calendar', async ({ staff, visit }) => {
  await staff.settings({ theme: [] }, { theme: [] });
  const admin = staff.page;
  await admin.goto('/admin/embed');
  await admin.getByRole('link', { name: 'Look' }).click();
  const frame = admin.frameLocator('iframe');
  const button = frame.locator('carnet-login').getByRole('button', { name: 'Sign in', exact: true });
  await expect(button).toBeVisible();

  // Too faint: told with its contrast, and with a colour to take.
  const hints = admin.getByRole('group', { name: 'Hints' });
  await hints.getByRole('textbox', { name: 'Hints, Light' }).fill('#aaaaaa');
  await expect(hints.getByRole('status')).toContainText('Light: 2.32:1 on Card, at least 4.5:1 is needed.');
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByRole('alert')).toContainText('One pair of colours cannot be read');
  await hints.getByRole('button', { name: /^Take #/ }).click();
  await expect(hints.getByRole('status')).toHaveCount(0);

  // What is edited is seen at once.
  await admin.getByRole('textbox', { name: 'Accent, Light', exact: true }).fill('#7a1f5c');
  await expect.poll(() => button.evaluate(colorOf, 'background-color')).toBe('rgb(122, 31, 92)');
  await admin.getByLabel('Card’s corners').fill('2px');
  await expect.poll(() => frame.locator('carnet-login .card').evaluate(colorOf, 'border-top-left-radius')).toBe('2px');
  await admin.getByLabel('Buttons’ corners').fill('5px');
  await admin.getByLabel('Font families').fill('x;y');
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('Up to eight names with a comma')).toBeVisible();
  await admin.getByLabel('Font families').fill('Georgia, serif');
  await expectAccessible(admin);
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('Saved')).toBeVisible();

  // The preview speaks and dresses as one asks.
  await admin.getByRole('region', { name: 'Live preview' }).getByText('Dark', { exact: true }).click();
  await expect.poll(() => frame.locator('carnet-login .card').evaluate(colorOf, 'background-color')).toBe('rgb(24, 26, 31)');

  const page = await visit('/?lang=en');
  const seen = page.locator('carnet-login');
  await expect(seen.getByLabel('E-mail')).toBeVisible();
  expect(await seen.getByRole('button', { name: 'Sign in', exact: true }).evaluate(colorOf, 'border-top-left-radius')).toBe('5px');
  expect(await seen.locator('.card').evaluate(colorOf, 'border-top-left-radius')).toBe('14px'); // the demo's own, which wins
  expect(await seen.evaluate(colorOf, 'font-family')).toBe('Georgia, serif');
});

// The preview is the real widget on real questions, and sends nothing.
test('who registers in the preview has no account, no mail and no contact', async ({ staff }) => {
  const admin = staff.page;
  const person = newPerson();
  const count = async () => (await staff.graphql<{ site: { contactCount: number } }>('{ site { contactCount } }')).site.contactCount;
  const before = await count();
  await admin.goto('/admin/embed/look');
  for (const [widget, tag] of [['Registration', 'carnet-registration'], ['Login', 'carnet-login'], ['My account', 'carnet-account'], ['Checkout', 'carnet-checkout'], ['My messages', 'carnet-preferences']] as const) {
    await admin.getByRole('combobox', { name: 'Widget' }).click();
    await admin.getByRole('option', { name: widget, exact: true }).click();
    await expect(admin.frameLocator('iframe').locator(tag).getByLabel('E-mail').first()).toBeVisible();
  }
  await admin.getByRole('combobox', { name: 'Widget' }).click();
  await admin.getByRole('option', { name: 'Login', exact: true }).click();
  const login = admin.frameLocator('iframe').locator('carnet-login');
  await login.getByLabel('E-mail').fill(person.email);
  await login.getByLabel('Password').fill(person.password);
  await login.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(login).toContainText('This is a preview: nothing is sent.');
  await admin.getByRole('combobox', { name: 'Language' }).click();
  await admin.getByRole('option', { name: 'Français' }).click();
  await expect(login).toContainText('Se connecter');
  const { mails } = await staff.graphql<{ mails: { nodes: { recipient: string }[] } }>('{ mails(first: 50) { nodes { recipient } } }');
  expect(mails.nodes.filter(({ recipient }) => recipient === person.email)).toEqual([]);
  expect(await count()).toBe(before);
});

test('the site’s secret is changed while the old one goes on, and the old one is ended', async ({ carnet, staff }) => {
  const admin = staff.page;
  await carnet.sql('CREATE TABLE secret_before AS SELECT * FROM site_secret'); // the demo's: it sells in other tests
  await admin.goto('/admin/embed/keys');
  const secrets = admin.getByRole('region', { name: 'Site secret' });
  const rows = secrets.getByRole('table').getByRole('row');
  await expect(rows).toHaveCount(2); // with the heading
  await secrets.getByRole('button', { name: 'Make a new secret' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'Make a new secret' }).click();
  const made = (await secrets.getByRole('group', { name: 'New site secret' }).textContent()) ?? '';
  expect(made).toMatch(/^cs_[0-9a-f]{32}_[\w-]{43}$/);
  await expect(rows).toHaveCount(3);
  await expect(rows.nth(1)).toContainText(`…${made.slice(-4)}`);
  await expect(rows.nth(1)).toContainText('Current');
  await expectAccessible(admin);
  await secrets.getByRole('button', { name: /^End now/ }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'End now' }).click();
  await expect(rows).toHaveCount(2);
  const events = admin.getByRole('table', { name: 'What was done' });
  await expect(events).toContainText('Site secret ended');
  await expect(events).toContainText(`New site secret: …${made.slice(-4)}`);
  await admin.reload();
  await expect(rows).toHaveCount(2);
  await expect(admin.getByText(made)).toHaveCount(0); // shown once
  await carnet.sql('DELETE FROM site_secret; INSERT INTO site_secret SELECT * FROM secret_before; DROP TABLE secret_before');
});

test('who must wait is seen, cut short, and can be let go on', async ({ staff, visit }) => {
  const person = { email: `wait.${Date.now()}@limits.example` }; // nobody else is cut short to the same
  const page = await visit('/?lang=en');
  const login = page.locator('carnet-login');
  await login.getByLabel('E-mail').fill(person.email);
  await login.getByLabel('Password').fill('a guess');
  await login.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(login).toContainText('E-mail or password is not right.');

  const admin = staff.page;
  await admin.goto('/admin/embed/limits');
  const short = `${person.email[0]}***@${person.email.split('@')[1]}`;
  const row = admin.getByRole('row', { name: new RegExp(`^${short.replace(/[*.]/g, '\\$&')}.*Passwords of an address`) });
  await expect(row).toContainText('1 of 20');
  await expect(admin.getByText(person.email)).toHaveCount(0);
  await expectAccessible(admin);
  await row.getByRole('button', { name: /^Release/ }).click();
  await expect(row).toHaveCount(0);
  await admin.goto('/admin/embed/keys');
  await expect(admin.getByRole('table', { name: 'What was done' })).toContainText('Tries released: Passwords of an address');
});

// P-03
test('the site words its login itself, and links to what one should know, language by language', async ({ staff, visit }) => {
  await staff.settings({ widgetTexts: [], legalLinks: [] }, { widgetTexts: [], legalLinks: [] });
  const admin = staff.page;
  await admin.goto('/admin/embed/texts');
  await admin.getByText('Français', { exact: true }).click();
  await admin.getByLabel('Login: title').fill('Entrez donc');
  await admin.getByLabel('Login: intro').fill('Bienvenue chez {site} !');
  await admin.getByLabel('Link 1: text').fill('Confidentialité');
  await admin.getByLabel('Link 1: address').fill('hall.example/fr');
  await admin.getByText('English', { exact: true }).click();
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByLabel('Link 1: address')).toHaveAccessibleDescription(/Write a whole https address/); // in its language, which shows again
  await expectAccessible(admin);
  await admin.getByLabel('Link 1: address').fill('https://hall.example/fr');
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('Saved')).toBeVisible();
  const login = (await visit('/?lang=fr')).locator('carnet-login');
  await expect(login.getByRole('heading')).toHaveText('Entrez donc');
  await expect(login).toContainText('Bienvenue chez Fjordlight Hall !');
  await expect((await visit('/?lang=en')).locator('carnet-login').getByRole('heading')).toHaveText('Sign in');
  await expect((await visit('/register?lang=fr')).getByRole('link', { name: 'Confidentialité' })).toHaveAttribute('href', 'https://hall.example/fr');
});
