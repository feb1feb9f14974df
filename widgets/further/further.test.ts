import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { type Stage, stage } from '../test/harness';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());
beforeEach(() => {
  Object.assign(it, { site: {}, body: '<h1>Host</h1><carnet-account></carnet-account>', fields: [], lang: 'en', answers: {} });
});

const nobody = {
  orders: 0, tickets: 0, memberships: 0, passes: 0, bookings: 0, events: 0, produced: 0, offers: 0, sells: false, pays: false, hasEvents: false, mayView: true, mayEdit: true, mayCancel: true,
  timeZone: 'Europe/Oslo', currency: 'NOK',
};
const has = (holdings: object) => {
  it.answers['myAccount'] = () => ({ me: {
    subject: 'usr_1',
    profile: { firstName: 'Ada', lastName: 'Byron', mobile: '', addressFollows: false, address: { lines: [], postcode: '', city: '', country: '' }, answers: [] },
    security: { hasPassword: true, fresh: true, identities: [], passkeys: [], sessions: [], emailChange: null },
    privacyRequest: null,
    holdings: { ...nobody, ...holdings },
  } });
};

async function enter(options?: Parameters<Stage['visit']>[0]): Promise<Page> {
  const page = await it.visit(options);
  await page.getByLabel(/E-mail|E-post/).fill('ada@example.com');
  await page.getByRole('textbox', { name: /Password|Mot de passe|Passord/ }).fill('long enough');
  await page.getByRole('button', { name: /^(Sign in|Se connecter|Logg inn)$/ }).click();
  await page.getByRole('navigation').waitFor();
  return page;
}

async function accessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const { violations } = (await page.evaluate('axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"], rules: { region: { enabled: false } } })')) as { violations: { id: string; nodes: { html: string }[] }[] };
  assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)]), []);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, 'fits a phone');
}

const tab = (page: Page, name: string) => page.getByRole('navigation').getByRole('button', { name, exact: true });

// S-42, S-43
for (const colorScheme of ['light', 'dark'] as const) {
  test(`offers stand in the account with what is left and until when; on a phone, ${colorScheme}`, async () => {
    has({ offers: 3 });
    it.answers['myOffers'] = () => ({ me: { offers: [
      { id: 'o1', type: 'Discount', name: 'Half price', left: 20, endsOn: '2099-12-31' }, { id: 'o2', type: 'Presale', name: `A week early ${'and longer '.repeat(15)}`, left: null, endsOn: null },
      { id: 'o3', type: 'Gift', name: 'A glass of wine', left: 0, endsOn: null },
    ] } });
    const page = await enter({ colorScheme, viewport: { width: 390, height: 844 } });
    await tab(page, 'Offers').focus();
    await page.keyboard.press('Enter');
    const rows = page.getByRole('listitem');
    await rows.filter({ hasText: 'Half price' }).getByText('20 left').waitFor();
    await rows.filter({ hasText: 'Half price' }).getByText('Until Dec 31, 2099').waitFor();
    await rows.filter({ hasText: 'A glass of wine' }).getByText('None left').waitFor();
    assert.equal(await rows.filter({ hasText: 'A week early' }).getByText('left').count(), 0);
    await accessible(page);
    await page.context().close();
  });
}

test('a section is there for who has something in it', async () => {
  const tabs = async (holdings: object) => {
    has(holdings);
    const page = await enter();
    const names = await page.getByRole('navigation').getByRole('button').allTextContents();
    await page.context().close();
    return names.filter((name) => ['Offers', 'Sales of events', 'Calendar'].includes(name));
  };
  assert.deepEqual(await tabs({}), []);
  assert.deepEqual(await tabs({ offers: 1, produced: 1, tickets: 1 }), ['Offers', 'Sales of events', 'Calendar']);
  assert.deepEqual(await tabs({ bookings: 2 }), ['Calendar']);
});

// S-12
test('a producer reads the sales of their events, in all and by ticket type, page by page; in French on a phone', async () => {
  it.lang = 'fr';
  has({ produced: 2 });
  const event = (id: string, name: string, more: object = {}) => ({
    id, name, place: 'Grande salle', startsAt: '2099-06-01T17:00:00Z', endsAt: '2099-06-01T19:30:00Z', state: 'PUBLISHED', capacity: 50, left: 38,
    sales: { sold: 12, used: 3, revenue: 1_234_500, byTicketType: [{ productId: 'p1', name: 'Adulte', sold: 10, left: null, revenue: 1_200_000 }, { productId: 'p2', name: 'Enfant', sold: 2, left: 0, revenue: 34_500 }] }, ...more,
  });
  it.answers['producedEvents'] = ({ after }) => ({ me: { producedEvents: after
    ? { nodes: [event('e2', 'Carmen', { state: 'CANCELLED', capacity: null, left: null })], pageInfo: { hasNextPage: false, endCursor: null } }
    : { nodes: [event('e1', 'Faust')], pageInfo: { hasNextPage: true, endCursor: 'next' } } } });
  const page = await enter({ viewport: { width: 390, height: 844 } });
  await tab(page, 'Ventes d’événements').click();
  const faust = page.getByRole('listitem').filter({ hasText: 'Faust' });
  assert.match((await faust.getByRole('table').innerText()).replace(/\s+/g, ' '), /^Adulte ?10 vendus 12 000,00 NOK Enfant ?2 vendus · 0 restants 345,00 NOK Total ?12 vendus · 38 restants · 3 entrées 12 345,00 NOK$/);
  await accessible(page);
  await page.getByRole('button', { name: 'Afficher plus' }).click();
  const carmen = page.getByRole('listitem').filter({ hasText: 'Carmen' });
  await carmen.getByText('L’événement est annulé.').waitFor();
  assert.match((await carmen.getByRole('table').innerText()).replace(/\s+/g, ' '), /Enfant ?2 vendus 345,00 NOK Total ?12 vendus · 3 entrées 12 345,00 NOK$/);
  await page.context().close();
});

// Issue 6: a personal calendar feed.
test('the address of one’s own calendar is made, shown once, made anew and ended', async () => {
  has({ tickets: 1 });
  let address = 0;
  let since: string | null = null;
  it.answers['myCalendar'] = () => ({ me: { calendar: since && { createdAt: since } } });
  it.answers['makeMyCalendar'] = () => {
    since = '2026-11-27T10:00:00Z';
    return { payload: { url: `https://carnet.example/v1/my-calendar/cf_${++address}.ics`, errors: [] } };
  };
  it.answers['endMyCalendar'] = () => {
    since = null;
    return { payload: { errors: [] } };
  };
  const page = await enter({ viewport: { width: 390, height: 844 } });
  await tab(page, 'Calendar').click();
  await page.getByRole('button', { name: 'Make the address' }).click();
  const field = page.getByLabel('Address of your calendar');
  assert.equal(await field.inputValue(), 'https://carnet.example/v1/my-calendar/cf_1.ics');
  await page.waitForFunction(() => {
    const input = document.querySelector('carnet-account')!.shadowRoot!.activeElement as HTMLInputElement | null;
    return !!input?.value && input.selectionEnd === input.value.length;
  });
  assert.equal(await page.getByRole('link', { name: 'Open in your calendar program' }).getAttribute('href'), 'webcal://carnet.example/v1/my-calendar/cf_1.ics');
  await accessible(page);

  await tab(page, 'Profile').click();
  await tab(page, 'Calendar').click();
  await page.getByText('You have had an address since Nov 27, 2026').waitFor();
  assert.equal(await field.count(), 0, 'it is shown once');
  await accessible(page);
  await page.getByRole('button', { name: 'New address' }).click();
  assert.equal(await field.inputValue(), 'https://carnet.example/v1/my-calendar/cf_2.ics');
  await page.getByRole('button', { name: 'End the address' }).click();
  await page.getByRole('button', { name: 'Make the address' }).waitFor();

  it.answers['makeMyCalendar'] = () => ({ payload: { url: null, errors: [{ code: 'SUPPORT_SESSION', path: [] }] } });
  await page.getByRole('button', { name: 'Make the address' }).click();
  await page.getByRole('alert').getByText('This is a support session').waitFor();
  it.answers['makeMyCalendar'] = () => ({ errors: [{ message: 'no', extensions: { code: 'INTERNAL' } }] });
  await page.getByRole('button', { name: 'Make the address' }).click();
  await page.getByRole('alert').getByText('That did not work').waitFor();
  await page.context().close();
});
