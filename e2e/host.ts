/** Pages of somebody else's that embed the widgets, each on a port of its own. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import type { Carnet } from './start.ts';
import { expect, type Staff } from './world.ts';

/** A page of somebody else's. */
export interface Host {
  readonly body: string;
  /** The Content Security Policy that it is served with; it is given where the widgets come from. */
  readonly policy?: (server: string) => string;
  readonly head?: Record<string, string>;
  /** What its head holds beside the line that is pasted, before it or after. */
  readonly before?: (carnet: Carnet) => string;
  readonly after?: (carnet: Carnet) => string;
  /** Its own /app.js. */
  readonly script?: string;
  /** What the widgets are loaded from, when not the server's own address. */
  readonly server?: string;
}

/** The line that a site's owner pastes. */
export const loader = ({ url, site }: Carnet, server = url) => `<script type="module" src="${server}/widgets/v1/carnet.js" data-site="${site}"></script>`;

/** The strictest policy of docs/embedding.md: two entries for Carnet, Trusted Types closed. */
export const strict = (server: string) => `default-src 'none'; script-src 'self' ${server}; connect-src ${server}; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'`;

/** Serves a page to anybody, as http://localhost:PORT, until it is ended. */
export async function serve(carnet: Carnet, { body, policy, head, before, after, script, server: from = carnet.url }: Host): Promise<{ url: string; end: () => void }> {
  const server = createServer((request, response) => {
    for (const [name, value] of Object.entries(head ?? {})) response.setHeader(name, value);
    if (policy) response.setHeader('Content-Security-Policy', policy(from));
    if (request.url === '/app.js') {
      response.setHeader('Content-Type', 'text/javascript; charset=utf-8');
      response.end(script);
      return;
    }
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="en"><head><title>Somebody else's</title><link rel="icon" href="data:,">${before?.(carnet) ?? ''}${loader(carnet, from)}${after?.(carnet) ?? ''}</head><body><main><h1>Somebody else's</h1>${body}</main></body></html>`);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    end() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Registers an origin beside those that are there; gives what takes it off again. */
export async function allow(staff: Staff, origin: string): Promise<() => Promise<unknown>> {
  const set = (list: object[]) => staff.graphql('mutation($o: [SiteOriginInput!]) { updateSite(input: {origins: $o}) { errors { code message } } }', { o: list });
  const { site } = await staff.graphql<{ site: { origins: { origin: string; landingUrl: string; staff: boolean }[] } }>('{ site { origins { origin landingUrl staff } } }');
  await set([...site.origins, { origin }]);
  return () => set(site.origins);
}

/** Serves a page whose origin is registered until it ends. */
export async function embed(carnet: Carnet, staff: Staff, host: Host): Promise<{ url: string; end: () => Promise<void> }> {
  const { url, end } = await serve(carnet, host);
  const back = await allow(staff, url);
  return { url, end: async () => { await back(); end(); } };
}

export async function signIn(page: Page, person: { email: string; password: string; firstName: string }): Promise<void> {
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(person.password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page.getByRole('heading', { name: `Hello, ${person.firstName}` })).toBeVisible();
}

/** What a page asks of Carnet, preflights too, which no script sees. Begin before the page is opened. */
export async function countRequests(page: Page, { url }: Carnet): Promise<{ readonly urls: string[]; bytes: number }> {
  const session = await page.context().newCDPSession(page);
  const seen = { urls: [] as string[], bytes: 0 };
  const ours = new Set<string>();
  session.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (!request.url.startsWith(url) || ours.has(requestId)) return;
    ours.add(requestId);
    seen.urls.push(`${request.method} ${request.url}`);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => { if (ours.has(requestId)) seen.bytes += encodedDataLength; });
  await session.send('Network.enable');
  return seen;
}
