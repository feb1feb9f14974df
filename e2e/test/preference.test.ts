/** What people set of the messages they get: by the link of a message, in the widget, and confirmed by a mail. */
import { test } from '../post.ts';
import { expect, expectAccessible, fillRegistration, newPerson } from '../world.ts';

// P-02, P-03, P-22
test('a purpose asks to be confirmed: the page of a message’s link and the widget leave it pending until the button in a mail is pressed', async ({ staff, post, carnet, visit, browser }) => {
  const { page } = staff;
  const { consentPurposes: [contact] } = await staff.graphql<{ consentPurposes: { id: string }[] }>('{ consentPurposes { id } }');
  const { createPerson: { person: { id } } } = await staff.graphql<{ createPerson: { person: { id: string } } }>(
    'mutation($input: CreatePersonInput!) { createPerson(input: $input) { person { id } errors { code message } } }', { input: { firstName: 'Frida', lastName: 'Chooser', email: 'frida@mail.example' } });
  await staff.graphql('mutation($input: RecordConsentInput!) { recordConsent(input: $input) { errors { code message } } }', { input: { contactId: id, channel: 'EMAIL', state: 'GIVEN' } });
  const { saveCampaign: { campaign } } = await staff.graphql<{ saveCampaign: { campaign: { id: string; version: number } } }>(
    'mutation($input: SaveCampaignInput!) { saveCampaign(input: $input) { campaign { id version } errors { code message } } }',
    { input: { name: 'To choose', purposeId: contact?.id, target: { contactIds: [id] }, texts: [{ language: 'en', subject: 'News', body: 'News.' }] } });
  await staff.graphql('mutation($input: SendCampaignInput!) { sendCampaign(input: $input) { errors { code message } } }', { input: campaign });

  // Staff turn it on.
  await page.goto('/admin/settings/consent');
  await page.getByRole('button', { name: 'Edit Contact' }).click();
  const drawer = page.getByRole('dialog');
  await drawer.getByRole('switch', { name: 'Confirm by mail' }).check({ force: true });
  await expectAccessible(page);
  await drawer.getByRole('button', { name: 'Save' }).click();
  await expect(drawer).toHaveCount(0);

  // The page behind the link of a message: no login, no script.
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  const reader = await context.newPage();
  await reader.goto(await post.find('frida@mail.example', new RegExp(`${carnet.url}/v1/preferences/[\\w.-]+`)));
  const letters = reader.getByRole('group', { name: 'Contact' });
  await expect(letters.getByRole('checkbox', { name: 'E-mail' })).toBeChecked();
  await expect(reader.getByText('f•••@m•••.example')).toBeVisible();
  await letters.getByRole('checkbox', { name: 'SMS' }).check();
  await reader.getByRole('button', { name: 'Save' }).click();
  await expect(reader.getByRole('status')).toContainText('press the button in it');
  await expect(letters.getByRole('checkbox', { name: 'SMS (to be confirmed)' })).toBeChecked();

  // Staff see what waits.
  await page.goto(`/admin/contacts/${id}/marketing`);
  const consents = page.getByRole('table', { name: 'Consent', exact: true });
  await expect(consents).toContainText('To be confirmed');
  await expectAccessible(page);

  // One click in the mail: the page asks, its button confirms, and does so once.
  const link = await post.find('frida@mail.example', new RegExp(`${carnet.url}/v1/consent/[\\w-]+\\.[\\w-]+`));
  await reader.goto(link);
  await reader.getByRole('button', { name: 'Yes, I want them' }).click();
  await expect(reader.getByRole('status')).toHaveText('Thank you, it is confirmed.');
  await reader.goto(link);
  await expect(reader.getByRole('heading', { name: 'This link is not in use any more' })).toBeVisible();
  await expect(reader.getByText('If you pressed its button, it is confirmed')).toBeVisible();
  await expect(consents).not.toContainText('To be confirmed');
  await expect(page.getByRole('table', { name: 'Consent ledger' })).toContainText(/Given · Contact · Text message · asked/);
  await context.close();

  // Both pages are accessible, in the light and the dark, and fit a phone.
  const seeing = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const seen = await seeing.newPage();
  await seen.goto(await post.find('frida@mail.example', new RegExp(`${carnet.url}/v1/preferences/[\\w.-]+`)));
  await expectAccessible(seen);
  expect(await seen.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await seen.getByRole('button', { name: 'Unsubscribe from everything' }).click();
  await expect(seen.getByRole('status')).toHaveText('You are unsubscribed from everything.');
  await seeing.close();

  // The widget, on a page of the site's own.
  const person = newPerson();
  const host = await visit('/register?lang=en');
  const registration = host.locator('carnet-registration');
  await fillRegistration(registration, person, await staff.fields('onRegistration'));
  await registration.getByRole('button', { name: 'Create account' }).click();
  await registration.getByLabel('Code').fill((await post.find(person.email, /^\d{8}\r?$/m)).trim());
  await registration.getByRole('button', { name: 'Confirm' }).click();
  await expect(registration.getByRole('heading', { name: `Welcome, ${person.firstName}` })).toBeVisible();
  await host.getByRole('link', { name: 'My account' }).click();
  await host.getByRole('link', { name: 'Which messages I get' }).click();
  const widget = host.locator('carnet-preferences');
  await widget.getByRole('group', { name: 'Contact' }).getByRole('checkbox', { name: 'E-mail' }).check();
  await widget.getByRole('button', { name: 'Save' }).click();
  await expect(widget.getByRole('status')).toContainText('Press the button in the mail to i•••@e•••.com');
  await expectAccessible(host);
  await host.setViewportSize({ width: 390, height: 844 });
  expect(await host.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await host.goto(await post.find(person.email, new RegExp(`${carnet.url}/v1/consent/[\\w-]+\\.[\\w-]+`)));
  await expectAccessible(host);
  await host.getByRole('button', { name: 'Yes, I want them' }).click();
  await expect(host.getByRole('status')).toHaveText('Thank you, it is confirmed.');
  await host.goto(`${carnet.demo}/messages?lang=en`);
  await expect(widget.getByRole('checkbox', { name: 'E-mail' })).toBeChecked();
  await expect(widget.getByText('to be confirmed')).toHaveCount(0);
  await staff.graphql('mutation($input: UpdateConsentPurposeInput!) { updateConsentPurpose(input: $input) { errors { code message } } }', { input: { id: contact?.id, doubleOptIn: false } });
});
