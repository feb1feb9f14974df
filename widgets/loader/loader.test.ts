import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Stage, everyField, stage } from '../test/harness';

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());
beforeEach(() => Object.assign(it, { site: {}, body: '<carnet-login></carnet-login>', lang: 'en', fields: [], answers: {} }));

// D-05: the harness's host enforces the strictest policy, and fails the run on any breach of it.
for (const widget of ['login', 'registration', 'checkout']) {
  test(`a usable form takes four requests under a strict policy: ${widget}`, async () => {
    Object.assign(it, { body: `<carnet-${widget}></carnet-${widget}>`, fields: everyField.slice(0, 2) });
    const requests: string[] = [];
    const page = await it.visit();
    await page.getByLabel('E-mail').waitFor(); // the first visit's requests are over
    page.on('request', (request) => { if (request.url().startsWith(it.carnet)) requests.push(request.url()); });
    await page.reload();
    await page.getByLabel('E-mail').waitFor();
    assert.equal(requests.length, 4, requests.join('\n'));
    const others = ['login', 'registration', 'checkout', 'status', 'code'].filter((name) => name !== widget);
    assert.ok(requests.every((url) => !others.some((name) => url.includes(`/${name}-`))), 'only what the page uses (D-04)');
    if (widget !== 'login') await page.getByRole('radiogroup', { name: 'Do you have a season ticket?' }).waitFor();
    await page.context().close();
  });
}

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

test('where the site cannot be read every widget says so, and what stands inside stays', async () => { // embed §4
  it.body = '<carnet-account></carnet-account><carnet-status><a href="/in">Sign in here</a></carnet-status><other-element>theirs</other-element>';
  const page = await it.visit();
  await page.addInitScript(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    document.addEventListener('carnet:error', ({ target, detail }: Event & { detail?: { code: string } }) => told.push(`${(target as Element).localName} ${detail?.code}`));
  });
  await page.route('**/sites/demo*', (route) => route.fulfill({ status: 503, json: { error: { message: 'the site cannot be read now' } }, headers: { 'Access-Control-Allow-Origin': '*' } }));
  const failed = page.waitForEvent('console', (message) => message.text().includes('the site cannot be read now'));
  await page.reload();
  await failed;
  await page.locator('carnet-account', { hasText: new URL(it.carnet).host }).waitFor();
  assert.deepEqual(await page.evaluate(() => (window as unknown as { told: string[] }).told), ['carnet-account LOAD_FAILED', 'carnet-status LOAD_FAILED']);
  assert.equal(await page.locator('carnet-status').textContent(), 'Sign in here');
  assert.equal(await page.locator('other-element').textContent(), 'theirs');
  await page.context().close();
});

// Pages that clean what people write, an event's description for one, mostly let data- attributes through.
test('a div that somebody wrote into the page brings no listeners of theirs', async () => {
  it.body = '<div data-carnet="status" data-onmouseover="alert(1)" data-theme="dark" data-login-href="/in"></div>';
  const page = await it.visit();
  await page.getByRole('link', { name: 'Sign in' }).waitFor();
  assert.deepEqual(await page.locator('carnet-status').evaluate((el) => el.getAttributeNames().sort()), ['carnet', 'login-href', 'theme']);
  await page.context().close();
});

test('nor an address that runs something', async () => {
  for (const href of ['javascript:alert(1)', 'java&#10;script:alert(1)', '&#1;javascript:alert(1)', ' JavaScript:alert(1)', 'data:text/html,x', 'register.html']) {
    it.body = `<div data-carnet="status" data-login-href="${href}"></div>`;
    const page = await it.visit();
    await page.getByText('Not signed in').waitFor();
    assert.equal(await page.locator('carnet-status').getAttribute('login-href'), null, href);
    await page.context().close();
  }
  it.body = '<div data-carnet="status" data-login-href="https://club.example/in"></div>';
  const page = await it.visit();
  assert.equal(await page.getByRole('link', { name: 'Sign in' }).getAttribute('href'), 'https://club.example/in');
  await page.context().close();
});

// T-55: a form that comes to the page later asks for its questions itself.
test('a registration that comes later has its questions too', async () => {
  it.fields = everyField.slice(0, 2);
  const page = await it.visit();
  await page.getByLabel('Password').waitFor();
  await page.evaluate(() => document.querySelector('main')?.replaceChildren(document.createElement('carnet-registration')));
  await page.getByRole('radiogroup', { name: 'Do you have a season ticket?' }).waitFor();
  await page.context().close();
});
