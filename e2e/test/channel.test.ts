/** Ways to reach people beside e-mail: text messages by a gateway, and the inbox in "my account" with the staff's side in the admin. */
import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, expectAccessible, register, test, type Staff } from '../world.ts';

const idOf = async (staff: Staff, search: string) =>
  (await staff.graphql<{ contacts: { nodes: { id: string }[] } }>('query($s: String) { contacts(search: $s, first: 2, includeUnlisted: true) { nodes { id } } }', { s: search })).contacts.nodes[0]!.id;

// P-22, S-57: two browsers, a person in the widget and staff in the admin; what is unread is pushed to both.
test('staff write to a person’s inbox, who reads and answers in my account', async ({ staff, visit, carnet }) => {
  const mark = randomUUID().slice(0, 8);
  const { page, person } = await register(visit, staff);
  const id = await idOf(staff, person.email);
  await page.getByRole('link', { name: 'My account' }).click();
  const account = page.locator('carnet-account');
  const section = account.getByRole('navigation').getByRole('button', { name: /^Messages/ });
  await expect(account.getByRole('navigation')).toBeVisible();
  await expect(section).toHaveCount(0); // for who has a conversation

  // From the contact's record, with a preview.
  const admin = staff.page;
  await admin.goto(`/admin/contacts/${id}/marketing`);
  await expect(admin.getByText('No conversation in this person’s inbox yet.')).toBeVisible();
  await admin.getByRole('button', { name: 'Write a message' }).click();
  const dialog = admin.getByRole('dialog');
  await dialog.getByText('Text message', { exact: true }).click();
  await dialog.getByRole('textbox', { name: 'Text' }).fill('€'.repeat(81));
  await expect(dialog.getByText('162 characters · 2 parts · 160 fit in one part')).toBeVisible();
  await expect(dialog.getByText('The site cannot send text messages yet.')).toBeVisible();
  await dialog.getByText('Inbox', { exact: true }).click();
  await dialog.getByRole('textbox', { name: 'Subject' }).fill(`Locker ${mark}`);
  await dialog.getByRole('textbox', { name: 'Text' }).fill('Dear {{firstname}}, see https://club.example/lockers?a=1.');
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await expect(dialog.getByText('There is no such merge field')).toBeVisible();
  await dialog.getByRole('textbox', { name: 'Text' }).fill('Dear {{first_name}}, see https://club.example/lockers?a=1. <b>Not bold</b>');
  await dialog.getByRole('button', { name: 'Preview' }).click();
  await expect(dialog.getByText(`Dear ${person.firstName}, see`)).toBeVisible();
  await expectAccessible(admin);
  await dialog.getByRole('button', { name: 'Send' }).click();
  await expect(admin.getByText('On its way.')).toBeVisible();

  // It is there the next time the account is opened, and what comes then is pushed.
  await expect(async () => {
    await page.reload();
    await expect(section).toHaveText('Messages (1)', { timeout: 3_000 });
  }).toPass();
  const second = await page.context().newPage(); // another tab
  await second.goto(page.url());
  const there = second.locator('carnet-account').getByRole('navigation').getByRole('button', { name: /^Messages/ });
  await expect(there).toHaveText('Messages (1)');
  await section.click();
  await expect(account.getByText('1 new')).toBeVisible();
  await expectAccessible(page);
  await account.getByRole('button', { name: `Locker ${mark}` }).click();
  await expect(account.getByRole('link', { name: 'https://club.example/lockers?a=1' })).toHaveAttribute('href', 'https://club.example/lockers?a=1');
  await expect(account.getByText('. <b>Not bold</b>')).toBeVisible();
  await expect(section).toHaveText('Messages'); // reading it is pushed back
  await expect(there).toHaveText('Messages');
  await second.close();
  await account.getByRole('textbox', { name: 'Your answer' }).fill('Thanks! Which number?');
  await expectAccessible(page);
  await account.getByRole('button', { name: 'Send' }).click();
  await expect(account.getByRole('listitem').filter({ hasText: 'Which number?' })).toContainText('You');

  // Staff see it come, without a reload.
  const count = admin.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: /^Inbox/ });
  await expect(count).toContainText('unread conversation');
  await count.click();
  const row = admin.getByRole('listitem').filter({ hasText: `Locker ${mark}` });
  await expect(row).toContainText('1 new');
  await expectAccessible(admin);
  await row.getByRole('link').click();
  await expect(admin.getByText('Which number?')).toBeVisible();
  await expect(count).not.toContainText('unread conversation');
  await admin.getByRole('combobox', { name: 'Who looks after it' }).click();
  await admin.getByRole('option').first().click();
  await admin.getByRole('textbox', { name: 'Answer' }).fill('Number 12.');
  await admin.getByRole('button', { name: 'Send' }).click();
  await expectAccessible(admin);
  await expect(account.getByText('Number 12.')).toBeVisible(); // pushed
  await expect(admin.getByText('Not read yet.')).toHaveCount(0); // read as it came
  await admin.getByRole('button', { name: 'Close' }).click();
  await expect(admin.getByRole('button', { name: 'Reopen' })).toBeVisible();
  await account.getByRole('textbox', { name: 'Your answer' }).fill('Great, thank you very much for it: I shall be there at six in the evening');
  await account.getByRole('button', { name: 'Send' }).click();
  await expect(admin.getByText('Great')).toBeVisible();
  await expect(admin.getByRole('button', { name: 'Close', exact: true })).toBeVisible();

  await admin.goto(`/admin/contacts/${id}/marketing`);
  await expect(admin.getByRole('row').filter({ hasText: `Locker ${mark}` })).toContainText('Inbox · single message');
  const conversations = admin.getByRole('list', { name: 'Conversations' }).getByRole('listitem');
  await expect(conversations).toContainText(`Locker ${mark}`);

  // A long one opens at its newest message, and shows the older ones when it is asked to.
  await carnet.sql(`INSERT INTO inbox_message (site_id, id, thread_id, author, author_name, body, at)
    SELECT site_id, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, id, 'staff', 'Ada Owner', 'Old news ' || n, created_at FROM inbox_thread, generate_series(1, 120) AS n WHERE subject = 'Locker ${mark}'`);
  await conversations.getByRole('link').click();
  await expect(admin.getByText('Great')).toBeInViewport();
  await expect(admin.getByText('Old news 1', { exact: true })).toHaveCount(0);
  await admin.getByRole('button', { name: 'Show older messages' }).click();
  await expect(admin.getByText('Old news 1', { exact: true })).toBeVisible();
  await expect(admin.getByText('Great')).toBeVisible();
  await expect(admin.getByRole('button', { name: 'Show older messages' })).toHaveCount(0);
  await account.getByRole('button', { name: 'All messages' }).click();
  await expect(account.getByText('Great')).toBeVisible();
  await page.setViewportSize({ width: 390, height: 844 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await account.getByRole('button', { name: `Locker ${mark}` }).click();
  await expect(account.getByText('Great')).toBeInViewport();
  await expect(account.getByText('Old news 70', { exact: true })).toHaveCount(0);
  await account.getByRole('button', { name: 'Show older messages' }).click();
  await expect(account.getByText('Old news 70', { exact: true })).toBeVisible();
  await expect(account.getByText('Great')).toBeVisible();
});

/** A gateway for text messages. */
async function gateway(): Promise<{ url: string; texts: { to: string; text: string; callback: string; key: string }[]; server: Server }> {
  const texts: { to: string; text: string; callback: string; key: string }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => { body += part; }).on('end', () => {
      texts.push({ ...(JSON.parse(body) as { to: string; text: string; callback: string }), key: String(request.headers.authorization) });
      response.end('{"ok": true}');
    });
  });
  await new Promise<void>((ready) => { server.listen(0, '127.0.0.1', ready); });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`, texts, server };
}

// P-22
test('text messages are set up with a gateway, tried, and sent to a contact, whose delivery is told', async ({ staff }) => {
  const { url, texts, server } = await gateway();
  const admin = staff.page;
  await admin.goto('/admin/settings/sms');
  await admin.getByText('HTTP gateway', { exact: true }).click();
  await admin.getByRole('textbox', { name: 'Sender' }).fill('Club');
  await admin.getByRole('textbox', { name: 'Address' }).fill('https://10.0.0.1/send');
  await admin.getByRole('button', { name: 'Add a header' }).click();
  await admin.getByRole('textbox', { name: 'Header’s name' }).fill('Authorization');
  await admin.getByRole('textbox', { name: 'Header’s value' }).fill('Bearer {secret}');
  await admin.getByLabel('Secret', { exact: true }).fill('s3cret-key');
  await admin.getByRole('textbox', { name: 'A good answer holds' }).fill('"ok": true');
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByRole('textbox', { name: 'Address' })).toHaveAttribute('aria-invalid', 'true');
  await admin.getByRole('textbox', { name: 'Address' }).fill(url);
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('ends in -key')).toBeVisible();
  await expectAccessible(admin);
  await admin.getByRole('textbox', { name: 'To the number' }).fill('+4791234567');
  await admin.getByRole('button', { name: 'Send a test' }).click();
  await expect(admin.getByText('The provider has taken it.')).toBeVisible();
  expect(texts).toHaveLength(1);
  expect(texts[0]).toMatchObject({ to: '+4791234567', key: 'Bearer s3cret-key' });

  // The gateway is given an address, and tells there what people answer.
  await expect(admin.getByText('No answer has come yet.')).toBeVisible();
  const { smsAccount } = await staff.graphql<{ smsAccount: { repliesUrl: string } }>('{ smsAccount { repliesUrl } }');
  await expect(admin.getByText(smsAccount.repliesUrl)).toBeVisible();
  expect((await fetch(`${smsAccount.repliesUrl}?from=4791234567&text=STOP`)).status).toBe(204);
  await admin.reload();
  await expect(admin.getByText('An answer last came')).toBeVisible();

  const { createPerson } = await staff.graphql<{ createPerson: { person: { id: string } } }>(
    'mutation($input: CreatePersonInput!) { createPerson(input: $input) { person { id } errors { code message } } }', { input: { firstName: 'Tekst', lastName: 'Mottaker', mobile: '+4791234568' } });
  await admin.goto(`/admin/contacts/${createPerson.person.id}/marketing`);
  await admin.getByRole('button', { name: 'Write a message' }).click();
  const dialog = admin.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Text' }).fill('Hi {{first_name}} "quoted"');
  await dialog.getByRole('button', { name: 'Send' }).click();
  await expect.poll(() => texts.length).toBe(2);
  expect(texts[1]).toMatchObject({ to: '+4791234568', text: 'Hi Tekst "quoted"' });
  expect((await fetch(`${texts[1]!.callback}?status=delivered`)).status).toBe(204);
  await admin.reload();
  await expect(admin.getByRole('row').filter({ hasText: 'Text message · single message' })).toContainText('Delivered');
  await staff.graphql('mutation { removeSmsAccount { errors { code message } } }');
  await new Promise<void>((closed) => { server.close(() => closed()); server.closeAllConnections(); });
});
