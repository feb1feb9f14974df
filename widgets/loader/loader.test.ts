import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Stage, stage } from '../test/harness';

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());
beforeEach(() => Object.assign(it, { site: {}, body: '<carnet-login></carnet-login>', lang: 'en', fields: [], answers: {} }));

// D-05: the harness's host enforces the strictest policy, and fails the run on any breach of it.
test('a usable form takes four requests under a strict policy', async () => {
  const requests: string[] = [];
  const page = await it.visit();
  await page.getByLabel('E-mail').waitFor(); // the first visit's requests are over
  page.on('request', (request) => { if (request.url().startsWith(it.carnet)) requests.push(request.url()); });
  await page.reload();
  await page.getByLabel('E-mail').waitFor();
  assert.equal(requests.length, 4, requests.join('\n'));
  assert.ok(requests.every((url) => !/registration|checkout|status|code-/.test(url)), 'only what the page uses (D-04)');
  await page.context().close();
});

test('a div stands for a tag, and tags that come later are found', async () => {
  it.body = '<div data-carnet="status" data-login-href="/in"></div>';
  const page = await it.visit();
  assert.equal(await page.getByRole('link', { name: 'Sign in' }).getAttribute('href'), '/in');
  await page.evaluate(() => document.querySelector('main')?.append(document.createElement('carnet-login')));
  await page.getByLabel('Password').waitFor();
  await page.context().close();
});

test('a module whose digest is wrong does not run; the others do', async () => {
  it.body = '<carnet-login><a href="/elsewhere">Sign in elsewhere</a></carnet-login><carnet-status></carnet-status>';
  const page = await it.visit();
  const good = (await (await fetch(`${it.carnet}/widgets/v1/sites/demo?lang=en`)).json()) as { widgets: Record<string, { url: string; integrity: string }> };
  it.site = { widgets: { ...good.widgets, login: { ...good.widgets['login'], integrity: good.widgets['status']?.integrity } } };
  await page.addInitScript(() => {
    const codes: string[] = [];
    Object.assign(window, { codes });
    document.addEventListener('carnet:error', (event) => codes.push((event as CustomEvent).detail.code));
  });
  await page.reload();
  await page.getByText('Not signed in').waitFor();
  await page.getByRole('link', { name: 'Sign in elsewhere' }).waitFor();
  assert.equal(await page.evaluate(() => customElements.get('carnet-login')), undefined);
  assert.deepEqual(await page.evaluate(() => (window as unknown as { codes: string[] }).codes), ['LOAD_FAILED']);
  await page.context().close();
});

test('texts are those of the nearest lang', async () => {
  it.body = '<div lang="fr"><carnet-login></carnet-login></div><carnet-status></carnet-status>';
  it.lang = 'nb';
  const page = await it.visit();
  await page.getByRole('heading', { name: 'Connexion' }).waitFor();
  await page.getByText('Ikke logget inn').waitFor();
  await page.context().close();
});
