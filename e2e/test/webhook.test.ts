/**
 * Webhooks in the admin, with a real program that is told: it verifies each signature as docs/webhooks.md says.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Locator } from '@playwright/test';
import { expect, expectAccessible, test as base, type Staff } from '../world.ts';

interface Told { type: string; data: { contacts?: { displayName: string }[]; webhook?: { name: string } } }

/** The program that is told. */
interface Receiver {
  url: string;
  /** What it answers from now on. */
  status: number;
  /** What it was told, under which of the secrets it knows; those that none signs are missing. */
  told: { body: Told; secrets: string[] }[];
  secrets: string[];
}

function signs(secret: string, headers: IncomingHttpHeaders, body: Buffer): boolean {
  const at = Number(headers['webhook-timestamp']);
  if (!(Math.abs(Date.now() / 1000 - at) < 300)) return false;
  const mac = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'));
  const want = Buffer.from('v1,' + mac.update(`${String(headers['webhook-id'])}.${at}.`).update(body).digest('base64'));
  return String(headers['webhook-signature']).split(' ').map((one) => Buffer.from(one)).some((one) => one.length === want.length && timingSafeEqual(one, want));
}

const test = base.extend<{ receiver: Receiver }>({
  receiver: async ({}, use) => {
    const receiver: Receiver = { url: '', status: 204, told: [], secrets: [] };
    const server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const body = Buffer.concat(parts);
        const secrets = receiver.secrets.filter((secret) => signs(secret, request.headers, body));
        if (secrets.length > 0) receiver.told.push({ body: JSON.parse(body.toString()) as Told, secrets });
        response.writeHead(secrets.length > 0 ? receiver.status : 401).end();
      });
    });
    await new Promise<void>((done) => { server.listen(0, '127.0.0.1', done); });
    receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/carnet`;
    await use(receiver);
    server.closeAllConnections();
    server.close();
  },
});

/** Makes a segment of those who work for a company, and gives a way to let somebody enter. */
async function segmentOf(staff: Staff, company: string): Promise<(firstName: string) => Promise<void>> {
  await staff.graphql('mutation($input: CreateSegmentInput!) { createSegment(input: $input) { errors { code message } } }',
    { input: { name: company, rule: { text: { column: 'COMPANY', op: 'EQUALS', value: company } } } });
  return async (firstName) => {
    await staff.graphql('mutation($input: CreatePersonInput!) { createPerson(input: $input) { errors { code message } } }', { input: { firstName, lastName: 'Hook', company } });
  };
}

const secretOf = async (dialog: Locator) => (await dialog.getByRole('group', { name: 'Signing secret' }).innerText()).trim();

test('a webhook is made, tried, told, paused and deleted', async ({ staff, receiver }) => {
  const enter = await segmentOf(staff, 'Hooked');
  const admin = staff.page;
  await admin.goto('/admin/settings');
  await admin.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Webhooks' }).click();
  await expect(admin.getByText('Tell another program')).toBeVisible();
  await expect(admin.getByText('For example')).toBeVisible();
  await expectAccessible(admin);

  // What the server refuses stands at its field.
  await admin.getByRole('button', { name: 'Add webhook' }).click();
  let dialog = admin.getByRole('dialog', { name: 'Add webhook' });
  const create = dialog.getByRole('button', { name: 'Create' });
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await create.click();
  await expect(dialog.getByLabel('Name')).toHaveAccessibleDescription(/This is required/);
  await expect(dialog.getByLabel('Address')).toHaveAccessibleDescription(/Write a whole https address/);
  await expect(dialog.getByRole('combobox', { name: 'Segments' })).toHaveAccessibleDescription(/This is required/);
  await dialog.getByLabel('Name').fill('Newsletter');
  await dialog.getByLabel('Address').fill('https://10.0.0.1/carnet');
  await create.click();
  await expect(dialog.getByLabel('Address')).toHaveAccessibleDescription(/lies within a network/);
  await expectAccessible(admin);

  // The secret, this once.
  await dialog.getByLabel('Address').fill(receiver.url);
  await dialog.getByRole('combobox', { name: 'Segments' }).fill('Hooked');
  await admin.getByRole('option', { name: 'Hooked' }).click();
  await dialog.getByLabel('Name').click(); // the list closes
  await create.click();
  dialog = admin.getByRole('dialog', { name: 'Signing secret' });
  const first = await secretOf(dialog);
  expect(first).toMatch(/^whsec_/);
  receiver.secrets = [first];
  await expectAccessible(admin);
  await dialog.getByRole('button', { name: 'I have kept it' }).click();
  await expect(admin.getByRole('table', { name: 'Webhooks' }).getByRole('row', { name: 'Newsletter' })).toContainText('Nothing sent yet');
  await expect(admin.getByText(first)).toHaveCount(0);

  // A test: the page tells what became of it.
  await admin.getByRole('link', { name: 'Newsletter' }).click();
  await admin.getByRole('button', { name: 'Send a test' }).click();
  await expect(admin.getByRole('status').filter({ hasText: 'The test arrived: the receiver answered 204.' })).toBeVisible();
  const deliveries = admin.getByRole('table', { name: 'Deliveries' });
  await expect(deliveries.getByRole('row', { name: 'Test' })).toContainText('Delivered');
  expect(receiver.told.map(({ body }) => [body.type, body.data.webhook?.name])).toEqual([['webhook.test', 'Newsletter']]);

  // Somebody enters: the list shows it by itself, and what was sent.
  await enter('Ingrid');
  const row = deliveries.getByRole('row', { name: 'Contacts enter a segment' });
  await expect(row).toContainText('Delivered');
  await expect(row).toContainText('204');
  expect(receiver.told.at(-1)?.body.data.contacts?.[0]?.displayName).toBe('HOOK Ingrid');
  await row.getByRole('button', { name: /^Show/ }).click();
  dialog = admin.getByRole('dialog', { name: 'Delivery' });
  await expect(dialog.getByRole('group', { name: 'Content' })).toContainText('"displayName": "HOOK Ingrid"');
  await expectAccessible(admin);
  await dialog.getByRole('button', { name: 'Send again' }).click();
  await expect.poll(() => receiver.told.length).toBe(3);
  await admin.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  // A receiver that fails.
  receiver.status = 500;
  await admin.getByRole('button', { name: 'Send a test' }).click();
  await expect(admin.getByRole('status').filter({ hasText: 'the receiver answered 500' })).toBeVisible();
  await enter('Olav');
  const failed = deliveries.getByRole('row', { name: 'Trying again' });
  await expect(failed).toContainText('500');
  await expect(admin.getByRole('alert').filter({ hasText: 'Nothing gets through since' })).toBeVisible();
  await expect(admin.getByRole('heading', { level: 1 })).toContainText('Failing');
  await expectAccessible(admin);
  receiver.status = 204;
  await failed.getByRole('button', { name: /^Send again/ }).click();
  await expect(admin.getByRole('heading', { level: 1 })).toContainText('Active');
  await expect(failed).toHaveCount(0);

  // A new secret; the old one signs too.
  await admin.getByRole('button', { name: 'More actions' }).press('Enter');
  await admin.getByRole('menuitem', { name: 'New secret' }).press('Enter');
  await admin.getByRole('dialog', { name: 'Make a new secret?' }).getByRole('button', { name: 'New secret' }).click();
  dialog = admin.getByRole('dialog', { name: 'Signing secret' });
  const second = await secretOf(dialog);
  expect(second).not.toBe(first);
  receiver.secrets = [first, second];
  await dialog.getByRole('button', { name: 'I have kept it' }).click();
  await admin.getByRole('button', { name: 'Send a test' }).click();
  await expect(admin.getByRole('status').filter({ hasText: 'answered 204' })).toBeVisible();
  expect(receiver.told.at(-1)?.secrets).toEqual([first, second]);

  // Paused, it is told nothing; resumed, what happens from then on.
  await admin.getByRole('button', { name: 'More actions' }).click();
  await admin.getByRole('menuitem', { name: 'Pause' }).click();
  await admin.getByRole('dialog', { name: 'Pause Newsletter?' }).getByRole('button', { name: 'Pause' }).click();
  await expect(admin.getByRole('heading', { level: 1 })).toContainText('Paused');
  await expect(admin.getByRole('button', { name: 'Send a test' })).toBeDisabled();
  await expectAccessible(admin);
  await admin.getByRole('alert').getByRole('button', { name: 'Resume' }).click();
  await expect(admin.getByRole('heading', { level: 1 })).toContainText('Active');

  await admin.getByRole('button', { name: 'Edit' }).click();
  dialog = admin.getByRole('dialog', { name: 'Edit webhook' });
  await dialog.getByLabel('Name').fill('Post');
  await dialog.getByRole('checkbox', { name: 'Contacts leave a segment' }).uncheck();
  await dialog.getByRole('checkbox', { name: 'A contact is added' }).check();
  await expect(dialog.getByRole('checkbox', { name: 'Something of a contact changes' })).toHaveAccessibleDescription(/never the values/);
  await expectAccessible(admin);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByRole('heading', { level: 1 })).toContainText('Post');
  await expect(admin.getByRole('region', { name: 'What it is told' })).not.toContainText('leave');
  await staff.graphql('mutation { createPerson(input: {firstName: "Sigrid", lastName: "Told"}) { errors { code message } } }');
  await expect(deliveries.getByRole('row', { name: 'A contact is added' })).toContainText('Delivered');
  expect(receiver.told.at(-1)?.body).toMatchObject({ type: 'contact.created', data: { surface: 'admin', contacts: [{ displayName: 'TOLD Sigrid' }] } });

  await admin.getByRole('button', { name: 'More actions' }).click();
  await admin.getByRole('menuitem', { name: 'Delete webhook' }).click();
  await admin.getByRole('dialog', { name: 'Delete Post?' }).getByRole('button', { name: 'Delete' }).click();
  await expect(admin.getByText('Tell another program')).toBeVisible();
});

/** Makes a webhook that is told of batches. */
async function make(staff: Staff, receiver: Receiver, name: string, url: string): Promise<string> {
  const { createWebhook: made } = await staff.graphql<{ createWebhook: { webhook: { id: string }; secret: string } }>(
    'mutation($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id } secret errors { code message } } }', { input: { name, url, events: ['BATCH_FINISHED'] } });
  receiver.secrets = [made.secret];
  return made.webhook.id;
}

const remove = (staff: Staff, id: string) => staff.graphql('mutation($input: DeleteInput!) { deleteWebhook(input: $input) { errors { code message } } }', { input: { id } });

test('older deliveries stand on further pages, and what fails to load can be tried again', async ({ staff, receiver }) => {
  const id = await make(staff, receiver, 'Pages', receiver.url);
  const sends = Array.from({ length: 27 }, (_, n) => `t${n}: sendWebhookTest(input: {id: $id}) { errors { code message } }`);
  for (const part of [sends.slice(0, 14), sends.slice(14)]) await staff.graphql(`mutation($id: ID!) { ${part.join(' ')} }`, { id });
  const admin = staff.page;
  await admin.route('**/graphql', (route) => (route.request().postData()?.includes('query Webhooks') ? route.abort() : route.fallback()));
  await admin.goto('/admin/settings/webhooks');
  await expect(admin.getByText('The server does not answer.')).toBeVisible();
  await admin.unroute('**/graphql');
  await admin.getByRole('button', { name: 'Try again' }).click();
  await admin.getByRole('link', { name: 'Pages' }).click();
  const rows = admin.getByRole('table', { name: 'Deliveries' }).getByRole('row', { name: 'Test' });
  await expect(rows).toHaveCount(25);
  await expect(admin.getByRole('button', { name: 'Newer' })).toBeDisabled();
  await admin.getByRole('button', { name: 'Older' }).click();
  await expect(rows).toHaveCount(2);
  await admin.getByRole('button', { name: 'Newer' }).click();
  await expect(rows).toHaveCount(25);
  await remove(staff, id);
  await expect(admin.getByText('This does not exist, or no longer.')).toBeVisible(); // a colleague deleted it
});

test('webhooks fit a phone, whatever their address', async ({ staff, receiver }) => {
  const address = `${receiver.url}/${'a-very-long-path/'.repeat(15)}?token=${'x'.repeat(120)}`;
  const id = await make(staff, receiver, 'Batches', address);
  const admin = staff.page;
  await admin.setViewportSize({ width: 390, height: 844 });
  const fits = () => admin.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
  await admin.goto('/admin/settings/webhooks');
  await expect(admin.getByRole('list', { name: 'Webhooks' })).toContainText('Batch actions');
  expect(await fits()).toBe(true);
  await expectAccessible(admin);
  await admin.getByRole('link', { name: 'Batches' }).click();
  await expect(admin.getByText('Nothing has been sent yet.')).toBeVisible();
  await admin.getByRole('button', { name: 'Send a test' }).click();
  await expect(admin.getByRole('list', { name: 'Deliveries' })).toContainText('Delivered');
  expect(await fits()).toBe(true);
  await expectAccessible(admin);
  await remove(staff, id);
});
