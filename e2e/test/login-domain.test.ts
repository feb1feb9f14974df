import type { Page } from '@playwright/test';
import { allow, serve, signIn, strict } from '../host.ts';
import { expect, expectAccessible, register, test } from '../world.ts';

/** All that a script of the page could carry off: its cookies and what it keeps in the browser. */
const loot = (page: Page): Promise<string> => page.evaluate(async () => {
  const found: unknown[] = [document.cookie, { ...localStorage }, { ...sessionStorage }];
  for (const { name } of await indexedDB.databases()) {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const open = indexedDB.open(name ?? '');
      open.onsuccess = () => resolve(open.result);
      open.onerror = reject;
    });
    for (const store of db.objectStoreNames) {
      const rows = db.transaction(store).objectStore(store).openCursor();
      await new Promise<void>((resolve) => {
        rows.onsuccess = () => {
          if (!rows.result) return resolve();
          found.push([rows.result.key, rows.result.value]);
          rows.result.continue();
        };
      });
    }
    db.close();
  }
  return JSON.stringify(found);
});

// D-05
test('an owner sets a login domain up, and a session there is a cookie that no script reads', async ({ carnet, staff, visit }) => {
  const { page: registered, person } = await register(visit, staff);
  await registered.close();
  const domain = carnet.url.replace('http://127.0.0.1', 'localhost');
  const there = `http://${domain}`;

  const admin = staff.page;
  await admin.goto('/admin/embed/domain');
  const name = admin.getByRole('textbox', { name: 'Domain' });
  await name.fill('login.example.org');
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('None of your origins lies below the same domain')).toBeVisible();
  await name.fill(domain);
  await admin.getByRole('button', { name: 'Save' }).click();
  await expect(admin.getByText('Not checked yet')).toBeVisible();
  await expectAccessible(admin);
  await admin.getByRole('button', { name: 'Check now' }).click();
  await expect(admin.getByText('In order, verified')).toBeVisible();
  await expect(admin.getByRole('group', { name: 'Load the widgets from it' })).toContainText(`src="${there}/widgets/v1/carnet.js"`);
  await expectAccessible(admin);

  const { url, end } = await serve(carnet, { body: '<carnet-login></carnet-login>', policy: strict, server: there });
  const back = await allow(staff, url);
  try {
    const page = await visit(url);
    await signIn(page, person);
    const [cookie] = (await page.context().cookies(there)).filter((one) => one.name.startsWith('__Host-carnet-session-'));
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict', path: '/' });
    const kept = await loot(page);
    expect(kept).toContain('"key"');
    expect(kept).toMatch(/^\["",/);
    expect(kept).not.toContain('cr_');
    expect(kept).not.toContain(cookie?.value);

    await page.reload();
    await expect(page.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
    const [rotated] = (await page.context().cookies(there)).filter((one) => one.name === cookie?.name);
    expect(rotated?.value, 'each use changes it').not.toBe(cookie?.value);
    const second = await visit(url, { like: page });
    await expect(second.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
    await second.getByRole('button', { name: 'Sign out', exact: true }).click();
    await expect(page.getByLabel('E-mail')).toBeVisible();
    expect((await page.context().cookies(there)).filter((one) => one.name === cookie?.name), 'the cookie goes').toEqual([]);
    await page.reload();
    await expect(page.getByLabel('E-mail')).toBeVisible();
  } finally {
    await back();
    await staff.graphql('mutation { setLoginDomain(input: {domain: ""}) { errors { code message } } }');
    end();
  }
});

// D-05
test('a page that may not use the login domain tells its developer why', async ({ carnet, staff, visit }) => {
  const domain = carnet.url.replace('http://127.0.0.1', 'localhost');
  await staff.graphql('mutation($d: String!) { setLoginDomain(input: {domain: $d}) { errors { code message } } }', { d: domain });
  await staff.graphql('mutation { checkLoginDomain { errors { code message } } }');
  const { url, end } = await serve(carnet, { body: '<carnet-login><a href="/office">Sign in at the office</a></carnet-login>', server: `http://${domain}` });
  try {
    const said: string[] = [];
    const page = await visit('about:blank', { expected: /serves registered origins of its own domain only/ });
    page.on('console', (message) => said.push(message.text()));
    await page.goto(url); // which nobody has registered
    await expect(page.getByRole('link', { name: 'Sign in at the office' })).toBeVisible();
    await expect.poll(() => said.join()).toContain(`load carnet.js from ${carnet.url} there`);
  } finally {
    await staff.graphql('mutation { setLoginDomain(input: {domain: ""}) { errors { code message } } }');
    end();
  }
});
