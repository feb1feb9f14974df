/**
 * The conformance test for widgets of other vendors. Run it on your own page, with no Carnet at hand:
 *
 *     npm install playwright-core axe-core
 *     node conformance.mjs https://acme.example/weather/
 *
 * It plays the page around, as strict as a site may be, and tells what holds and what does not. CHROMIUM names the browser where
 * playwright-core has none of its own. Ends with 1 when something does not hold. docs/third-party-widgets.md says why each is asked.
 */
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

/** What a widget may take: bytes as they travel, all files but the SDK, and how long until it connects and is drawn, in milliseconds. */
export const budgets = { bytes: 100_000, connect: 10_000 };

/** What a signed-in visitor is to a widget with every grant, after they agreed. */
const ada = { subject: 'c2hvdWxkLW5vdC1iZS1zaG93bi1hbnl3aGVyZS0wMDA', firstName: 'Ada', email: 'ada@example.com', answers: [{ id: 'f1', question: 'Do you sing?', answer: true }] };

const theme = {
  '--carnet-accent': '#155e6b', '--carnet-on-accent': '#fff', '--carnet-link': 'light-dark(#155e6b, #8fd3e0)', '--carnet-surface': 'light-dark(#fff, #181a1f)',
  '--carnet-text': 'light-dark(#16181d, #eceef2)', '--carnet-muted': 'light-dark(#5a606c, #a3a9b5)', '--carnet-border': 'light-dark(#e3e6eb, #2e323a)',
  '--carnet-error': 'light-dark(#b3261e, #ffb4ab)', '--carnet-field-background': 'light-dark(#fff, #101216)', '--carnet-field-border': 'light-dark(#868d9a, #6d7480)',
  '--carnet-field-radius': '.6em', '--carnet-font': 'system-ui, sans-serif', '--carnet-font-size': '16px',
};

/** The page around: what Carnet's frame does, and a record of all that comes. Runs in the browser. */
const hostScript = `
  const frame = document.querySelector('iframe');
  const said = globalThis.said = [];
  addEventListener('message', ({ source, data }) => {
    if (source !== frame.contentWindow || data !== 'carnet:connect' || globalThis.tell) return;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      said.push(data);
      try { const { resize } = JSON.parse(data); if (resize >= 0) frame.height = Math.min(resize, 5000); } catch {}
    };
    globalThis.tell = (state) => port1.postMessage(state);
    frame.contentWindow.postMessage('carnet:port', '*', [port2]);
    globalThis.tell(first);
  });
`;

const hostPage = (widget, first, scheme) => `<!doctype html><html lang="${first.locale}" style="color-scheme:${scheme}"><title>Host</title><style>body{margin:16px}iframe{display:block;width:100%;border:0;color-scheme:inherit}</style>
<main><iframe title="Widget" sandbox="allow-scripts allow-forms" referrerpolicy="no-referrer" src="${widget.replace(/&/g, '&amp;').replace(/"/g, '&quot;')}"></iframe></main><script>const first = ${JSON.stringify(first)};${hostScript}</script>`;

/** Whether a message is one that the SDK sends and Carnet takes. */
function wellFormed(message) {
  if (typeof message !== 'string' || message.length > 8192) return false;
  try {
    const { resize, emit } = JSON.parse(message);
    return (typeof resize === 'number' && resize >= 0 && resize <= 5000) || /^[a-z][a-z0-9-]{0,39}$/.test(emit);
  } catch {
    return false;
  }
}

/** What is wrong with a page's policy. */
function policyFaults(policy, frameOptions) {
  const rules = Object.fromEntries((policy ?? '').split(';').map((rule) => rule.trim().split(/\s+/)).filter(([name]) => name).map(([name, ...values]) => [name, values]));
  const scripts = rules['script-src'] ?? rules['default-src'];
  return [
    !policy && 'the page sends no Content-Security-Policy',
    policy && !scripts && 'its policy lets scripts come from anywhere: set script-src',
    ...['\'unsafe-inline\'', '\'unsafe-eval\'', '*', 'https:', 'data:'].filter((value) => scripts?.includes(value)).map((value) => `script-src has ${value}`),
    rules['frame-ancestors']?.includes('\'none\'') && 'frame-ancestors lets nobody show the page',
    frameOptions && `X-Frame-Options: ${frameOptions} lets no site show the page; use frame-ancestors`,
  ].filter(Boolean);
}

async function axeFaults(frame, axe) {
  await frame.evaluate(axe);
  const { violations } = await frame.evaluate('axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] })');
  return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target.join(' ')).join(', ')})`);
}

/** Serves the page around; gives its address. */
async function serve(html) {
  const server = createServer((request, response) => {
    if (request.url === '/') response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(html);
    else response.writeHead(204).end();
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://localhost:${server.address().port}/`, close: () => server.close() };
}

/** Opens the widget in a page around it, and gives what the checks look at. */
async function look(browser, widget, { width, scheme, person, locale = 'en', patience = budgets.connect }, use) {
  const first = { locale, direction: 'ltr', scheme, theme, person };
  const host = await serve(hostPage(widget, first, scheme));
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
  try {
    const page = await context.newPage();
    const wrong = [];
    const sizes = [];
    let answer;
    page.on('pageerror', (error) => wrong.push(error.message));
    page.on('console', (message) => { if (message.type() === 'error') wrong.push(message.text()); });
    page.on('response', (response) => {
      if (response.url() === widget) answer ??= response;
      if (!response.url().startsWith(host.url) && !response.url().endsWith('/widgets/v1/sdk.js')) sizes.push(response.request().sizes().then(({ responseBodySize }) => responseBodySize, () => 0));
    });
    await page.goto(host.url);
    const connected = await page.waitForFunction('said.length > 0', undefined, { timeout: patience }).then(() => true, () => false);
    const frame = page.frames()[1];
    return await use({ page, frame, connected, wrong, first, head: answer ? await answer.allHeaders() : {}, bytes: async () => (await Promise.all(sizes)).reduce((sum, one) => sum + one, 0) });
  } finally {
    await context.close();
    host.close();
  }
}

/** Checks a widget's page, which may take so many milliseconds to connect; gives what was asked, each with what is wrong: nothing where it holds. */
export async function conform(browser, widget, axe, patience = budgets.connect) {
  const results = [];
  const ask = (what, faults) => results.push({ what, faults: faults.filter(Boolean) });

  const goes = await look(browser, widget, { width: 1280, scheme: 'light', person: null, patience }, async ({ page, frame, connected, wrong, first, head, bytes }) => {
    ask('connects by the SDK and tells its height', [!connected && `nothing came within ${patience} ms: ${wrong.join('; ') || 'does the page call connect()?'}`]);
    if (!connected) return false;
    ask('policy: scripts from where the vendor says, frames by sites', policyFaults(head['content-security-policy'], head['x-frame-options']));
    ask('parts: a title, a language, something to see while nobody is signed in', await frame.evaluate(() => [
      !document.title && 'it has no title', !document.documentElement.lang && 'its root has no lang', !document.body.innerText.trim() && 'nothing is to be seen',
      document.querySelector('main, [role=main]') && 'it has a main; the page around has one',
    ]));
    await page.evaluate((state) => globalThis.tell(state), { ...first, person: ada });
    await page.evaluate((state) => globalThis.tell(state), { ...first, locale: 'fr', person: { subject: ada.subject } });
    await page.evaluate((state) => globalThis.tell(state), { ...first, person: null });
    await frame.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    ask('changes of who is signed in are borne, whatever is granted', wrong.splice(0));
    ask('events: messages are such as Carnet takes', (await page.evaluate('said')).filter((message) => !wellFormed(message)).map((message) => `not taken: ${String(message).slice(0, 100)}`));
    const took = await bytes();
    ask(`bytes: at most ${budgets.bytes} as they travel, without the SDK`, [took > budgets.bytes && `it takes ${took}`]);
    return true;
  });
  if (!goes) return results;

  for (const [width, scheme, person] of [[1280, 'light', null], [390, 'dark', ada]]) {
    await look(browser, widget, { width, scheme, person }, async ({ frame }) => {
      ask(`axe: accessible, ${scheme}, ${width} pixels wide`, await axeFaults(frame, axe));
      const fits = () => frame.evaluate(() => document.documentElement.scrollHeight <= innerHeight + 1);
      await frame.waitForFunction(() => document.documentElement.scrollHeight <= innerHeight + 1, undefined, { timeout: 2000 }).catch(() => undefined);
      ask(`height: no bar to scroll, ${width} pixels wide`, [
        !(await fits()) && 'the content is higher than what it asked for',
        (await frame.evaluate(() => document.documentElement.scrollWidth > innerWidth)) && 'the content is wider than the frame',
      ]);
      ask(`subject: not shown, ${width} pixels wide`, [(await frame.evaluate(() => document.body.innerText)).includes(ada.subject) && 'the subject is a key, not a name: do not show it']);
    });
  }
  await look(browser, widget, { width: 1280, scheme: 'light', person: null, locale: 'fr' }, async ({ frame }) => {
    ask('language: the root says the site’s', [(await frame.evaluate(() => document.documentElement.lang)) !== 'fr' && 'lang is not fr on a French page']);
  });
  return results;
}

async function main([widget]) {
  if (!widget) throw new Error('usage: node conformance.mjs https://acme.example/weather/');
  const { chromium } = await import('playwright-core');
  const axe = (await import('axe-core')).default.source;
  const browser = await chromium.launch(process.env['CHROMIUM'] ? { executablePath: process.env['CHROMIUM'] } : {});
  const results = await conform(browser, new URL(widget).href, axe);
  await browser.close();
  for (const { what, faults } of results) console.log(`${faults.length === 0 ? '  ok ' : 'FAIL '} ${what}${faults.map((fault) => `\n       ${fault}`).join('')}`);
  process.exitCode = results.some(({ faults }) => faults.length > 0) ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main(process.argv.slice(2));
