/** What every widget must do, whatever it is: a new folder is tested here without a line of its own. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { type Stage, everyField, stage } from './harness';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const manifest = JSON.parse(readFileSync(new URL('../dist/manifest.json', import.meta.url), 'utf8')) as { files: Record<string, unknown>; parts: string[] };
const widgets = Object.keys(manifest.files).filter((name) => !['loader', 'core', 'sdk'].includes(name) && !manifest.parts.includes(name));

let it: Stage;
before(async () => {
  it = await stage();
  it.fields = everyField;
  it.site = { providers: [{ name: 'fjord', label: 'Continue with Fjord ID' }] };
});
after(() => it.close());

for (const widget of widgets) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`carnet-${widget}, ${colorScheme}: accessible, with parts, no inline style, ready told`, async () => {
      it.body = `<h1>Host</h1><carnet-${widget} order="FH-1" nonce="0123456789abcdef"></carnet-${widget}>`;
      const page = await it.visit({ colorScheme, viewport: { width: 390, height: 844 } });
      await page.addInitScript(() => document.addEventListener('carnet:ready', (event) => { (event.target as HTMLElement).dataset['ready'] = '1'; }));
      await page.reload();
      const el = page.locator(`carnet-${widget}[data-ready]`);
      await el.waitFor();
      if (!['status', 'passkey'].includes(widget)) await el.locator('input').first().waitFor();
      await page.evaluate(axe);
      const { violations } = (await page.evaluate('axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"], rules: { region: { enabled: false } } })')) as { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] };
      assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html + node.failureSummary)]), []);
      const found = await el.evaluate((host) => ({
        parts: host.shadowRoot?.querySelectorAll('[part]').length,
        styled: host.shadowRoot?.querySelectorAll('[style], style, link').length,
        wide: document.documentElement.scrollWidth > innerWidth,
      }));
      assert.ok(found.parts, 'parts for the host to style');
      assert.equal(found.styled, 0);
      assert.equal(found.wide, false, 'fits a phone');
      await page.context().close();
    });
  }
}

test('host properties reach every widget, right-to-left turns it round', async () => {
  it.body = '<carnet-login></carnet-login>';
  const page = await it.visit();
  await page.getByLabel('E-mail').waitFor();
  await page.evaluate(() => {
    document.documentElement.dir = 'rtl';
    for (const [name, value] of [['accent', 'rgb(120, 20, 60)'], ['control-height', '60px']]) document.documentElement.style.setProperty(`--carnet-${name}`, value ?? '');
  });
  const look = await page.getByRole('button', { name: 'Sign in' }).evaluate((el) => ({ color: getComputedStyle(el).backgroundColor, height: el.getBoundingClientRect().height }));
  assert.deepEqual(look, { color: 'rgb(120, 20, 60)', height: 60 });
  const [show, input] = await Promise.all([page.getByRole('button', { name: 'Show' }).boundingBox(), page.getByLabel('Password').boundingBox()]);
  assert.equal(show?.x, input?.x, 'at the line\'s end, which is left');
  await page.context().close();
});

test('properties and parts are those that docs/widgets.md promises', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
  const docs = read('../../docs/widgets.md');
  const styles = ['kit', 'kit/field', ...widgets].map((folder) => { try { return read(`../${folder}/styles.css`); } catch { return ''; } }).join('');
  const inStyles = new Set(styles.match(/--carnet-[a-z-]*[a-z]/g));
  const inDocs = new Set([...docs.matchAll(/^\| `(--carnet-[a-z-]+)`/gm)].map(([, name]) => name));
  assert.deepEqual([...inStyles].sort(), [...inDocs].sort());
  const code = ['dom', 'element', 'control', 'form', 'social', 'field/yesno', 'field/checkbox', 'field/dropdown'].map((name) => read(`../kit/${name}.ts`)).join('') + [...widgets, 'sales', 'inbox'].flatMap((name) => readdirSync(new URL(`../${name}`, import.meta.url)).filter((file) => /^[a-z]+\.ts$/.test(file)).map((file) => read(`../${name}/${file}`))).join('');
  const parts = /\| part \| what \|\n\|---\|---\|\n([^]*?)\n\n/.exec(docs)?.[1] ?? '';
  for (const [, part = ''] of parts.matchAll(/`([a-z]+)`/g)) assert.match(code, new RegExp(`h\\('[a-z0-9]+\\.(?:[a-z]+\\.)?${part}\\b|'${part}'|\\b${part}\\b.*kind`), part);
});
