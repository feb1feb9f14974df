import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import axe from 'axe-core';
import { conform } from '../../widgets/sdk/conformance.mjs';
import type { Carnet } from '../start.ts';
import { expect, expectAccessible, register, test } from '../world.ts';

type Answer = (path: string, response: ServerResponse) => void | Promise<void>;

/** A server of somebody else's, until the test ends. */
async function serve(answer: Answer, host = 'localhost'): Promise<{ url: string; [Symbol.asyncDispose](): Promise<void> }> {
  const server = createServer((request, response) => void answer(request.url ?? '/', response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

const kinds: Record<string, string> = { html: 'text/html; charset=utf-8', css: 'text/css', js: 'text/javascript; charset=utf-8' };

/** The worked example of the documents, as its vendor serves it. */
const example = (carnet: Carnet): Answer => async (path, response) => {
  const name = path === '/' ? 'index.html' : path.slice(1);
  const file = await readFile(new URL(`../../docs/example-widget/${name}`, import.meta.url), 'utf8').catch(() => undefined);
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader('Content-Type', kinds[name.split('.').at(-1) ?? ''] ?? 'text/plain');
  response.setHeader('Content-Security-Policy', `default-src 'none'; script-src 'self' ${carnet.url}; style-src 'self'; base-uri 'none'; form-action 'none'`);
  response.end(file.replace('https://carnet.example', carnet.url));
};

/** A host with the strictest policy of the documents and the one entry that a frame adds. */
const host = (carnet: Carnet, frames: string): Answer => (_, response) => {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Security-Policy', `default-src 'none'; script-src ${carnet.url}; connect-src ${carnet.url}; frame-src ${frames}; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'`);
  response.end(`<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width"><title>Host</title><link rel="icon" href="data:,"><script type="module" src="${carnet.url}/widgets/v1/carnet.js" data-site="${carnet.site}"></script></head>
    <body><main><h1>The evening</h1><carnet-login></carnet-login><x-demo-applause></x-demo-applause></main></body></html>`);
};

test('the worked example conforms, and what does not is told what is wrong', async ({ carnet, browser }) => {
  await using good = await serve(example(carnet));
  const results = await conform(browser, `${good.url}/`, axe.source);
  expect(results.filter(({ faults }) => faults.length > 0)).toEqual([]);
  expect(results.length).toBeGreaterThan(10);

  await using bad = await serve((_, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html style="height:2000px"><body><img src="data:,"><p style="width:3000px">wide</p><script type="module">
      import { connect } from '${carnet.url}/widgets/v1/sdk.js';
      const carnet = await connect({ autoResize: false });
      carnet.resize(50);
      document.documentElement.lang = '';
      carnet.onChange(() => { document.body.append(carnet.person().subject); });
      document.body.append(carnet.person()?.subject ?? '');
    </script><!-- ${'x'.repeat(200_000)} --></body></html>`);
  });
  const told = (await conform(browser, `${bad.url}/`, axe.source)).filter(({ faults }) => faults.length > 0).map(({ what }) => what.split(/[:,]/)[0]);
  expect(new Set(told)).toEqual(new Set(['policy', 'parts', 'changes of who is signed in are borne', 'bytes', 'axe', 'height', 'subject', 'language']));

  await using silent = await serve((_, response) => { response.end('<!doctype html><p>Hello'); });
  const [only, ...others] = await conform(browser, `${silent.url}/`, axe.source, 2000);
  expect([only?.what, only?.faults.length, others]).toEqual(['connects by the SDK and tells its height', 1, []]);
});

test('an owner registers a widget of another vendor, and a visitor agrees before it knows them', async ({ carnet, staff, visit }) => {
  await using vendor = await serve(example(carnet), 'vendor.localhost');
  await using page = await serve(host(carnet, vendor.url));
  const { site } = await staff.graphql<{ site: { origins: { origin: string; landingUrl: string; staff: boolean }[] } }>('{ site { origins { origin landingUrl staff } } }');
  await staff.settings({ origins: [...site.origins, { origin: page.url }] }, { origins: site.origins });

  const admin = staff.page;
  await admin.goto('/admin/embed');
  await admin.getByRole('link', { name: 'Others’ widgets' }).click();
  await admin.getByRole('button', { name: 'Add widget' }).click();
  const form = admin.getByRole('dialog');
  await form.getByLabel('Tag').fill('applause');
  await form.getByRole('textbox', { name: 'Name' }).fill('Applause');
  await form.getByLabel('Address of its page').fill('http://vendor.example/');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form.getByText('Write x-, the vendor, a hyphen and the name')).toBeVisible();
  await form.getByLabel('Tag').fill('x-demo-applause');
  await form.getByLabel('Address of its page').fill(`${vendor.url}/`);
  await form.getByRole('checkbox', { name: 'First name' }).check();
  await form.getByRole('checkbox', { name: 'Who is signed in, without a name' }).check();
  await expectAccessible(admin);
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form).toHaveCount(0);
  await expect(admin.getByRole('group', { name: 'Place them' })).toHaveText('<x-demo-applause></x-demo-applause>');
  await expect(admin.getByText(`frame-src ${vendor.url}`)).toBeVisible();
  await expectAccessible(admin);

  const { person } = await register(visit, staff);
  const seen = await visit(page.url, { expected: /applause\.css/ }); // axe tries to read the frame's style sheet
  const widget = seen.locator('x-demo-applause');
  const frame = widget.frameLocator('iframe');
  await expect(frame.getByRole('heading', { name: 'How was the evening?' })).toBeVisible();
  await seen.getByLabel('E-mail').fill(person.email);
  await seen.getByRole('textbox', { name: 'Password' }).fill(person.password);
  await seen.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(widget).toContainText('would like to know your first name.');
  await expect(frame.getByRole('heading', { name: 'How was the evening?' })).toBeVisible();
  await expectAccessible(seen);
  await widget.getByRole('button', { name: 'Share', exact: true }).click();
  await expect(frame.getByRole('heading', { name: `How was the evening, ${person.firstName}?` })).toBeVisible();
  await seen.evaluate(() => document.addEventListener('x-demo-applause:given', (event) => { document.title = JSON.stringify((event as CustomEvent).detail); }));
  await frame.getByLabel('4').check();
  await frame.getByRole('button', { name: 'Send' }).click();
  await expect(seen).toHaveTitle(JSON.stringify({ stars: 4 }));
  await seen.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(frame.getByRole('heading', { name: 'How was the evening?', exact: true })).toBeVisible();

  await admin.getByRole('button', { name: 'Remove Applause' }).click();
  await admin.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await expect(admin.getByText('There are none yet.')).toBeVisible();
  await admin.goto('/admin/embed/keys');
  await expect(admin.getByRole('table', { name: 'What was done' })).toContainText('Widget of others removed: x-demo-applause');
});
