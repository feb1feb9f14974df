import type { Page } from '@playwright/test';
import { expect, expectAccessible, fillRegistration, newPerson, register, test } from '../world.ts';

const always = { proofOfWork: 'ALWAYS' };
const automatic = { proofOfWork: 'AUTOMATIC' };

/** Notes each call of an operation of a page, and whether it brought work. */
function calls(page: Page): string[] {
  const seen: string[] = [];
  page.on('request', (request) => {
    const body = request.url().endsWith('/graphql') && request.method() === 'POST' ? (request.postDataJSON() as { query: string; variables?: { input?: { work?: object } } }) : undefined;
    const name = body && /^mutation (\w+)/.exec(body.query)?.[1];
    if (name) seen.push(body.variables?.input?.work ? `${name} with work` : name);
  });
  return seen;
}

// embed §4: without a Worker, on the demo's page with the strict policy, which the visitor's fixture watches.
test('registration, password and mail work where each asks for work first', async ({ staff, visit }) => {
  await staff.settings(always, automatic);
  const person = newPerson();
  const page = await visit('/register?lang=en');
  const seen = calls(page);
  const registration = page.locator('carnet-registration');
  await fillRegistration(registration, person, await staff.fields('onRegistration'));
  await registration.getByRole('button', { name: 'Create account' }).click();
  await registration.getByLabel('Code').fill(await staff.code(person.email));
  await expectAccessible(page);
  await registration.getByRole('button', { name: 'Confirm' }).click();
  await expect(registration.getByRole('heading', { name: `Welcome, ${person.firstName}` })).toBeVisible();
  expect(seen.filter((name) => /^signUp|^confirm/.test(name))).toEqual(['signUp', 'signUp with work', 'confirmEmailCode']);

  await page.goto('/?lang=en');
  const login = page.locator('carnet-login');
  await login.getByRole('button', { name: 'Sign out', exact: true }).click();
  await login.getByLabel('E-mail').fill(person.email);
  await login.getByLabel('Password').fill(person.password);
  await login.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(login.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
  expect(seen.filter((name) => name.startsWith('signIn'))).toEqual(['signIn', 'signIn with work']);

  // By mail, sent twice: the second time by no form.
  await login.getByRole('button', { name: 'Sign out', exact: true }).click();
  await login.getByRole('button', { name: 'E-mail me a code instead' }).click();
  await login.getByLabel('E-mail').fill(person.email);
  await login.getByRole('button', { name: 'Send the code' }).click();
  await login.getByRole('button', { name: 'Send a new code' }).click();
  await expect(login.getByText('A new code is on its way.')).toBeVisible();
  expect(seen.filter((name) => name.startsWith('requestEmailCode'))).toEqual(['requestEmailCode', 'requestEmailCode with work', 'requestEmailCode', 'requestEmailCode with work']);
  const { mails } = await staff.graphql<{ mails: { nodes: { recipient: string }[] } }>('{ mails(first: 50) { nodes { recipient } } }');
  expect(mails.nodes.filter(({ recipient }) => recipient === person.email)).toHaveLength(3);
  await login.getByLabel('Code').fill(await staff.code(person.email));
  await login.getByRole('button', { name: 'Confirm' }).click();
  await expect(login.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
});

test('while the browser works the page says so and stays responsive', async ({ staff, visit }) => {
  const { page, person } = await register(visit, staff);
  await page.goto('/?lang=nb');
  const login = page.locator('carnet-login');
  await login.getByRole('button', { name: 'Logg ut', exact: true }).click();
  await staff.settings(always, automatic);
  await login.getByLabel('E-post').fill(person.email);
  await login.getByLabel('Passord').fill(person.password);
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(window, { tasks, from: performance.now() });
    new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) tasks.push(duration); }).observe({ type: 'longtask' });
  });
  const client = await page.context().newCDPSession(page);
  await client.send('Emulation.setCPUThrottlingRate', { rate: 20 }); // long enough to be looked at
  await login.getByRole('button', { name: 'Logg inn', exact: true }).click();
  await expect(login.getByRole('status')).toHaveText('Vi sjekker at du ikke er en robot …');
  await expect(login.getByRole('progressbar')).toBeVisible();
  await client.send('Emulation.setCPUThrottlingRate', { rate: 1 });
  await expect(login.getByRole('heading', { name: `Hei, ${person.firstName}` })).toBeVisible();
  await expect(login.getByRole('progressbar')).toHaveCount(0);
  const { held, all } = await page.evaluate(() => {
    const { tasks, from } = window as unknown as { tasks: number[]; from: number };
    return { held: tasks.filter((duration) => duration > 200).reduce((sum, duration) => sum + duration, 0), all: performance.now() - from };
  });
  expect(held / all, 'the part of the time in which the page did not answer').toBeLessThan(0.5);
});

test('a manager chooses when browsers work, and sees whether they do', async ({ staff }) => {
  await staff.settings(automatic, automatic);
  const admin = staff.page;
  await admin.goto('/admin/embed/limits');
  const sheet = admin.getByRole('region', { name: 'Proof of work' });
  await expect(sheet).toContainText('Not on now');
  await expect(sheet.getByRole('radio', { name: 'When busy' })).toBeChecked();
  await expect(sheet).toContainText('more than 120 sign-ins');
  await sheet.getByRole('radio', { name: 'Always' }).check();
  await expectAccessible(admin);
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(sheet).toContainText('On now');
  await admin.reload();
  await expect(sheet.getByRole('radio', { name: 'Always' })).toBeChecked();
});
