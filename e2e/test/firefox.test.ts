import type { Browser, Page } from 'puppeteer-core';
import { launchFirefox, Visitor } from '../firefox.ts';
import { label, secret, startProvider } from '../provider.ts';
import { expect, newPerson, openEvent, register, test } from '../world.ts';

let firefox: Browser;
let provider: Awaited<ReturnType<typeof startProvider>>;

test.beforeAll(async ({ carnet }) => {
  [firefox, provider] = await Promise.all([launchFirefox(), startProvider(carnet)]);
});
test.afterAll(async () => {
  provider.end();
  await firefox.close();
});
test.beforeEach(({ staff }) => staff.graphql('mutation($input: SaveLoginProviderInput!) { saveLoginProvider(input: $input) { errors { code message path } } }',
  { input: { name: 'nordfjord', label, issuer: provider.issuer, clientId: 'carnet', clientSecret: secret } }));

/** A page in a profile of its own, and what one does in a widget there. */
async function visitor(url: string, widget: string): Promise<Visitor> {
  const page = await (await firefox.createBrowserContext()).newPage();
  await page.goto(url);
  return new Visitor(page, widget);
}

/** What a person does on the provider's own pages. */
async function consent({ page }: { page: Page }, login: string): Promise<void> {
  await page.locator('[name=login]').fill(login);
  await page.locator('[name=password]').fill('whatever');
  const at = new Visitor(page);
  await at.click('Sign-in');
  await at.click('Continue');
}

// D-05
test('in Firefox one signs in, stays signed in and signs out', async ({ carnet, staff, visit }) => {
  const { person } = await register(visit, staff);
  const at = await visitor(`${carnet.demo}/?lang=en`, 'carnet-login');
  await at.fill('E-mail', person.email);
  await at.fill('Password', person.password);
  await at.click('Sign in');
  await at.sees(`Hello, ${person.firstName}`);
  await at.page.reload();
  await at.sees(`Hello, ${person.firstName}`);
  await at.click('Sign out');
  await at.sees('Forgot your password?');
});

// D-08
test('in Firefox a provider signs somebody in by popup', async ({ carnet }) => {
  const at = await visitor(`${carnet.demo}/?lang=en`, 'carnet-login');
  const opened = new Promise<{ page: Page }>((done) => { at.page.once('popup', (page) => { if (page) done({ page }); }); });
  await at.click(label);
  await consent(await opened, 'sigrid-firefox');
  await at.sees('Hello, Sigrid');
});

// D-08
test('in Firefox the same goes by redirect where popups are blocked', async ({ carnet }) => {
  const url = `${carnet.demo}/register?lang=en`;
  const at = await visitor(url, 'carnet-registration');
  await at.page.evaluate(() => { window.open = () => null; });
  await at.click(label);
  await consent(at, 'sigrid-firefox-redirect');
  await at.sees('Welcome, Sigrid');
  expect(at.page.url()).toBe(url);
});

// D-07
test('in Firefox a guest buys a ticket', async ({ staff, visit }) => {
  const event = await openEvent(visit);
  const person = newPerson();
  const at = await visitor(event.url(), 'carnet-checkout');
  await at.fill('First name', person.firstName);
  await at.fill('Last name', person.lastName);
  await at.fill('E-mail', person.email);
  expect((await staff.fields('onCheckout')).filter(({ required }) => required)).toEqual([]); // nothing else has to be answered
  // By keyboard: where the button is moves while the widget's questions come.
  await at.page.focus('form button[type=submit], form button:not([type])');
  await at.page.keyboard.press('Enter');
  await at.sees(`Thank you, ${person.firstName}.`);
});
