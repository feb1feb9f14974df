import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Browser, Page } from '@playwright/test';
import { expect, expectAccessible, newPerson, test, type Staff } from '../world.ts';
import type { Carnet } from '../start.ts';

/** What an app shows for a secret (RFC 6238), some steps from now. */
function totp(secret: string, off = 0): string {
  const bits = [...secret.replaceAll(' ', '')].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + off));
  const sum = createHmac('sha1', key).update(counter).digest();
  return String((sum.readUInt32BE((sum.at(-1) ?? 0) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

type Person = ReturnType<typeof newPerson>;

/** Somebody new on the staff, in a browser of their own, at the page of the invitation. */
async function invite(carnet: Carnet, staff: Staff, browser: Browser, role: string): Promise<{ page: Page; person: Person }> {
  const person = newPerson();
  await staff.graphql('mutation($i: InviteStaffInput!) { inviteStaff(input: $i) { errors { code message } } }', { i: { email: person.email, role } });
  const { mails } = await staff.graphql<{ mails: { nodes: { recipient: string; text: string }[] } }>('{ mails(first: 50) { nodes { recipient text } } }');
  const link = mails.nodes.find(({ recipient }) => recipient === person.email)?.text.match(/\/admin\/invitation#\S+/)?.[0];
  const context = await browser.newContext({ baseURL: carnet.url });
  const page = await context.newPage();
  await page.goto(link ?? 'no link');
  await page.getByLabel('Your name').fill(person.lastName);
  await page.getByLabel('Choose a password').fill(person.password);
  await page.getByRole('button', { name: 'Accept invitation' }).click();
  return { page, person };
}

async function signIn(page: Page, { email, password }: Person): Promise<void> {
  await page.goto('/admin/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Goes through the pages that set an app up; gives its secret and the recovery codes. */
async function setUp(page: Page): Promise<{ secret: string; codes: string[] }> {
  await expect(page.getByRole('img', { name: 'QR code for the app' })).toBeVisible();
  const secret = (await page.getByRole('group', { name: 'Secret' }).textContent()) ?? '';
  expect(secret).toMatch(/^([A-Z2-7]{4} ){7}[A-Z2-7]{4}$/);
  await expectAccessible(page);
  const code = page.getByLabel('Code', { exact: true });
  await code.fill(totp(secret) === '000000' ? '111111' : '000000');
  await page.getByRole('button', { name: 'Confirm' }).click();
  await expect(page.getByRole('alert')).toHaveText('This code is wrong, has been used, or is too old.');
  await expect(code).toHaveValue('');
  await code.fill(totp(secret));
  await page.getByRole('button', { name: 'Confirm' }).click();
  const list = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
  await expect(list).toHaveCount(10);
  await expectAccessible(page);
  const codes = await list.allTextContents();
  const going = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  expect(await readFile(await (await going).path(), 'utf8')).toBe(`${codes.join('\n')}\n`);
  await expect(page.getByRole('button', { name: 'Continue' })).toBeDisabled();
  await page.getByLabel('I have kept them where I find them without my phone').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  return { secret, codes };
}

test('a second step is set up, asked for, and given by app or recovery code', async ({ carnet, staff, browser }) => {
  test.setTimeout(180_000);
  const { page, person } = await invite(carnet, staff, browser, 'OPERATOR');
  await page.getByRole('button', { name: `Account of ${person.lastName}` }).click();
  await page.getByRole('link', { name: 'My sign-in' }).click();
  await expect(page.getByRole('heading', { name: 'My sign-in', level: 1 })).toBeVisible();
  const step = page.getByRole('region', { name: 'Second step' });
  await expect(step).toContainText('None');
  await expect(page.getByText('Nothing yet.')).toBeVisible();
  await expectAccessible(page);

  // By keyboard alone, up to the QR code.
  await page.getByRole('button', { name: 'Set up a second step' }).focus();
  await page.keyboard.press('Enter');
  const drawer = page.getByRole('dialog');
  await expect(drawer.getByRole('textbox', { name: 'Your password now' })).toBeFocused();
  await page.keyboard.type('a guess of mine');
  await page.keyboard.press('Enter');
  await expect(drawer.getByRole('alert')).toHaveText('This is not your password.');
  await drawer.getByRole('textbox', { name: 'Your password now' }).fill(person.password);
  await page.keyboard.press('Enter');
  const { secret, codes } = await setUp(page);
  await expect(step).toContainText('On');
  await expect(step).toContainText('10 of 10');
  await expect(page.getByText('Second step set up')).toBeVisible();
  await expectAccessible(page);

  await page.getByRole('button', { name: `Account of ${person.lastName}` }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, person);
  const code = page.getByLabel('Code', { exact: true });
  await expect(code).toBeFocused();
  await expect(code).toHaveAttribute('autocomplete', 'one-time-code');
  await expect(code).toHaveAttribute('inputmode', 'numeric');
  await expectAccessible(page);
  // The password alone opens nothing.
  const nobody = await page.context().request.post('/graphql', { data: { query: '{ viewer { access } }' } });
  expect(await nobody.text()).toContain('UNAUTHENTICATED');
  await code.fill(totp(secret, -5));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toHaveText('This code is wrong, has been used, or is too old.');
  // Pasted as apps copy it; the step after the one that was used to set it up.
  const next = totp(secret, 1);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((text) => navigator.clipboard.writeText(text), ` ${next.slice(0, 3)} ${next.slice(3)}`);
  await code.focus();
  await page.keyboard.press('ControlOrMeta+V');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation', { name: 'Main menu' })).toBeVisible();

  // Without the phone.
  await page.getByRole('button', { name: `Account of ${person.lastName}` }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, person);
  await page.getByRole('button', { name: 'Use a recovery code' }).click();
  await expect(page.getByLabel('Recovery code')).toBeFocused();
  await expectAccessible(page);
  await page.getByLabel('Recovery code').fill((codes[0] ?? '').toLowerCase());
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('navigation', { name: 'Main menu' })).toBeVisible(); // going on earlier would break the sign-in off
  await page.goto('/admin/my-sign-in');
  await expect(step).toContainText('9 of 10');
  await expect(page.getByText('Recovery code used')).toBeVisible();

  // The password changes, by a code in place of the one before; another browser is signed out, this one is not.
  const other = await (await browser.newContext({ baseURL: carnet.url })).newPage();
  await signIn(other, person);
  await other.getByRole('button', { name: 'Use a recovery code' }).click();
  await other.getByLabel('Recovery code').fill(codes[1] ?? '');
  await other.getByRole('button', { name: 'Sign in' }).click();
  await expect(other.getByRole('navigation', { name: 'Main menu' })).toBeVisible();
  const form = page.getByRole('region', { name: 'Password', exact: true });
  await form.getByRole('button', { name: 'Use a code instead' }).click();
  await form.getByLabel('Code', { exact: true }).fill(codes[2] ?? '');
  await form.getByRole('textbox', { name: 'New password' }).fill('short');
  await form.getByRole('button', { name: 'Change password' }).click();
  await expect(form.getByText('At least 10 characters.')).toHaveCount(2);
  await form.getByRole('textbox', { name: 'New password' }).fill('a new and longer one');
  await form.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('The password is changed.')).toBeVisible();
  await expect(page.getByText('Password changed')).toBeVisible();
  await other.goto('/admin/my-sign-in');
  await expect(other.getByLabel('Password', { exact: true })).toBeVisible();

  // New recovery codes, then none at all.
  await page.getByRole('button', { name: 'New recovery codes' }).click();
  await drawer.getByRole('textbox', { name: 'Your password now' }).fill('a new and longer one');
  await drawer.getByRole('button', { name: 'Continue' }).click();
  const kept = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
  await expect(kept).toHaveCount(10);
  const fresh = await kept.allTextContents();
  expect(fresh).toHaveLength(10);
  expect(fresh).not.toContain(codes[5]);
  await page.getByLabel('I have kept them where I find them without my phone').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(step).toContainText('10 of 10');
  await page.getByRole('button', { name: 'Remove second step' }).click();
  await drawer.getByRole('textbox', { name: 'Your password now' }).fill('a new and longer one');
  await drawer.getByRole('button', { name: 'Remove second step' }).click();
  await expect(step).toContainText('None');
  await page.context().close();
  await other.context().close();
});

test('an owner asks all staff for a second step, and removes that of a lost phone', async ({ carnet, staff, browser }) => {
  test.setTimeout(180_000);
  const { page: owner, person: boss } = await invite(carnet, staff, browser, 'OWNER');
  const early = await invite(carnet, staff, browser, 'OPERATOR');
  await expect(early.page.getByRole('navigation', { name: 'Main menu' })).toBeVisible();
  await owner.goto('/admin/staff');
  const all = owner.getByRole('switch', { name: 'Staff need a second step' });
  await expect(all).not.toBeChecked();
  try {
    await all.click();
    await owner.getByRole('dialog').getByRole('button', { name: 'Ask for it' }).click();
    await expect(all).toBeChecked();
    await expect(owner.getByText('All staff asked for a second step')).toBeVisible();

    // Whoever is invited, or signs in, sets it up before anything else.
    const { page, person } = await invite(carnet, staff, browser, 'VIEWER');
    await expect(page.getByRole('heading', { name: 'Set up a second step' })).toBeVisible();
    await page.goto('/admin/contacts');
    await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
    await signIn(page, person);
    await expect(page.getByRole('heading', { name: 'Set up a second step' })).toBeVisible();
    await setUp(page);
    await expect(page.getByRole('navigation', { name: 'Main menu' })).toBeVisible();
    await page.goto('/admin/my-sign-in');
    await expect(page.getByRole('region', { name: 'Second step' })).toContainText('On');
    await expect(page.getByRole('button', { name: 'Remove second step' })).toHaveCount(0);

    // The list says who has one; a lost phone is an owner's to mend.
    await owner.reload();
    const row = owner.getByRole('row', { name: new RegExp(person.lastName) });
    await expect(row).toContainText('On');
    await expect(owner.getByRole('row', { name: new RegExp(early.person.lastName) })).toContainText('None');
    await expectAccessible(owner);
    await row.getByRole('button', { name: `Remove second step: ${person.lastName}` }).click();
    const question = owner.getByRole('dialog', { name: `Remove the second step of ${person.lastName}?` });
    await expect(question).toBeVisible();
    await expectAccessible(owner);
    await question.getByRole('button', { name: 'Remove second step' }).click();
    await expect(row).toContainText('None');
    await owner.reload();
    await expect(owner.getByText(`${person.lastName}: Second step removed · by ${boss.lastName}`)).toBeVisible();
    await page.goto('/admin/my-sign-in');
    await expect(page.getByLabel('Password', { exact: true })).toBeVisible();
    const { mails } = await staff.graphql<{ mails: { nodes: { recipient: string; subject: string }[] } }>('{ mails(first: 20) { nodes { recipient subject } } }');
    expect(mails.nodes.find(({ recipient }) => recipient === person.email)?.subject).toMatch(/^Your second step at .* was removed$/);
    await page.context().close();
  } finally {
    await owner.goto('/admin/staff'); // whatever is open there
    await all.click();
    await owner.getByRole('dialog').getByRole('button', { name: 'No longer ask' }).click();
    await expect(all).not.toBeChecked();
  }
  await owner.context().close();
  await early.page.context().close();
});
