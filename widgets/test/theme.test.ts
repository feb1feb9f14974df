/** A site's theme in a browser, and the colours that its contrast is computed with. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { type Stage, stage } from './harness';

type Colors = Record<string, [string, string]>;
const cases = JSON.parse(readFileSync(new URL('../../internal/site/testdata/theme.json', import.meta.url), 'utf8')) as {
  own: Colors; mixed: [string, string, number, string][]; lightened: [string, number, string][];
};

let it: Stage;
before(async () => { it = await stage(); });
after(() => it.close());

/** Colours as a screen shows them, `#rrggbb`. */
const painted = `(css) => {
  const brush = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  brush.fillStyle = css;
  brush.fillRect(0, 0, 1, 1);
  return '#' + [...brush.getImageData(0, 0, 1, 1).data].slice(0, 3).map((n) => n.toString(16).padStart(2, '0')).join('');
}`;

test('the colours that contrast is computed with are those that the widgets show', async () => {
  it.body = '<carnet-login></carnet-login>';
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await it.visit({ colorScheme });
    await page.getByLabel('E-mail').waitFor();
    const shown = await page.evaluate(`(() => {
      const paint = ${painted};
      const root = document.querySelector('carnet-login').shadowRoot;
      const at = (selector, what) => paint(getComputedStyle(selector ? root.querySelector(selector) : root.host)[what]);
      return {
        accent: at('.button', 'backgroundColor'), 'on-accent': at('.button', 'color'), link: at('.link', 'color'), surface: at('.card', 'backgroundColor'),
        text: at('', 'color'), border: at('.card', 'borderTopColor'), 'field-background': at('.input', 'backgroundColor'), 'field-border': at('.input', 'borderTopColor'), 'field-text': at('.input', 'color'),
      };
    })()`) as Record<string, string>;
    for (const [name, color] of Object.entries(shown)) assert.equal(color, cases.own[name]?.[colorScheme === 'light' ? 0 : 1], `${name}, ${colorScheme}`);
    await page.context().close();
  }
  const page = await it.visit();
  const paint = (css: string) => page.evaluate(`(${painted})(${JSON.stringify(css)})`);
  for (const [one, other, share, mixed] of cases.mixed) assert.equal(await paint(`color-mix(in oklab, ${one} ${share * 100}%, ${other})`), mixed);
  for (const [color, lightness, is] of cases.lightened) assert.equal(await paint(`oklch(from ${color} ${lightness} c h)`), is);
  await page.context().close();
});

/** What the server writes for a theme (widgets/theme.go), and what is seen of it. */
const theme = ':host{--site:#155e6b}'
  + ':host{--accent:var(--carnet-accent,light-dark(#7a1f5c,#f0a0d0))}:host{--on-accent:var(--carnet-on-accent,light-dark(#fffffe,#101010))}'
  + ':host{--surface:var(--carnet-surface,light-dark(#fdf6e3,#202028))}:host{font-family:var(--carnet-font,"Source Sans 3",serif)}'
  + '.card{border-radius:var(--carnet-radius,3px)}.input,.select,.button,.secondary{min-block-size:var(--carnet-control-height,50px)}';

test('a theme is seen in light and dark, under the strictest policy, and what the page sets wins', async () => {
  it.site = { style: theme };
  it.body = '<carnet-login></carnet-login>';
  const look = `(() => {
    const paint = ${painted};
    const root = document.querySelector('carnet-login').shadowRoot;
    const of = (selector) => getComputedStyle(root.querySelector(selector));
    return [paint(of('.button').backgroundColor), paint(of('.button').color), paint(of('.card').backgroundColor), of('.card').fontFamily, of('.card').borderTopLeftRadius, root.querySelector('.input').getBoundingClientRect().height];
  })()`;
  for (const [colorScheme, colors] of [['light', ['#7a1f5c', '#fffffe', '#fdf6e3']], ['dark', ['#f0a0d0', '#101010', '#202028']]] as const) {
    const page = await it.visit({ colorScheme });
    await page.getByLabel('E-mail').waitFor();
    assert.deepEqual(await page.evaluate(look), [...colors, '"Source Sans 3", serif', '3px', 50]);
    await page.evaluate(() => {
      document.documentElement.style.setProperty('--carnet-surface', '#eeffee');
      document.documentElement.style.setProperty('--carnet-radius', '9px');
    });
    assert.deepEqual(await page.evaluate(look), [colors[0], colors[1], '#eeffee', '"Source Sans 3", serif', '9px', 50]);
    await page.context().close();
  }
  it.site = {};
});

test('what stands on tinted ground can be read with the faintest colour that the server takes', async () => { // WCAG 1.4.3
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  it.site = { style: ':host{--site:#767676}' }; // 4.54:1 on white
  it.body = '<h1>Host</h1><carnet-status></carnet-status><carnet-checkout order="FH-1" nonce="0123456789abcdef"></carnet-checkout>';
  it.answers['me'] = () => ({ me: { subject: 'usr_1', email: 'ada@example.com', firstName: 'Ada', lastName: 'Byron', displayName: 'Byron, Ada', supportedBy: 'Kari Staff' } });
  const page = await it.visit();
  await page.getByText('Not signed in').waitFor();
  await page.goto(`${it.host}/?x=1#carnet-support=cs_1-2`);
  await page.getByText('Support session: Kari Staff').waitFor();
  await page.getByRole('button', { name: 'Not you?' }).waitFor();
  await page.evaluate(() => { for (const el of [document.documentElement, document.body]) el.style.background = '#fff'; }); // what the page is like is the page's business
  await page.evaluate(axe);
  const { violations } = (await page.evaluate('axe.run({ runOnly: ["color-contrast"] })')) as { violations: { nodes: { html: string; failureSummary: string }[] }[] };
  assert.deepEqual(violations.flatMap(({ nodes }) => nodes.map((node) => node.html + node.failureSummary)), []);
  await page.context().close();
  it.site = {};
  delete it.answers['me'];
});
