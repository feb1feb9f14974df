import type { Page } from '@playwright/test';
import { expect, expectAccessible, test, type Staff } from '../world.ts';

interface Day { day: string; count: number }
interface Made { createSegment: { segment: { id: string } } }

const person = (staff: Staff, firstName: string, lastName: string, city = '') => staff.graphql('mutation($i: CreatePersonInput!) { createPerson(input: $i) { errors { code message path } } }', {
  i: { firstName, lastName, address: { city } } });
const segment = async (staff: Staff, name: string, rule: object) => (await staff.graphql<Made>(
  'mutation($n: String!, $r: ContactFilter!) { createSegment(input: {name: $n, rule: $r}) { segment { id } errors { code message path } } }', { n: name, r: rule })).createSegment.segment.id;

/** Answers for the days before the test, which it cannot wait for; all else is the server's. Gives how many days were asked for. */
async function remember(page: Page, name: string, days: () => Day[]): Promise<number[]> {
  const asked: number[] = [];
  await page.route('**/graphql', async (route) => {
    const { query, variables } = (route.request().postDataJSON() ?? {}) as { query?: string; variables?: { days: number } };
    if (!query || !/query Segment(History|Trends)\b/.test(query)) return route.fallback();
    asked.push(variables?.days ?? 0);
    const response = await route.fetch();
    const { data } = await response.json() as { data: { segment?: { history: Day[] }; segments?: { id: string; history: Day[] }[] } };
    for (const one of [data.segment, data.segments?.find(({ id }) => id === name)]) if (one) one.history = days();
    return route.fulfill({ response, json: { data } });
  });
  return asked;
}

// D-03: a segment's page shows how many members it had day by day, as a chart and as a table, up to now; the list shows it small.
test('a segment’s history', async ({ staff }) => {
  const page = staff.page;
  await person(staff, 'Hanne', 'Historie');
  await person(staff, 'Helge', 'Historie');
  const id = await segment(staff, 'Historied', { text: { column: 'LAST_NAME', op: 'EQUALS', value: 'Historie' } });
  const { viewer } = await staff.graphql<{ viewer: { site: { timeZone: string } } }>('{ viewer { site { timeZone } } }');
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: viewer.site.timeZone }).format(new Date());
  const ago = (days: number) => new Date(Date.parse(today) - days * 86_400_000).toISOString().slice(0, 10);
  const told = (days: number) => new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(ago(days)));
  let days: Day[] = [];
  const asked = await remember(page, id, () => days);

  await page.goto(`/admin/segments/${id}`);
  const history = page.getByRole('region', { name: 'History' });
  await expect(history).toContainText('No day has been counted yet.');
  await expectAccessible(page);

  days = [{ day: ago(6), count: 9 }, { day: ago(5), count: 7 }, { day: ago(1), count: 4 }, { day: today, count: 2 }];
  await page.reload();
  const chart = history.getByRole('img');
  await expect(chart).toHaveAccessibleName(`From 9 on ${told(6)} to 2 now.`);
  await person(staff, 'Hilde', 'Historie');
  await expect(chart).toHaveAccessibleName(`From 9 on ${told(6)} to 3 now; at least 2 and at most 9 in between.`); // without a reload
  await expect(chart.locator('path[class*="line"]')).toHaveCount(2); // the days that were not counted part them
  await expectAccessible(page);

  await history.getByText('A year', { exact: true }).click();
  await expect.poll(() => asked.at(-1)).toBe(365);
  await history.getByRole('button', { name: 'Show as table' }).press('Enter');
  await expect(history.getByRole('row')).toHaveText(['DayMembers when it began', 'Now3', `${told(0)}2`, `${told(1)}4`, `${told(4)} to ${told(2)}not counted`, `${told(5)}7`, `${told(6)}9`]);
  await expectAccessible(page);

  await page.goto('/admin/segments');
  await expect(page.getByRole('row', { name: 'Historied' }).getByRole('img')).toHaveAccessibleName(`From 9 on ${told(6)} to 3 now.`);
  expect(asked.at(-1)).toBe(30);
  await expectAccessible(page);
});

// P-14: beside each condition of a rule stands how many contacts it holds by itself, as long as it says enough, and it follows.
test('the count of each condition', async ({ staff }) => {
  const page = staff.page;
  await person(staff, 'Trine', 'Tellesen', 'Tellevik');
  await person(staff, 'Tore', 'Tellesen', 'Tellevik');
  await person(staff, 'Turid', 'Tellesen', 'Telleby');
  const { createGroup } = await staff.graphql<{ createGroup: { group: { id: string } } }>('mutation { createGroup(input: {name: "Short"}) { group { id } errors { code message path } } }');
  const is = (column: string, value: string) => ({ text: { column, op: 'EQUALS', value } });
  const id = await segment(staff, 'Counted by leaf', { all: [is('LAST_NAME', 'Tellesen'), is('CITY', 'Tellevik'), { not: { group: createGroup.group.id } }] });

  await page.goto(`/admin/segments/${id}/edit`);
  const conditions = page.getByRole('group', { name: 'Condition', exact: true });
  const preview = page.getByRole('complementary', { name: 'Who is in it now' });
  const holds = (index: number, count: number) => expect(conditions.nth(index)).toHaveAccessibleDescription(`${count} ${count === 1 ? 'contact meets' : 'contacts meet'} this condition`);
  await holds(0, 3);
  await holds(1, 2);
  await expect(preview).toContainText(/^2/);
  await conditions.nth(1).getByRole('textbox', { name: 'Value' }).fill('telleby');
  await holds(1, 1);
  await holds(0, 3);
  await person(staff, 'Tuva', 'Tellesen', 'Telleby');
  await holds(0, 4); // without a reload
  await holds(1, 2);
  await conditions.nth(1).getByRole('textbox', { name: 'Value' }).fill(' ');
  await expect(conditions.nth(1)).toHaveAccessibleDescription('');
  await expect(preview).toContainText(/^4/);
  await conditions.nth(0).getByRole('switch', { name: 'Not' }).press('Space');
  const { segmentPreview } = await staff.graphql<{ segmentPreview: { count: number } }>('query($f: ContactFilter!) { segmentPreview(filter: $f) { count } }', { f: { not: is('LAST_NAME', 'Tellesen') } });
  await holds(0, segmentPreview.count);
  await expect(conditions.locator('[data-waiting]')).toHaveCount(0);
  await expectAccessible(page);

  // A condition that names what is gone is not counted, and the others are.
  await staff.graphql('mutation($id: ID!) { deleteGroup(input: {id: $id}) { deletedId errors { code message path } } }', { id: createGroup.group.id });
  await page.reload();
  await expect(conditions.nth(2)).toHaveAccessibleDescription('This condition cannot be counted');
  await holds(0, 4);
  await expect(preview).toContainText('In group: This does not exist here.');
  await expectAccessible(page);
});

// P-15: who came while a page had no connection is in its list when the connection is back.
test('a segment’s page after its connection was lost', async ({ staff }) => {
  const page = staff.page;
  await person(staff, 'Bodil', 'Bruddsen');
  const id = await segment(staff, 'Cut off', { text: { column: 'LAST_NAME', op: 'EQUALS', value: 'Bruddsen' } });
  let mended = Promise.resolve();
  let cut = () => Promise.resolve();
  await page.routeWebSocket('**/graphql', async (socket) => {
    await mended;
    socket.connectToServer();
    cut = () => socket.close({ code: 1012 });
  });
  await page.goto(`/admin/segments/${id}`);
  const members = page.getByRole('table', { name: 'members' });
  await expect(members.getByRole('link')).toHaveText(['BRUDDSEN Bodil']);
  await expect(page.locator('[data-version]:not([data-version=""])')).toBeVisible(); // it follows

  let mend = () => undefined as void;
  mended = new Promise((done) => { mend = done; });
  await cut();
  await person(staff, 'Bjarne', 'Bruddsen');
  mend();
  await expect(members.getByRole('link')).toHaveText(['BRUDDSEN Bjarne', 'BRUDDSEN Bodil']);
  await expect(page.getByRole('region', { name: 'Just entered, just left' })).toContainText('The list was read again; members now: 2');
});
