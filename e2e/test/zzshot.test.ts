import { register, test } from '../world.ts';
const out = '/tmp/channel-shots';
test('shots', async ({ staff, visit, carnet }) => {
  test.setTimeout(180000);
  const { page, person } = await register(visit, staff);
  const admin = staff.page;
  const q = (s: string, v: object) => staff.graphql<any>(s, v);
  const id = (await q('query($s: String) { contacts(search: $s, first: 2, includeUnlisted: true) { nodes { id } } }', { s: person.email })).contacts.nodes[0].id;
  await q('mutation($i: SaveSmsAccountInput!) { saveSmsAccount(input: $i) { errors { code message } } }', { i: { provider: 'TWILIO', sender: '+4712345678', accountSid: 'AC00000000000000000000000000000000', secret: 'abcdefgh12345678' } });
  for (const s of ['Your locker number', 'The spring cup']) await q('mutation($i: MessageInput!) { sendMessage(input: $i) { errors { code message } } }', { i: { contactId: id, channel: 'INTERNAL', subject: s, body: 'Dear {{first_name}},\n\nsee https://club.example/lockers for yours. It opens on Monday, and everybody is welcome to have a look before that, whoever they are.' } });
  await page.waitForTimeout(2000);
  await page.getByRole('link', { name: 'My account' }).click();
  await page.waitForTimeout(1500);
  const acc = page.locator('carnet-account');
  await acc.getByRole('button', { name: /^Messages/ }).click();
  await page.waitForTimeout(800);
  await page.screenshot({ path: `${out}/w-list.png`, fullPage: true });
  await acc.getByRole('button', { name: 'Your locker number' }).click();
  await page.waitForTimeout(800);
  await acc.getByRole('textbox', { name: 'Your answer' }).fill('Thank you, what is the code?');
  await acc.getByRole('button', { name: 'Send' }).click();
  await page.waitForTimeout(800);
  await page.screenshot({ path: `${out}/w-thread.png`, fullPage: true });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.screenshot({ path: `${out}/w-thread-390-dark.png`, fullPage: true });
  const tid = (await q('{ inbox { nodes { id subject staffUnread } } }', {})).inbox.nodes.find((n: any) => n.staffUnread > 0).id;
  const shots = async (name: string, w: number, dark: boolean) => {
    await admin.setViewportSize({ width: w, height: 900 });
    await admin.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
    for (const [n, u] of [['inbox', '/admin/inbox'], ['sms', '/admin/settings/sms'], ['draft', '/admin/campaigns/new'], ['thread', `/admin/inbox/${tid}`], ['record', `/admin/contacts/${id}/marketing`]] as const) {
      await admin.goto(u);
      await admin.waitForTimeout(1200);
      if (n === 'draft') await admin.locator('label').filter({ hasText: /^(Text message|SMS)$/ }).first().click().catch(() => {});
      if (n === 'sms' && dark) await admin.locator('label').filter({ hasText: /HTTP/ }).first().click().catch(() => {});
      await admin.screenshot({ path: `${out}/${n}-${name}.png`, fullPage: true });
    }
    await admin.locator('button').filter({ hasText: /Write a message|Écrire un message/ }).click();
    await admin.waitForTimeout(700);
    await admin.screenshot({ path: `${out}/dialog-${name}.png` });
  };
  await shots('en-1280', 1280, false);
  await admin.evaluate(() => localStorage.setItem('carnet.language', 'fr'));
  await q('mutation { __typename }', {}).catch(() => {});
  await shots('en-390-dark', 390, true);
});
