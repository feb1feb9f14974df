import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { type Carnet } from '../start.ts';
import { expect, expectAccessible, register, test, type Staff } from '../world.ts';

/** A page of somebody else's: what its body holds, and the policy it is served with. */
interface Host { readonly body: string; readonly policy?: (carnet: string) => string; readonly head?: Record<string, string>; readonly script?: string }

const loader = (carnet: Carnet) => `<script type="module" src="${carnet.url}/widgets/v1/carnet.js" data-site="${carnet.site}"></script>`;

/** The strictest policy of docs/embedding.md: two entries for Carnet, Trusted Types closed. */
const strict = (carnet: string) => `default-src 'none'; script-src 'self' ${carnet}; connect-src ${carnet}; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'`;

const hosts: Record<string, Host> = {
  'a plain page': { body: '<carnet-login></carnet-login>' },
  'a page with a strict policy and closed Trusted Types': { body: '<carnet-login></carnet-login>', policy: strict },
  'a page whose site builder strips unknown tags': { body: '<div data-carnet="login"></div>' },
  'a page that is isolated from those it opens': { body: '<carnet-login></carnet-login>', head: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Resource-Policy': 'same-origin' } },
  'a page that has pasted the line twice': { body: '<carnet-login></carnet-login>', script: 'twice' },
};

async function serve(carnet: Carnet, { body, policy, head, script }: Host): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(head ?? {})) response.setHeader(name, value);
    if (policy) response.setHeader('Content-Security-Policy', policy(carnet.url));
    if (request.url === '/app.js') {
      response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
      response.end(application);
      return;
    }
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="en"><head><title>Somebody else's</title><link rel="icon" href="data:,">${loader(carnet)}${script === 'twice' ? loader(carnet) : ''}</head><body><main><h1>Somebody else's</h1>${body}</main></body></html>`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, url: `http://localhost:${(server.address() as AddressInfo).port}` };
}

/** Registers an origin beside those that are there; gives what takes it off again. */
async function allow(staff: Staff, origin: string): Promise<() => Promise<unknown>> {
  const set = (list: object[]) => staff.graphql('mutation($o: [SiteOriginInput!]) { updateSite(input: {origins: $o}) { errors { code message } } }', { o: list });
  const { site } = await staff.graphql<{ site: { origins: { origin: string; landingUrl: string; staff: boolean }[] } }>('{ site { origins { origin landingUrl staff } } }');
  await set([...site.origins, { origin }]);
  return () => set(site.origins);
}

async function signIn(page: Page, person: { email: string; password: string; firstName: string }): Promise<void> {
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
}

// D-05
for (const [name, host] of Object.entries(hosts)) {
  test(`one signs in, comes back and signs out on ${name}`, async ({ carnet, staff, visit }) => {
    const { person } = await register(visit, staff);
    const { server, url } = await serve(carnet, host);
    const back = await allow(staff, url);
    try {
      const page = await visit(url);
      await signIn(page, person);
      await expectAccessible(page);
      await page.reload();
      await expect(page.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
      await page.getByRole('button', { name: 'Sign out', exact: true }).click();
      await expect(page.getByLabel('E-mail')).toBeVisible();
      await expect(page.getByLabel('E-mail')).toHaveCount(1);
    } finally {
      await back();
      server.closeAllConnections();
      server.close();
    }
  });
}

/** A single-page application: its tags come and go with the address's fragment. */
const application = `
const main = document.querySelector('main');
const views = { home: [], login: ['carnet-login'], both: ['carnet-status', 'carnet-login'], account: ['carnet-account'] };
addEventListener('hashchange', () => main.replaceChildren(...(views[location.hash.slice(1)] ?? []).map((tag) => document.createElement(tag))));
document.addEventListener('carnet:signed-in', () => { main.dataset.in = String(Number(main.dataset.in ?? 0) + 1); });
`;

// D-05, D-04
test('a single-page application adds and removes widgets as it goes', async ({ carnet, staff, visit }) => {
  const { person } = await register(visit, staff);
  const { server, url } = await serve(carnet, { body: '<script src="/app.js"></script>', policy: strict });
  const back = await allow(staff, url);
  try {
    const page = await visit(url);
    const asked: string[] = [];
    page.on('request', (request) => { if (request.url().includes('/widgets/v1/')) asked.push(new URL(request.url()).pathname.replace(/-[0-9a-f]{10}\.js$/, '')); });
    const go = (to: string) => page.evaluate((hash) => { location.hash = hash; }, to);
    for (const to of ['login', 'home', 'login']) await go(to);
    await signIn(page, person);
    await go('home');
    await expect(page.getByRole('heading', { name: 'Hello' })).toHaveCount(0);
    await go('both');
    await expect(page.locator('main > carnet-status')).toContainText(person.lastName, { ignoreCase: true });
    await expect(page.locator('carnet-login').getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
    await go('account');
    await expect(page.getByLabel('Last name')).toHaveValue(person.lastName);
    await go('both');
    await page.locator('carnet-login').getByRole('button', { name: 'Sign out', exact: true }).click();
    await expect(page.locator('main > carnet-status')).toContainText('Not signed in');
    expect(asked.filter((path) => path.endsWith('/login')), 'a module once').toHaveLength(1);
    expect(await page.locator('main').getAttribute('data-in'), 'told once').toBe('1');
  } finally {
    await back();
    server.closeAllConnections();
    server.close();
  }
});
