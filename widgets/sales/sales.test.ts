import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, stage } from '../test/harness';
import { calendar } from './calendar';
import { clock, money } from './when';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());
beforeEach(() => {
  Object.assign(it, { site: {}, body: '<h1>Host</h1><carnet-account></carnet-account>', fields: [], lang: 'en', answers: { myAccount: () => ({ me: mine() }) } });
});

const nobody = { orders: 0, tickets: 0, memberships: 0, passes: 0, bookings: 0, events: 0, produced: 0, offers: 0, sells: false, pays: false, hasEvents: false, mayView: true, mayEdit: true, mayCancel: true, timeZone: 'Europe/Oslo', currency: 'NOK' };
const mine = (holdings: object = {}) => ({
  subject: 'usr_1',
  profile: { firstName: 'Ada', lastName: 'Byron', mobile: '', addressFollows: false, address: { lines: [], postcode: '', city: '', country: '' }, answers: [] },
  security: { hasPassword: true, fresh: true, identities: [], passkeys: [], sessions: [], emailChange: null },
  privacyRequest: null,
  holdings: { ...nobody, ...holdings },
});
const page1 = <T>(nodes: T[], endCursor: string | null = null) => ({ nodes, pageInfo: { hasNextPage: !!endCursor, endCursor } });
const has = (holdings: object) => { it.answers['myAccount'] = () => ({ me: mine(holdings) }); };

const event = (more: object = {}) => ({ name: 'Faust, a play', place: 'Big hall; stage 2', url: 'https://example.org/faust', startsAt: '2099-06-01T17:00:00Z', endsAt: '2099-06-01T19:30:00Z', state: 'PUBLISHED', ...more });
const ticket = (id: string, more: object = {}) => ({ id, state: 'VALID', code: 'c0de', mine: true, product: 'Adult', orderNumber: 7, event: event(), qr: { size: 21, path: 'M0 0h1v1h-1z' }, ...more });

async function enter(options?: Parameters<Stage['visit']>[0]): Promise<Page> {
  const page = await it.visit(options);
  await page.getByLabel(/E-mail|E-post/).fill('ada@example.com');
  await page.getByRole('textbox', { name: /Password|Mot de passe/ }).fill('long enough');
  await page.getByRole('button', { name: /^(Sign in|Se connecter)$/ }).click();
  await page.getByRole('navigation').waitFor();
  return page;
}

async function accessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const { violations } = (await page.evaluate('axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"], rules: { region: { enabled: false } } })')) as { violations: { id: string; nodes: { html: string }[] }[] };
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]), []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, 'fits a phone');
}

test('a section is there when it holds something; who has nothing finds where purchases will be', async () => {
  const tabs = async (holdings: object) => {
    has(holdings);
    const page = await enter();
    const names = await page.getByRole('navigation').getByRole('button').allTextContents();
    await page.context().close();
    return names.filter((name) => !['Profile', 'Sign-in and security', 'Your data'].includes(name));
  };
  assert.deepEqual(await tabs({}), []);
  assert.deepEqual(await tabs({ sells: true }), ['Purchases']);
  assert.deepEqual(await tabs({ sells: true, hasEvents: true, orders: 1, tickets: 2 }), ['Tickets', 'Purchases', 'My events', 'Calendar']);
  assert.deepEqual(await tabs({ passes: 1, bookings: 1 }), ['Memberships and passes', 'Bookings', 'Calendar']);
  it.body = '<carnet-account organizers></carnet-account>';
  assert.deepEqual(await tabs({}), ['My events']);
});

// T-06
for (const colorScheme of ['light', 'dark'] as const) {
  test(`every ticket is opened and put into a calendar, past ones too; on a phone, ${colorScheme}`, async () => {
    has({ tickets: 3, orders: 1 });
    const first = [ticket('t1'), ticket('t2', { mine: false, state: 'CANCELLED', qr: null, code: '' })];
    it.answers['myTickets'] = ({ after }) => ({ me: { tickets: after ? page1([ticket('t3', { state: 'USED', event: event({ name: 'Carmen', startsAt: '2020-01-01T10:00:00Z', endsAt: '2020-01-01T12:00:00Z' }) })]) : page1(first, 'next') } });
    const page = await enter({ colorScheme, viewport: { width: 390, height: 844 } });
    await page.getByRole('button', { name: 'Tickets' }).focus();
    await page.keyboard.press('Enter');
    const rows = page.getByRole('listitem');
    await rows.first().waitFor();
    assert.equal(await rows.count(), 2);
    await page.getByText('Jun 1, 2099, 7:00 – 9:30 PM').first().waitFor(); // in the hall's time
    const show = rows.filter({ hasText: 'Show the ticket' }).getByRole('button', { name: 'Show the ticket' });
    assert.equal(await show.count(), 1, 'a cancelled ticket is not shown');
    await show.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('img', { name: 'QR code of your ticket for Faust, a play' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Hide the ticket' }).getAttribute('aria-expanded'), 'true');
    const colours = await page.getByRole('img').evaluate((el) => [getComputedStyle(el).backgroundColor, getComputedStyle(el.firstElementChild!).fill]);
    assert.deepEqual(colours, ['rgb(255, 255, 255)', 'rgb(0, 0, 0)'], 'scanners read dark on light');
    await accessible(page);
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Add Faust, a play to your calendar' }).click()]);
    assert.match(await readFile(await download.path(), 'utf8'), /BEGIN:VEVENT\r\nUID:t1@carnet\r\n[^]*DTSTART:20990601T170000Z\r\n[^]*SUMMARY:Faust\\, a play\r\nLOCATION:Big hall\\; stage 2\r\n/);

    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('Past (1)').click();
    const past = rows.filter({ hasText: 'Carmen' });
    await past.getByText('Used').waitFor();
    await past.getByRole('button', { name: 'Show the ticket' }).waitFor();
    assert.equal(await past.getByRole('button', { name: /calendar/ }).count(), 0);
    await page.context().close();
  });
}

// T-04, T-05
test('purchases, memberships, passes and bookings, in French', async () => {
  it.lang = 'fr';
  has({ orders: 1, memberships: 1, passes: 1, bookings: 1 });
  it.answers['myOrders'] = () => ({ me: { orders: page1([{
    id: 'o1', number: 12, state: 'COMPLETED', currency: 'NOK', total: 123_400, returned: 0, due: 3_400, orderedAt: '2026-11-27T10:00:00Z', answers: [{ label: 'Régime', display: 'Végétarien' }],
    lines: [{ label: 'Faust, Adulte', quantity: 2, returned: 0, amount: 123_400, priceRule: 'Gold' }],
  }]) } });
  it.answers['myMemberships'] = () => ({ me: {
    memberships: page1([{ id: 'm1', plan: 'Gold', startsOn: '2026-11-27', endsOn: '2027-11-26', running: true, ahead: false, renews: true, cancelledAt: null, amount: 50_000, currency: 'NOK' }]),
    passes: page1([{ id: 'p1', product: 'Dix bains', uses: 10, left: 3, validOn: '2026-01-01', endsOn: null, usable: true, cancelledAt: null }]),
  } });
  it.answers['myBookings'] = () => ({ me: { bookings: page1([{ id: 'b1', product: 'Court 1', startsAt: '2099-06-01T17:00:00Z', endsAt: '2099-06-01T18:00:00Z', state: 'BOOKED', pass: 'Dix bains' }]) } });
  const page = await enter({ viewport: { width: 390, height: 844 } });
  await page.getByRole('button', { name: 'Achats' }).click();
  await page.getByText('Commande 12').click();
  await page.getByText('Reste à payer').waitFor();
  assert.match(await page.getByRole('table').innerText(), /2 × Faust, Adulte \(Gold\)\s+1\s?234,00\sNOK[^]*Reste à payer\s+34,00\sNOK/);
  await page.getByText('Régime: Végétarien').waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Abonnements et cartes' }).click();
  for (const text of ['À partir du 27 nov. 2026', 'Jusqu’au 26 nov. 2027', 'En cours', 'Se renouvelle automatiquement', '3 sur 10 restants', 'Sans fin']) await page.getByText(text).waitFor();
  await accessible(page);
  await page.getByRole('button', { name: 'Réservations' }).click();
  await page.getByText('Payée avec Dix bains').waitFor();
  await accessible(page);
  await page.context().close();
});

// T-05
test('what is due is paid on the page of the site’s provider; where there is none, nothing is offered', async () => {
  const orders = () => ({ me: { orders: page1([{
    id: 'o1', number: 12, state: 'COMPLETED', currency: 'NOK', total: 25_000, returned: 0, due: 20_000, orderedAt: '2026-11-27T10:00:00Z', answers: [],
    lines: [{ label: 'Faust, Adult', quantity: 1, returned: 0, amount: 25_000, priceRule: '' }],
  }]) } });
  const open = async (page: Page) => {
    await page.getByRole('button', { name: 'Purchases' }).click();
    await page.getByText('Order 12').click();
    await page.getByText('Still to pay').waitFor();
  };
  has({ orders: 1 });
  it.answers['myOrders'] = orders;
  const without = await enter();
  await open(without);
  assert.equal(await without.getByRole('button', { name: /^Pay/ }).count(), 0);
  await without.context().close();

  has({ orders: 1, pays: true });
  const asked: { orderId: string; returnUrl: string; idempotencyKey: string }[] = [];
  it.answers['startMyPayment'] = ({ input }) => {
    asked.push(input as (typeof asked)[number]);
    return { payload: asked.length === 1 ? { page: null, errors: [{ code: 'PROVIDER_SILENT', path: [] }] } : { page: { url: 'https://pay.example/c/1' }, errors: [] } };
  };
  const page = await enter({ viewport: { width: 390, height: 844 } });
  await page.route('https://pay.example/**', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>Pay here</h1>' }));
  await open(page);
  const host = page.url();
  const pay = page.getByRole('button', { name: /^Pay NOK\s200\.00$/ });
  await pay.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('alert').filter({ hasText: 'The payment page does not answer. Please try again.' }).waitFor();
  await accessible(page);
  await pay.click();
  await page.getByRole('heading', { name: 'Pay here' }).waitFor();
  assert.deepEqual(asked.map(({ orderId, returnUrl }) => [orderId, returnUrl]), [['o1', host], ['o1', host]]);
  assert.equal(new Set(asked.map(({ idempotencyKey }) => idempotencyKey)).size, 1, 'the same page, however often it is asked for');
  await page.context().close();
});

// T-07, T-08, T-09, T-10, T-23
test('an organizer submits, edits and cancels as far as it is granted', async () => {
  const own = { id: 'e1', description: 'By Goethe', refusal: '', capacity: 50, taken: 3, ...event({ state: 'SUBMITTED' }) };
  has({ hasEvents: true, events: 1 });
  it.answers['myEvents'] = () => ({ me: { events: page1([own, { ...own, id: 'e2', name: 'Carmen', state: 'PUBLISHED' }, { ...own, id: 'e3', name: 'Norma', state: 'REFUSED', refusal: 'Say where it is.' }]) } });
  it.answers['submitEvent'] = () => ({ payload: { errors: [{ code: 'TOO_MANY', path: [] }] } });
  const page = await enter({ viewport: { width: 390, height: 844 } });
  await page.getByRole('button', { name: 'My events' }).click();
  await page.getByText('3 of 50 places sold').waitFor();
  const refused = page.getByRole('listitem').filter({ hasText: 'Norma' });
  for (const text of ['Not accepted', 'Why: Say where it is.']) await refused.getByText(text).waitFor();
  await page.getByRole('button', { name: 'Submit an event' }).click();
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  assert.equal(await page.getByLabel('Name').getAttribute('aria-invalid'), 'true');
  await page.getByLabel('Name').fill('Fair');
  await page.getByLabel('Begins').fill('2099-03-29T10:00');
  await page.getByLabel('Ends').fill('2099-03-29T09:00');
  await page.getByLabel('Places').fill('many');
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByText('The end comes after the beginning.').waitFor();
  await page.getByText('Give a whole number, at least 1.').waitFor();
  await accessible(page);
  await page.getByLabel('Ends').fill('2099-03-29T11:00');
  await page.getByLabel('Places').fill('20');
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByRole('alert').getByText('Many of your events wait').waitFor();
  it.answers['submitEvent'] = () => ({ payload: { errors: [] } });
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByRole('status').getByText('Your event is submitted').waitFor();
  assert.deepEqual(it.sent['submitEvent'], { input: { name: 'Fair', place: '', url: '', description: '', startsAt: '2099-03-29T08:00:00.000Z', endsAt: '2099-03-29T09:00:00.000Z', capacity: 20 } });

  await page.getByRole('button', { name: 'Edit Faust, a play' }).click();
  assert.equal(await page.getByLabel('Begins').inputValue(), '2099-06-01T19:00');
  assert.equal(await page.getByLabel('Description').inputValue(), 'By Goethe');
  it.answers['updateMyEvent'] = () => ({ payload: { errors: [] } });
  await page.getByLabel('Place', { exact: true }).fill('Park');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('status').getByText('Saved.').waitFor();
  assert.deepEqual(it.sent['updateMyEvent'], { input: { id: 'e1', name: 'Faust, a play', place: 'Park', url: 'https://example.org/faust', description: 'By Goethe' } });

  await page.getByRole('button', { name: 'Edit Carmen' }).click();
  await page.getByText('The event is published.').waitFor();
  assert.equal(await page.getByLabel('Begins').count(), 0, 'its times are the staff\'s');
  await page.getByRole('button', { name: 'Back' }).click();
  it.answers['cancelMyEvent'] = () => ({ payload: { errors: [] } });
  await page.getByRole('button', { name: 'Cancel Carmen' }).click();
  await page.getByRole('button', { name: 'Yes, cancel the event' }).click();
  await page.getByRole('status').getByText('The event is cancelled.').waitFor();
  assert.deepEqual(it.sent['cancelMyEvent'], { input: { id: 'e2' } });
  await page.context().close();

  has({ hasEvents: true, mayView: false, mayEdit: false, mayCancel: false });
  const other = await enter();
  await other.getByRole('button', { name: 'My events' }).click();
  await other.getByRole('button', { name: 'Submit an event' }).waitFor();
  assert.equal(await other.getByRole('listitem').count(), 0);
  await other.context().close();
});

test('a section that cannot be read says so, and is read again', async () => {
  has({ orders: 1 });
  it.answers['myOrders'] = () => ({ errors: [{ message: 'no', extensions: { code: 'INTERNAL' } }] });
  const page = await enter();
  await page.getByRole('button', { name: 'Purchases' }).click();
  await page.getByRole('alert').getByText('That did not work').waitFor();
  it.answers['myOrders'] = () => ({ me: { orders: page1([]) } });
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('You have not bought anything yet.').waitFor();
  await page.context().close();
});

test('times of the zone of the site, both ways and over a change of its clocks', () => {
  const oslo = clock('en', 'Europe/Oslo');
  for (const [local, time] of [['2026-11-27T10:00', '2026-11-27T09:00:00.000Z'], ['2026-07-01T00:30', '2026-06-30T22:30:00.000Z'], ['2026-03-29T03:30', '2026-03-29T01:30:00.000Z'], ['2026-10-25T03:30', '2026-10-25T02:30:00.000Z']] as const) {
    assert.equal(oslo.time(local), time);
    assert.equal(oslo.local(time), local);
  }
  assert.equal(oslo.time(''), undefined);
  assert.equal(money('en', 1_234, 'NOK').replace(/\s/, ' '), 'NOK 12.34');
  assert.equal(money('en', 1_234, 'JPY'), '¥1,234');
});

test('a calendar file keeps to the lengths and escapes of RFC 5545', () => {
  const made = calendar({ id: 'x', name: 'Å'.repeat(60), place: 'a\\b;c,d\ne', url: '', startsAt: '2026-11-27T10:00:00Z', endsAt: '2026-11-27T11:00:00Z' });
  for (const line of made.split('\r\n')) assert.ok(new TextEncoder().encode(line).length <= 75, line);
  assert.ok(made.replaceAll('\r\n ', '').includes(`SUMMARY:${'Å'.repeat(60)}\r\nLOCATION:a\\\\b\\;c\\,d\\ne\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`));
});
