import { createServer, type Server } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, expectAccessible, test, type Staff } from '../world.ts';

const folder = fileURLToPath(new URL('../../docs/admin-spa/', import.meta.url));
const types: Record<string, string> = { html: 'text/html', js: 'text/javascript' };

/** Serves the worked example of docs/admin-spa on an address of its own, which is another site than Carnet's. */
async function serve(carnet: { url: string; site: string }): Promise<{ server: Server; url: string }> {
  const server = createServer((request, response) => void (async () => {
    const file = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1) || 'index.html';
    const text = (await readFile(folder + file, 'utf8')).replace('https://carnet.example', carnet.url).replace('data-site="demo"', `data-site="${carnet.site}"`);
    response.setHeader('Content-Type', `${types[file.split('.')[1] ?? 'html']}; charset=utf-8`);
    response.end(text);
  })());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, url: `http://localhost:${(server.address() as AddressInfo).port}` };
}

const origins = async (staff: Staff) => (await staff.graphql<{ site: { origins: { origin: string; staff: boolean }[] } }>('{ site { origins { origin landingUrl staff } } }')).site.origins;

// D-09
test('staff work from an application on another site: sign in, query, change, subscribe', async ({ carnet, staff, browser }) => {
  const { server, url } = await serve(carnet);
  const before = await origins(staff);
  // The example counts the first segment by name: one of our own, since other tests leave theirs as they please.
  const { createSegment: { segment } } = await staff.graphql<{ createSegment: { segment: { id: string } } }>('mutation($i: CreateSegmentInput!) { createSegment(input: $i) { segment { id } errors { code message } } }',
    { i: { name: '0 first of all', rule: { text: { column: 'LAST_NAME', op: 'EQUALS', value: 'Stol' } } } });
  const context = await browser.newContext({ reducedMotion: 'reduce' });
  try {
    // An origin that only embeds widgets may not sign staff in.
    const allow = (list: object[]) => staff.graphql('mutation($o: [SiteOriginInput!]) { updateSite(input: {origins: $o}) { errors { code message } } }', { o: list });
    await allow([...before, { origin: url }]);
    const page = await context.newPage();
    await page.goto(url);
    const refused = context.waitForEvent('page');
    await page.getByRole('button', { name: 'Sign in with Carnet' }).click();
    await expect((await refused).getByText('This application may not sign staff in here')).toBeVisible();
    await (await refused).close();
    await allow([...before, { origin: url, staff: true }]);

    // The person signs in on Carnet's own page, and agrees.
    await page.reload();
    const opened = context.waitForEvent('page');
    await page.getByRole('button', { name: 'Sign in with Carnet' }).click();
    const popup = await opened;
    await popup.getByLabel('E-mail').fill(carnet.owner.email);
    await popup.getByRole('textbox', { name: 'Password' }).fill(carnet.owner.password);
    await popup.getByRole('button', { name: 'Sign in' }).click();
    await expect(popup.getByRole('heading', { name: 'Let this application in?' })).toBeVisible();
    await expect(popup.getByText(url)).toBeVisible();
    await expectAccessible(popup);
    await popup.getByRole('button', { name: 'Let it in' }).click();
    await expect(page.getByRole('status')).toHaveText('Signed in as Ada Owner');

    // Query, subscribe.
    await expect(page.getByRole('list', { name: 'Contacts' }).getByRole('listitem')).toHaveCount(20);
    await expect(page.locator('#count')).toHaveText(/^\d+$/);
    await expectAccessible(page);
    // Change: the new contact is in the list, and the count of a segment that it enters moves by itself.
    await staff.graphql('mutation($i: UpdateSegmentInput!) { updateSegment(input: $i) { errors { code message } } }', { i: { id: segment.id, rule: { text: { column: 'LAST_NAME', op: 'EQUALS', value: 'Skrivebord' } } } });
    await expect(page.locator('#count')).toHaveText('0');
    await page.getByLabel('First name').fill('Siri');
    await page.getByLabel('Last name').fill('Skrivebord');
    await page.getByRole('button', { name: 'Add' }).click();
    await expect(page.getByRole('status')).toHaveText('SKRIVEBORD Siri is in the book');
    await expect(page.getByRole('listitem')).toHaveText([/SKRIVEBORD Siri/]);
    await expect(page.locator('#count')).toHaveText('1');

    // The session is bound to this browser's key and outlives the page, without any cookie of ours.
    await page.reload();
    await expect(page.getByRole('status')).toHaveText('Signed in as Ada Owner');
    // It ends with the permission: the origin is taken off the list, and the socket closes.
    await allow(before);
    await page.getByRole('searchbox').fill('a');
    await page.getByRole('searchbox').press('Enter');
    await expect(page.getByRole('status')).toHaveText(/has registered the origin|has ended/);
  } finally {
    await staff.graphql('mutation($id: ID!) { deleteSegment(input: {id: $id}) { errors { code message } } }', { id: segment.id });
    await staff.graphql('mutation($o: [SiteOriginInput!]) { updateSite(input: {origins: $o}) { errors { code message } } }', { o: before });
    await context.close();
    server.closeAllConnections();
    server.close();
  }
});
