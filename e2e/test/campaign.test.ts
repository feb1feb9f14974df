/** Campaigns in the admin, with a real mail server that takes them. */
import { test } from '../post.ts';
import { expect, expectAccessible } from '../world.ts';

// P-21
test('a segment is written to: who agreed gets the message, who did not is listed, and the link in it unsubscribes', async ({ staff, post, carnet }) => {
  const { page } = staff;
  const person = async (firstName: string, consent: boolean) => {
    const { createPerson } = await staff.graphql<{ createPerson: { person: { id: string } } }>(
      'mutation($input: CreatePersonInput!) { createPerson(input: $input) { person { id } errors { code message } } }', { input: { firstName, lastName: 'Skywriter', company: 'Skywriters', email: `${firstName.toLowerCase()}@mail.example` } });
    const state = consent ? 'GIVEN' : 'WITHDRAWN';
    await staff.graphql('mutation($input: RecordConsentInput!) { recordConsent(input: $input) { errors { code message } } }', { input: { contactId: createPerson.person.id, channel: 'EMAIL', state } });
    return createPerson.person.id;
  };
  const anna = await person('Anna', true);
  const silent = await person('Silent', false);
  await staff.graphql('mutation($input: UpdateContactInput!) { updateContact(input: $input) { errors { code message } } }', { input: { id: silent, listed: true } });
  await staff.graphql('mutation($input: CreateSegmentInput!) { createSegment(input: $input) { errors { code message } } }',
    { input: { name: 'Skywriters', rule: { text: { column: 'COMPANY', op: 'EQUALS', value: 'Skywriters' } } } });

  await page.goto('/admin/campaigns');
  await expect(page.getByText('Write to many at once')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('link', { name: 'New campaign' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Spring news');
  await page.getByRole('combobox', { name: 'Purpose' }).click();
  await page.getByRole('option', { name: 'Contact', exact: true }).click();
  await page.getByRole('combobox', { name: 'Segment' }).click();
  await page.getByRole('option', { name: 'Skywriters' }).click();
  await page.getByRole('textbox', { name: 'Subject' }).fill('Hello {{firstname}}');
  const text = page.getByRole('textbox', { name: 'Text' });
  await text.fill('Dear ,\n\n**spring** is here.');
  await text.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(5, 5));
  await page.getByRole('combobox', { name: 'Insert a field' }).fill('First'); // it goes to where one was writing
  await expect(page.getByRole('option', { name: 'First name' })).toBeVisible();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(text).toHaveValue('Dear {{first_name}},\n\n**spring** is here.');
  await expect(text).toBeFocused();
  await text.fill('Dear {{first_name|friend}},\n\n**spring** is here.');
  await page.getByRole('button', { name: 'Save and preview' }).click();
  await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveAccessibleDescription(/There is no such merge field/);
  await page.getByRole('textbox', { name: 'Subject' }).fill('Hello {{first_name|friend}}');
  await page.getByRole('button', { name: 'Save and preview' }).click();

  // The preview shows the message as somebody gets it, and whom it reaches.
  await expect(page.getByText('Hello friend')).toBeVisible();
  const { site } = await staff.graphql<{ site: { name: string } }>('{ site { name } }');
  const head = page.getByRole('term').filter({ hasText: /^From$/ }).locator('..').getByRole('definition'); // who it is from, and what it is about
  await expect(head).toHaveText([new RegExp(`^${site.name} <\\S+@\\S+>$`), 'Hello friend']);
  const [from] = await head.allInnerTexts();
  await page.getByRole('combobox', { name: 'As this person gets it' }).fill('Skywriter Anna');
  await page.getByRole('option', { name: /SKYWRITER Anna/ }).click();
  await expect(page.getByText('Hello Anna')).toBeVisible();
  await expect(page.frameLocator('iframe').locator('strong')).toHaveText('spring');
  await expectAccessible(page);
  await expect(page.getByText('1 of 2 gets it')).toBeVisible();
  await page.getByLabel('Send later').fill('2020-01-01T10:00');
  await page.getByRole('button', { name: 'Plan', exact: true }).click();
  await expect(page.getByText('This time has passed.')).toBeVisible();
  await page.getByLabel('Send later').fill('');
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(page.getByRole('dialog')).toContainText('1 person gets it now, by e-mail');
  await page.getByRole('dialog').getByRole('button', { name: 'Send', exact: true }).click();

  // It is followed to its end without a reload.
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Sent', { timeout: 30_000 });
  await expect(page.getByRole('row', { name: /SKYWRITER Anna/ })).toContainText('Sent');
  await expect(page.getByRole('row', { name: /SKYWRITER Silent/ })).toContainText('Has not agreed');
  await expect(page.frameLocator('iframe').locator('strong')).toHaveText('spring'); // what it said
  await expect(page.getByRole('link', { name: 'Skywriters' })).toBeVisible(); // and to whom
  await expectAccessible(page);
  await page.getByRole('link', { name: 'Use again' }).click(); // another begins like it
  await expect(page.getByRole('heading', { level: 1, name: 'New campaign' })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Segment' })).toHaveValue('Skywriters');
  await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveValue('Hello {{first_name|friend}}');
  const mails = post.mails.filter(({ to }) => to.endsWith('@mail.example'));
  expect(mails.map(({ to }) => to)).toEqual(['anna@mail.example']);
  expect(/^From:\s*(.*?)\r?$/m.exec(mails[0]?.text ?? '')?.[1]?.replaceAll('"', '')).toBe(from); // as the preview said

  // The contact's record tells of it (S-57).
  await page.goto(`/admin/contacts/${anna}/marketing`);
  await expect(page.getByRole('row', { name: /Spring news/ })).toContainText('Sent');

  // So does what came back since, of the message and of the address (P-21).
  await carnet.sql(`UPDATE campaign_recipient SET soft_bounces = 2, complained_at = now(), problem = 'came back: 452 mailbox full' WHERE contact_id = '${anna}'`);
  await page.reload();
  await expect(page.getByRole('row', { name: /Spring news/ })).toContainText('Reported as spam');
  await expect(page.getByRole('row', { name: /Spring news/ })).toContainText('Came back 2 times. The address stays in use.');
  await expect(page.getByRole('table', { name: 'Means of communication' }).getByRole('row', { name: /^E-mail/ })).toContainText(/Reported a message as spam on .*Came back 2 times/);
  await expectAccessible(page);

  // The link asks first, and then unsubscribes.
  const link = /List-Unsubscribe:\s*<([^>]+)>/.exec(mails[0]?.text ?? '')?.[1] ?? '';
  expect(link.startsWith(carnet.url)).toBe(true);
  await page.goto(link);
  await expect(page.getByText('You get these messages by e-mail:')).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Unsubscribe' }).click();
  await expect(page.getByRole('status')).toHaveText('You are unsubscribed.');
  const { contact } = await staff.graphql<{ contact: { consents: { state: string }[] } }>('query($id: ID!) { contact(id: $id) { consents { state } } }', { id: anna });
  expect(contact.consents.map(({ state }) => state)).toEqual(['WITHDRAWN']);
});

// S-45
test('an address that reached nobody is tried again', async ({ staff, carnet }) => {
  const { page } = staff;
  const { createPerson } = await staff.graphql<{ createPerson: { person: { id: string } } }>(
    'mutation($input: CreatePersonInput!) { createPerson(input: $input) { person { id } errors { code message } } }', { input: { firstName: 'Vera', lastName: 'Vidde', email: 'vera@mail.example' } });
  const { id } = createPerson.person;
  await staff.graphql('mutation($input: RecordConsentInput!) { recordConsent(input: $input) { errors { code message } } }', { input: { contactId: id, channel: 'EMAIL', state: 'GIVEN' } });
  await carnet.sql(`INSERT INTO dead_address (site_id, address_key, problem) SELECT id, 'vera@mail.example', 'no such user' FROM site WHERE public_id = '${carnet.site}'`);
  await page.goto(`/admin/contacts/${id}/marketing`);
  const mail = page.getByRole('table', { name: 'Means of communication' }).getByRole('row', { name: /^E-mail/ });
  await expect(mail).toContainText('Address does not exist');
  await expectAccessible(page);
  await mail.getByRole('button', { name: 'Try again: E-mail' }).click();
  await expect(page.getByText('It is written to again.')).toBeVisible();
  await expect(mail).not.toContainText('Address does not exist');
  await expect(mail.getByText('Use', { exact: true })).toBeVisible();
  await expect(mail.getByRole('button')).toHaveCount(0);
});

// P-21
test('a campaign is found by words of its name or subject and by how far it is', async ({ staff }) => {
  const { page } = staff;
  const { createPerson } = await staff.graphql<{ createPerson: { person: { id: string } } }>(
    'mutation($input: CreatePersonInput!) { createPerson(input: $input) { person { id } errors { code message } } }', { input: { firstName: 'Sunniva', lastName: 'Seeker' } });
  const draft = (name: string, subject: string) =>
    staff.graphql('mutation($input: SaveCampaignInput!) { saveCampaign(input: $input) { errors { code message } } }',
      { input: { name, texts: [{ language: 'fr', subject, body: 'Bonjour' }], target: { contactIds: [createPerson.person.id] } } });
  await draft('Quiet winter', 'Bienvenue à l’Été');
  await draft('Loud autumn', 'Bonjour');

  await page.goto('/admin/campaigns');
  const list = page.getByRole('table', { name: 'Campaigns' });
  await expect(list.getByRole('link', { name: 'Loud autumn' })).toBeVisible();
  const search = page.getByRole('searchbox', { name: 'Search name or subject' });
  await search.pressSequentially('ete bien');
  await expect(list.getByRole('link')).toHaveText(['Quiet winter']);
  await expect(page).toHaveURL(/\?search=ete(\+|%20)bien$/);
  await expectAccessible(page);

  // It is in the address: a page that one goes to and comes back from leaves it as it was.
  await list.getByRole('link', { name: 'Quiet winter' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Quiet winter');
  await page.goBack();
  await expect(search).toHaveValue('ete bien');
  await expect(list.getByRole('link')).toHaveText(['Quiet winter']);

  await page.getByRole('combobox', { name: 'State' }).click();
  await page.getByRole('option', { name: 'Paused' }).click();
  await expect(page.getByText('No campaign matches')).toBeVisible();
  await expect(page).toHaveURL(/status=PAUSED/);
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Show all campaigns' }).click();
  await expect(search).toHaveValue('');
  await expect(list.getByRole('link', { name: 'Loud autumn' })).toBeVisible();
  await expect(page).toHaveURL(/\/campaigns$/);
  await page.getByRole('combobox', { name: 'State' }).click();
  await page.getByRole('option', { name: 'Draft' }).click();
  await search.fill('LOUD');
  await expect(list.getByRole('link')).toHaveText(['Loud autumn']);
});
