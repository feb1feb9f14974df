/** Kept texts, previews of what nobody has saved, messages to a selection, and by which means one speaks to a contact. */
import { expect, expectAccessible, test, type Staff } from '../world.ts';

async function person(staff: Staff, firstName: string, lastName: string, more: object = {}): Promise<string> {
  const { createPerson } = await staff.graphql<{ createPerson: { person: { id: string } } }>(
    'mutation($input: CreatePersonInput!) { createPerson(input: $input) { person { id } errors { code message } } }',
    { input: { firstName, lastName, email: `${firstName}@${lastName}.example`.toLowerCase(), ...more } });
  const { id } = createPerson.person;
  await staff.graphql('mutation($input: RecordConsentInput!) { recordConsent(input: $input) { errors { code message } } }', { input: { contactId: id, channel: 'ANY', state: 'GIVEN' } });
  return id;
}

// P-21
test('texts are kept by name, looked at as anybody gets them without saving, and copied into a campaign', async ({ staff }) => {
  const { page } = staff;
  await person(staff, 'Tuva', 'Tekstsen', { language: 'fr' });
  await page.goto('/admin/campaigns');
  await page.getByRole('navigation', { name: 'Campaigns' }).getByRole('link', { name: 'Templates' }).click();
  await page.getByRole('link', { name: 'New template' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Invitation');
  await page.getByRole('textbox', { name: 'Subject' }).fill('Come, {{nickname}}');
  await page.getByRole('textbox', { name: 'Text' }).fill('Dear {{first_name|friend}},\n\n**come**.');

  // Nothing is saved yet: what is wrong is told with its place, and the message shown once it is mended.
  await expect(page.getByRole('alert')).toHaveText('English, Subject: There is no such merge field; those there are stand below the text.');
  await page.getByRole('textbox', { name: 'Subject' }).fill('Come, {{first_name|friend}}');
  await expect(page.getByText('Come, friend')).toBeVisible();
  await expect(page.frameLocator('iframe').locator('strong')).toHaveText('come');
  await expect(page.getByText('Missing: Français, Norsk bokmål. Who speaks that gets another language.')).toBeVisible();
  await page.getByRole('combobox', { name: 'As this person gets it' }).fill('Tekstsen Tuva');
  await page.getByRole('option', { name: /TEKSTSEN Tuva/ }).click();
  await expect(page.getByText('Come, Tuva')).toBeVisible();
  await page.getByText('Français', { exact: true }).click();
  await page.getByRole('textbox', { name: 'Subject' }).fill('Viens, {{first_name}}');
  await page.getByRole('textbox', { name: 'Text' }).fill('Chère **{{first_name}}**');
  await expect(page.getByText('Viens, Tuva'), 'a contact gets it in their language').toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Invitation');
  await page.getByRole('link', { name: 'Templates' }).click();
  await expect(page.getByRole('row', { name: /Invitation/ })).toContainText('Missing: Norsk bokmål');
  await expectAccessible(page);

  // A campaign begins with a copy, and its own texts are kept as another template.
  await page.getByRole('link', { name: 'Use Invitation' }).click();
  await expect(page.getByRole('textbox', { name: 'Subject' })).toHaveValue('Come, {{first_name|friend}}');
  await page.getByRole('textbox', { name: 'Subject' }).fill('Come again, {{first_name|friend}}');
  await expect(page.getByText('Come again, friend')).toBeVisible();
  await page.getByRole('button', { name: 'Save as template' }).click();
  const keep = page.getByRole('dialog', { name: 'Save as template' });
  await keep.getByRole('textbox', { name: 'Name' }).fill('invitation');
  await keep.getByRole('button', { name: 'Save' }).click();
  await expect(keep.getByRole('textbox', { name: 'Name' })).toHaveAccessibleDescription(/taken|already/i);
  await expectAccessible(page);
  await keep.getByRole('textbox', { name: 'Name' }).fill('Second invitation');
  await keep.getByRole('button', { name: 'Save' }).click();
  await expect(keep).toBeHidden();
  const { campaignTemplates } = await staff.graphql<{ campaignTemplates: { nodes: { name: string; texts: { language: string; subject: string }[] }[] } }>('{ campaignTemplates { nodes { name texts { language subject } } } }');
  expect(campaignTemplates.nodes.map(({ name, texts }) => [name, ...texts.map(({ subject }) => subject)])).toEqual([
    ['Second invitation', 'Come again, {{first_name|friend}}', 'Viens, {{first_name}}'],
    ['Invitation', 'Come, {{first_name|friend}}', 'Viens, {{first_name}}'],
  ]);

  // It is deleted, and gone.
  await page.goto('/admin/campaigns/templates');
  await page.getByRole('link', { name: 'Second invitation', exact: true }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await expect(page.getByRole('row', { name: /Second invitation/ })).toBeHidden();
});

// P-21, T-33
test('a message is begun to exactly those that are picked, to all that match, to a segment and to an organization’s people', async ({ staff }) => {
  const { page } = staff;
  for (const first of ['Ask', 'Bodil', 'Ceci']) await person(staff, first, 'Valgtsen');
  const write = async (name: string) => {
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await page.getByRole('combobox', { name: 'Purpose' }).click();
    await page.getByRole('option', { name: 'Contact', exact: true }).click();
    await page.getByRole('textbox', { name: 'Subject' }).fill('Hello');
    await page.getByRole('textbox', { name: 'Text' }).fill('You.');
    await page.getByRole('button', { name: 'Save and preview' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(name);
  };
  const meant = async (name: string) => {
    const { campaigns } = await staff.graphql<{ campaigns: { nodes: { name: string; audience: { total: number; reached: number }; target: { contactIds: string[] | null; segmentId: string | null; organizationId: string | null; matched: number | null } }[] } }>(
      '{ campaigns { nodes { name audience { total reached } target { contactIds segmentId organizationId matched } } } }');
    return campaigns.nodes.find((one) => one.name === name);
  };

  await page.goto('/admin/contacts?q=Valgtsen');
  await page.getByRole('row', { name: /VALGTSEN Ask/ }).getByRole('checkbox').check();
  await page.getByRole('row', { name: /VALGTSEN Ceci/ }).getByRole('checkbox').check();
  await page.getByRole('region', { name: 'Selected contacts' }).getByRole('link', { name: 'Send a message…' }).click();
  await expect(page.getByText('2 picked contacts.')).toBeVisible();
  await write('To two');
  await expect(page.getByText('2 picked contacts.')).toBeVisible();
  expect((await meant('To two'))?.target.contactIds).toHaveLength(2);
  expect((await meant('To two'))?.audience).toEqual({ total: 2, reached: 2 });

  // A segment's page, and an organization's record.
  const { createSegment, createOrganization } = await staff.graphql<{ createSegment: { segment: { id: string } }; createOrganization: { organization: { id: string } } }>(`mutation {
    createSegment(input: {name: "The chosen", rule: {text: {column: LAST_NAME, op: EQUALS, value: "Valgtsen"}}}) { segment { id } errors { code } }
    createOrganization(input: {name: "Valgt AS"}) { organization { id } errors { code } }
  }`);
  await page.goto(`/admin/segments/${createSegment.segment.id}`);
  await page.getByRole('link', { name: 'Send a message…' }).click();
  await expect(page.getByRole('combobox', { name: 'Segment' })).toHaveValue('The chosen');
  await write('To a segment');
  expect((await meant('To a segment'))?.audience).toEqual({ total: 3, reached: 3 });
  await page.goto(`/admin/contacts/${createOrganization.organization.id}`);
  await page.getByRole('link', { name: 'Write to its people…' }).click();
  await expect(page.getByRole('radio', { name: 'An organization' })).toBeChecked();
  await expect(page.getByRole('combobox', { name: 'The people of' })).toHaveValue('Valgt AS');
  await write('To its people');
  expect((await meant('To its people'))?.target.organizationId).toBe(createOrganization.organization.id);

  // All that match, more than are loaded: they are picked by the server when it is saved.
  await page.goto('/admin/contacts');
  await page.getByRole('checkbox', { name: 'Select all' }).check();
  await page.getByRole('button', { name: /^Select all \d|all .* that match/i }).click();
  const all = Number(((await page.getByRole('region', { name: 'Selected contacts' }).getByText(/selected/).textContent()) ?? '').replace(/\D/g, ''));
  await page.getByRole('region', { name: 'Selected contacts' }).getByRole('link', { name: 'Send a message…' }).click();
  await write('To all');
  expect((await meant('To all'))?.target.matched).toBe(all);
  expect((await meant('To all'))?.audience.total).toBe(all);
  await expectAccessible(page);
});

// S-45
test('the record says which means of communication to use with a contact, and campaigns keep to it', async ({ staff }) => {
  const { page } = staff;
  const id = await person(staff, 'Merete', 'Maate', { address: { lines: ['Storgata 1'], postcode: '0155', city: 'Oslo', country: 'NO' }, mobile: '+4741299007' });
  await staff.graphql('mutation($input: RecordConsentInput!) { recordConsent(input: $input) { errors { code message } } }', { input: { contactId: id, channel: 'SMS', state: 'WITHDRAWN' } });
  await page.goto(`/admin/contacts/${id}/marketing`);
  const means = page.getByRole('table', { name: 'Means of communication' });
  const row = (name: string) => means.getByRole('row', { name: new RegExp(`^${name}`) });
  await expect(row('E-mail')).toHaveText(/Use.*merete@maate\.example.*Contact/);
  await expect(row('Text message')).toHaveText(/Do not use.*Has not agreed.*\+4741299007/);
  await expect(row('Telephone')).toHaveText(/Use.*\+4741299007.*Contact/);
  await expect(row('Post')).toHaveText(/Use.*Storgata 1, 0155 Oslo, NO.*Contact/);
  await expect(row('Message in the account')).toHaveText(/Do not use.*No account/);

  // Only post: everything else is not to be used, and a campaign by e-mail leaves her out and says why.
  await expect(page.getByRole('switch', { name: 'Use no other' })).toBeDisabled();
  await page.getByRole('combobox', { name: 'Preferred' }).click();
  await page.getByRole('option', { name: 'Post' }).click();
  await page.getByRole('switch', { name: 'Use no other' }).setChecked(true);
  await expectAccessible(page);
  await page.getByRole('region', { name: 'There are unsaved changes' }).or(page.getByRole('region', { name: /unsaved/i })).getByRole('button', { name: 'Save' }).click();
  await expect(row('Post')).toHaveText(/Preferred.*Use/);
  for (const other of ['E-mail', 'Text message', 'Telephone', 'Message in the account']) await expect(row(other)).toHaveText(/Do not use.*Wants another means only/);
  const { consentPurposes } = await staff.graphql<{ consentPurposes: { id: string }[] }>('{ consentPurposes { id } }');
  const { saveCampaign } = await staff.graphql<{ saveCampaign: { campaign: { id: string } } }>('mutation($input: SaveCampaignInput!) { saveCampaign(input: $input) { campaign { id } errors { code message } } }', {
    input: { name: 'By e-mail', purposeId: consentPurposes[0]?.id, texts: [{ language: 'en', subject: 'Hi', body: 'x' }], target: { contactIds: [id] } },
  });
  await page.goto(`/admin/campaigns/${saveCampaign.campaign.id}`);
  await expect(page.getByRole('region', { name: 'Who gets it' })).toContainText('Wants another means only');

  // Not at all.
  await page.goto(`/admin/contacts/${id}/marketing`);
  await expect(row('Post')).toHaveText(/Preferred/); // what moves the page has come
  await page.getByRole('switch', { name: 'Do not contact' }).setChecked(true);
  await page.getByRole('region', { name: /unsaved/i }).getByRole('button', { name: 'Save' }).click();
  for (const one of ['E-mail', 'Text message', 'Telephone', 'Post', 'Message in the account']) await expect(row(one)).toHaveText(/Do not use.*Not to be contacted/);
  await page.goto(`/admin/campaigns/${saveCampaign.campaign.id}`);
  await expect(page.getByRole('region', { name: 'Who gets it' })).toContainText('Not to be contacted');
});
