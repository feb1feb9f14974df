/**
 * What the tests share: a Carnet for each worker, a staff member at its admin, and visitors of the demo
 * calendar, which is another site. A visitor is watched: the demo's strict policy must never be broken, no
 * cookie of Carnet's may travel from its pages, and no script may fail.
 */
import { test as base, expect, type APIRequestContext, type BrowserContext, type Cookie, type Locator, type Page, type Request } from '@playwright/test';
import axe, { type Result, type RunOptions } from 'axe-core';
import { start, type Carnet } from './start.ts';

/** A question of the site's own, as `customFields` tells it. */
export interface Field {
  id: string;
  type: 'YES_NO' | 'TEXT' | 'CHECKBOX' | 'DROPDOWN';
  label: string;
  required: boolean;
  onRegistration: boolean;
  onCheckout: boolean;
  multiple: string | null;
  minChoices: number | null;
  choices: { id: string; label: string }[];
}

/** Staff of the site: the admin in a browser, and the same session for GraphQL. */
export interface Staff {
  readonly page: Page;
  /** Runs an operation; fails when it has errors of either kind. */
  graphql<T = Record<string, never>>(query: string, variables?: object): Promise<T>;
  /** The newest code that was mailed to an address. */
  code(email: string): Promise<string>;
  /** The newest link that was mailed to an address, of those below a path. */
  link(email: string, below: string): Promise<string>;
  /** Adds a question for the rest of the test. */
  field(input: object): Promise<Field>;
  /** The site's questions of a place, in order. */
  fields(place: 'onRegistration' | 'onCheckout'): Promise<Field[]>;
  /** Changes settings until the test ends. */
  settings(change: object, back: object): Promise<void>;
}

/** Opens a page of the demo as a new visitor with a browser profile of its own. */
export type Visit = (path: string, options?: VisitOptions) => Promise<Page>;
export interface VisitOptions {
  viewport?: { width: number; height: number };
  /** Another page of a visitor that is already there. */
  like?: Page;
  /** Messages of the console that the test means to provoke. */
  expected?: RegExp;
}

interface TestFixtures { staff: Staff; visit: Visit }
interface WorkerFixtures { carnet: Carnet }

export const test = base.extend<TestFixtures, WorkerFixtures>({
  carnet: [async ({}, use) => {
    const carnet = await start();
    await use(carnet);
    await carnet.stop();
  }, { scope: 'worker', timeout: 120_000 }],

  staff: async ({ carnet, browser }, use) => {
    const context = await browser.newContext({ baseURL: carnet.url });
    const undo: (() => Promise<unknown>)[] = [];
    const staff = await enter(carnet, context, undo);
    await use(staff);
    for (const one of undo.reverse()) await one();
    await context.close();
  },

  visit: async ({ carnet, browser }, use) => {
    const contexts: BrowserContext[] = [];
    const wrong: string[] = [];
    await use(async (path, { like, expected, ...options } = {}) => {
      const context = like?.context() ?? await browser.newContext({ baseURL: carnet.demo, ...options });
      if (!like) {
        contexts.push(context);
        watch(context, carnet, wrong, expected);
      }
      const page = await context.newPage();
      await page.goto(path);
      return page;
    });
    for (const context of contexts) await context.close();
    expect(wrong, 'what went wrong on the visitor’s pages').toEqual([]);
  },
});

export { expect };

/**
 * Signs the owner in by the API, as the sign-in page would, and opens nothing yet. A session is for all tests of a
 * worker, until one signs out: quick tests would else try more often than an address may.
 */
async function signIn(carnet: Carnet, context: BrowserContext): Promise<void> {
  const kept = sessions.get(carnet);
  if (kept) {
    await context.addCookies(kept);
    const answer = await context.request.post('/graphql', { data: { query: '{ viewer { access } }' } });
    if (((await answer.json()) as { data?: { viewer: { access: string } } }).data?.viewer.access === 'OWNER') return;
  }
  const { email, password } = carnet.owner;
  const answer = await context.request.post('/v1/staff/session', { data: { email, password, site: carnet.site } });
  expect(answer.ok(), await answer.text()).toBe(true);
  sessions.set(carnet, await context.cookies());
}

const sessions = new Map<Carnet, Cookie[]>();

/** Staff of the site in a browser context; what undo gathers is undone when the test ends. */
async function enter(carnet: Carnet, context: BrowserContext, undo: (() => Promise<unknown>)[]): Promise<Staff> {
  await signIn(carnet, context);
  const page = await context.newPage();
  const graphql = <T>(query: string, variables = {}) => send<T>(context.request, query, variables);
  /** What the newest mail to an address holds that has it. */
  const mailed = async (to: string, what: RegExp) => {
    let found = '';
    await expect.poll(async () => {
      const { mails } = await graphql<{ mails: { nodes: { recipient: string; text: string }[] } }>('{ mails(first: 50) { nodes { recipient text } } }');
      found = mails.nodes.filter(({ recipient }) => recipient === to).map(({ text }) => text.match(what)?.[0]).find(Boolean) ?? '';
      return found;
    }, { message: `a mail with ${what} for ${to}` }).not.toBe('');
    return found;
  };
  const all = async () => (await graphql<{ customFields: Field[] }>(`{ customFields { ${fieldParts} } }`)).customFields;
  return {
    page,
    graphql,
    code: (to) => mailed(to, /^\d{8}$/m),
    link: (to, below) => mailed(to, new RegExp(`\\S+${below}\\S+`)),
    async field(input) {
      const { createCustomField: made } = await graphql<{ createCustomField: { customField: Field } }>(
        `mutation($input: CreateCustomFieldInput!) { createCustomField(input: $input) { customField { ${fieldParts} } errors { code message } } }`, { input });
      const { id } = made.customField;
      undo.push(() => graphql('mutation($input: UpdateCustomFieldInput!) { updateCustomField(input: $input) { errors { code message } } }', { input: { id, archived: true } }));
      return made.customField;
    },
    fields: async (place) => (await all()).filter((field) => field[place]),
    async settings(change, back) {
      const set = (input: object) => graphql('mutation($input: UpdateSiteInput!) { updateSite(input: $input) { errors { code message } } }', { input });
      undo.push(() => set(back));
      await set(change);
    },
  };
}

const fieldParts = 'id type label required onRegistration onCheckout multiple minChoices choices { id label }';

async function send<T>(request: APIRequestContext, query: string, variables: object): Promise<T> {
  const answer = await request.post('/graphql', { data: { query, variables } });
  const body = await answer.json() as { data?: Record<string, { errors?: unknown[] } | null>; errors?: unknown[] };
  expect(body.errors ?? [], query).toEqual([]);
  for (const payload of Object.values(body.data ?? {})) expect(payload?.errors ?? [], query).toEqual([]);
  return body.data as T;
}

/** Notes what must not happen on the demo's pages (D-05). */
function watch(context: BrowserContext, carnet: Carnet, wrong: string[], expected?: RegExp): void {
  const note = (text: string) => { if (!expected?.test(text)) wrong.push(text); };
  context.on('weberror', (error) => note(`script: ${error.error().stack}`));
  context.on('console', (message) => {
    // A policy's violations are told there too. A refused request is the test's own matter.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) note(`console: ${message.text()}`);
  });
  context.on('request', (request) => void checkCookies(request, carnet, note));
}

/** A request to Carnet from a page of another site carries no cookie; only Carnet's own pages, in popups and redirects, may. */
async function checkCookies(request: Request, carnet: Carnet, note: (text: string) => void): Promise<void> {
  if (!request.url().startsWith(carnet.url) || request.isNavigationRequest() || !request.frame().url().startsWith(carnet.demo)) return;
  const headers = await request.allHeaders().catch((): Record<string, string> => ({})); // the page may be gone
  if (headers['cookie']) note(`cookie sent to ${request.url()}`);
}

let people = 0;

/** A person nobody has seen before. */
export function newPerson() {
  const number = `${process.pid}${people++}`;
  return { firstName: 'Ingrid', lastName: `Ålesund${number}`, email: `ingrid.${number}@example.com`, password: `long enough ${number}` };
}

/** Answers a widget's questions, each as its type asks. */
export async function answer(widget: Locator, fields: Field[]): Promise<void> {
  for (const field of fields) {
    const label = new RegExp(`^${field.label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
    if (field.type === 'TEXT') await widget.getByLabel(label).fill('As always');
    if (field.type === 'CHECKBOX') await widget.getByRole('checkbox', { name: label }).check();
    if (field.type === 'YES_NO') await widget.getByRole('radiogroup', { name: label }).getByRole('radio', { name: 'Yes' }).check();
    if (field.type === 'DROPDOWN' && !field.multiple) await widget.getByLabel(label).selectOption({ index: 1 });
    if (field.type === 'DROPDOWN' && field.multiple) {
      const boxes = widget.getByRole('group', { name: label }).getByRole('checkbox');
      for (let i = 0; i < (field.minChoices || 1); i++) await boxes.nth(i).check();
    }
  }
}

/** Signs a new person up on the demo's page, with the code that was mailed; gives the page, signed in. */
export async function register(visit: Visit, staff: Staff, person = newPerson()): Promise<{ page: Page; person: typeof person }> {
  const page = await visit('/register?lang=en');
  const widget = page.locator('carnet-registration');
  await fillRegistration(widget, person, await staff.fields('onRegistration'));
  await widget.getByRole('button', { name: 'Create account' }).click();
  await widget.getByLabel('Code').fill(await staff.code(person.email));
  await widget.getByRole('button', { name: 'Confirm' }).click();
  await expect(widget.getByRole('heading', { name: `Welcome, ${person.firstName}` })).toBeVisible();
  return { page, person };
}

/** Fills the registration form, and does not send it. */
export async function fillRegistration(widget: Locator, person: ReturnType<typeof newPerson>, fields: Field[]): Promise<void> {
  await widget.getByLabel('First name').fill(person.firstName);
  await widget.getByLabel('Last name').fill(person.lastName);
  await widget.getByLabel('E-mail').fill(person.email);
  await widget.getByLabel('Password (optional)').fill(person.password);
  await answer(widget, fields);
}

/** The first event's page on the demo that one can buy a ticket for. */
export async function openEvent(visit: Visit, options?: VisitOptions): Promise<Page> {
  const page = await visit('/?lang=en', options);
  await page.getByRole('heading', { name: 'Coming up' }).locator('..').getByRole('link').first().click();
  await expect(page.getByRole('heading', { name: 'Buy a ticket' })).toBeVisible();
  return page;
}

/**
 * Fails on any violation that axe finds in the page, its shadow roots included: every rule in light colours, and
 * contrast, which is all that the scheme can change, in dark ones too.
 */
export async function expectAccessible(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  const light = await violations(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  // The admin hears of it and changes an attribute; hosts' pages follow by themselves.
  await page.waitForFunction(() => (document.documentElement.dataset['mantineColorScheme'] ?? 'dark') === 'dark');
  // A frame of another origin is another process, which hears of it later.
  for (const frame of page.frames()) await frame.waitForFunction(() => matchMedia('(prefers-color-scheme: dark)').matches);
  const dark = await violations(page, { runOnly: ['color-contrast'] });
  await page.emulateMedia({ colorScheme: 'light' });
  const told = [...light, ...dark.map((violation) => ({ ...violation, id: `dark: ${violation.id}` }))].map(({ id, help, nodes }) =>
    `${id}: ${help}\n${nodes.map(({ target, failureSummary }) => `    ${target.join(' ')}\n      ${failureSummary?.replaceAll('\n', '\n      ')}`).join('\n')}`);
  expect(told, `axe on ${page.url()}`).toEqual([]);
}

/**
 * What axe finds, run in the page itself and its frames: @axe-core/playwright has each run read axe anew and sum up in
 * a blank page of its own, which takes four times as long.
 */
async function violations(page: Page, options: RunOptions = {}): Promise<Result[]> {
  for (const frame of page.frames()) {
    if (await frame.evaluate(() => 'axe' in window)) continue;
    await frame.evaluate(`${axe.source}; axe.configure({ allowedOrigins: ['<unsafe_all_origins>'] });`);
  }
  return page.evaluate(async (asked) => {
    const { axe: runner } = window as unknown as { axe: typeof axe };
    return (await runner.run(document, asked)).violations;
  }, { resultTypes: ['violations'], ...options } satisfies RunOptions);
}
