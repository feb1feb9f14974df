import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, expectAccessible, register, test } from '../world.ts';

/** Opens the section of my account that is about one's own data. */
async function toData(page: Page) {
  await page.goto('/account?lang=en');
  const account = page.locator('carnet-account');
  await account.getByRole('button', { name: 'Your data' }).click();
  return account;
}

// Issue 5, GDPR art. 15 and 20: after a look at who is there, what is held about a person comes as a file; staff see that it was fetched, and the mailbox is told.
test('an end user downloads what is held about them', async ({ staff, visit }) => {
  const internal = await staff.field({ type: 'TEXT', label: `Standing ${Date.now()}` });
  const { page, person } = await register(visit, staff);
  const { contacts } = await staff.graphql<{ contacts: { nodes: { id: string }[] } }>('query($s: String) { contacts(search: $s, first: 1, includeUnlisted: true) { nodes { id } } }', { s: person.email });
  const id = contacts.nodes[0]?.id;
  await staff.graphql('mutation($i: UpdateContactInput!) { updateContact(input: $i) { errors { code message } } }', { i: { id, answers: [{ fieldId: internal.id, text: 'A friend of the house' }] } });
  const account = await toData(page);
  await expectAccessible(page);
  await account.getByRole('button', { name: 'Get the file' }).click();
  await expectAccessible(page);
  const [download] = await Promise.all([page.waitForEvent('download'), account.getByRole('button', { name: 'Download' }).click()]);
  const file = JSON.parse(await readFile(await download.path(), 'utf8')) as { schema: string; contact: { email: string }; answers: { display: string; internal?: boolean }[]; sessions: unknown[]; history: { action: string }[] };
  expect(file).toMatchObject({ schema: 'carnet-personal-data/2', leftOut: ['color', 'labels', 'segments'], contact: { email: person.email }, account: { email: person.email } });
  expect(file.answers).toContainEqual(expect.objectContaining({ display: 'A friend of the house', internal: true }));
  expect(file.sessions).toHaveLength(1);
  expect(file.history.map(({ action }) => action)).toContain('account_data_exported');
  await expect(account.getByRole('status').filter({ hasText: 'The file is among your downloads.' })).toBeVisible();

  await expect.poll(async () => (await staff.graphql<{ mails: { nodes: { recipient: string; subject: string }[] } }>('{ mails(first: 10) { nodes { recipient subject } } }')).mails.nodes.find(({ recipient }) => recipient === person.email)?.subject)
    .toContain('was downloaded');
  await staff.page.goto(`/admin/contacts/${id}/administration`);
  await expect(staff.page.getByRole('listitem').filter({ hasText: 'downloaded their data' })).toContainText(person.email);
});

// Issue 5, GDPR art. 12 and 17: erasure is asked for and taken back; staff see who waits and until when, refuse with a reason or say that it is done, and
// the person is told in their account.
test('an end user asks to be erased, and staff answer', async ({ staff, visit }) => {
  const { page, person } = await register(visit, staff);
  const account = await toData(page);
  await account.getByRole('button', { name: 'Ask for erasure' }).click();
  await account.getByLabel('What should we know?').fill('I have moved away.');
  await expectAccessible(page);
  await account.getByRole('button', { name: 'Send the request' }).click();
  await expect(account.getByText(/You asked for it on .* answers by /)).toBeVisible();
  await expectAccessible(page);
  await account.getByRole('button', { name: 'Withdraw the request' }).click();
  await expect(account.getByRole('status').filter({ hasText: 'Your request is withdrawn.' })).toBeVisible();
  await account.getByRole('button', { name: 'Ask for erasure' }).click();
  await account.getByLabel('What should we know?').fill('I have moved away.');
  await account.getByRole('button', { name: 'Send the request' }).click();
  await expect(account.getByRole('button', { name: 'Withdraw the request' })).toBeVisible();

  const admin = staff.page;
  await admin.goto('/admin/privacy');
  const entry = admin.getByRole('navigation', { name: 'Main menu' }).getByRole('link', { name: /^Privacy/ });
  await expect(entry).toHaveText(/1 waits/);
  const item = admin.getByRole('list', { name: 'Waiting for an answer' }).getByRole('listitem');
  await expect(item).toHaveCount(1);
  await expect(item).toContainText('I have moved away.');
  await expect(item).toContainText('Answer by');
  await expectAccessible(admin);
  await item.getByRole('link').click();
  await expect(admin.getByRole('note').filter({ hasText: 'for their data to be erased' })).toBeVisible();
  await expectAccessible(admin);
  await admin.getByRole('link', { name: 'To the request' }).click();

  await item.getByRole('button', { name: 'Refuse…' }).click();
  const dialog = admin.getByRole('dialog', { name: 'Refuse the request' });
  await dialog.getByRole('button', { name: 'Refuse and tell' }).click();
  await expect(dialog.getByLabel('Reason')).toHaveAccessibleDescription(/required/);
  await expectAccessible(admin);
  await dialog.getByLabel('Reason').fill('An invoice of yours is open.');
  await dialog.getByRole('button', { name: 'Refuse and tell' }).click();
  await expect(admin.getByText('Nobody waits')).toBeVisible();
  await expect(admin.getByRole('list', { name: 'Answered and withdrawn' }).getByRole('listitem').first()).toContainText('An invoice of yours is open.');
  await expect(entry).not.toHaveText(/waits/);
  await page.reload();
  await account.getByRole('button', { name: 'Your data' }).click();
  await expect(account.getByText('An invoice of yours is open.')).toBeVisible();

  await account.getByRole('button', { name: 'Ask for erasure' }).click();
  await account.getByRole('button', { name: 'Send the request' }).click();
  await expect(account.getByRole('button', { name: 'Withdraw the request' })).toBeVisible();
  await admin.reload();
  await item.getByRole('button', { name: 'Mark as done…' }).click();
  await admin.getByRole('dialog', { name: 'Is it done?' }).getByRole('button', { name: 'Mark as done' }).click();
  await expect(admin.getByText('Nobody waits')).toBeVisible();
  await page.reload();
  await account.getByRole('button', { name: 'Your data' }).click();
  await expect(account.getByText(/answered that it is done/)).toBeVisible();
  const { mails } = await staff.graphql<{ mails: { nodes: { recipient: string; text: string }[] } }>('{ mails(first: 5) { nodes { recipient text } } }');
  expect(mails.nodes.find(({ recipient }) => recipient === person.email)?.text).toContain('says that this is done');
});
