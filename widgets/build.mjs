// Builds dist/: carnet.js (the loader, whose address never changes), one module with a hash in its name
// for the core and each widget, the texts by language, and manifest.json, which tells widgets.go what there is.
// Fails when languages differ in their texts, or when a byte budget is broken.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { minify } from 'terser';

const here = (name) => new URL(name, import.meta.url).pathname;
const languages = ['en', 'fr', 'nb'];

/** Bytes after gzip -9, embed budget by budget. `login`, `registration`, `account` and `preferences` are all that a page with such a form fetches as code. */
const budgets = { loader: 1024, core: 3072, login: 8192, registration: 11008, account: 25600, preferences: 9728, sales: 9728, further: 5120, inbox: 5120, fields: 2048, texts: 2048, sdk: 1280, 'third-party': 6144 };

// A widget is a folder with an element; nothing else needs to know it here.
const widgets = readdirSync(here('.')).filter((name) => existsSync(here(`${name}/element.ts`)) && name !== 'kit').sort();

// Modules that widgets fetch when they need them, and the frame of other vendors' widgets, which the manifest names by their tags.
const parts = { fields: 'kit/field/further.ts', work: 'work/index.ts', sales: 'sales/index.ts', further: 'further/index.ts', inbox: 'inbox/index.ts', 'third-party': 'third-party/index.ts' };

// What pages of other vendors load, beside nothing of ours.
const sdk = { sdk: 'sdk/index.ts' };

const minifyCss = {
  name: 'minify-css',
  setup: (build) => build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
    const { code } = await esbuild.transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true, target: 'chrome123' });
    return { contents: code.trim().replace(/([,:]) /g, '$1'), loader: 'text' }; // esbuild keeps the spaces within custom properties
  }),
};

const { outputFiles } = await esbuild.build({
  absWorkingDir: here('.'),
  entryPoints: { ...Object.fromEntries(['loader', 'core', ...widgets].map((name) => [name, `${name}/index.ts`])), ...parts, ...sdk },
  outdir: here('dist'),
  write: false, bundle: true, minify: true, format: 'esm', target: 'es2022', charset: 'utf8', legalComments: 'none',
  plugins: [minifyCss],
});

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;
const problems = [];

/** Folders whose texts travel with their module. */
const carrying = [...widgets, ...Object.keys(parts)].filter((name) => existsSync(here(`${name}/texts.ts`)));
const localeOf = (folder, language) => JSON.parse(readFileSync(here(`${folder}/locale/${language}.json`), 'utf8'));

/** The texts of all folders in one language that travel with the manifest, merged. A text named twice is a mistake. */
function textsOf(language) {
  const all = {};
  for (const folder of ['.', ...widgets.filter((name) => !carrying.includes(name))]) {
    for (const [key, text] of Object.entries(localeOf(folder, language))) {
      if (key in all) problems.push(`${folder}/locale/${language}.json names ${key} again`);
      all[key] = text;
    }
  }
  return all;
}

/** Every language must have the texts of the first, with the same {places} to fill. */
function sameTexts(language, texts, model) {
  const places = (text) => (text.match(/\{\w+\}/g) ?? []).sort().join();
  for (const key of new Set([...Object.keys(model), ...Object.keys(texts)])) {
    if (!(key in texts) || !(key in model)) problems.push(`${language}: ${key} is not in every language`);
    else if (places(texts[key]) !== places(model[key])) problems.push(`${language}: ${key} has other {places} than ${languages[0]}`);
  }
}

rmSync(here('dist'), { recursive: true, force: true });
mkdirSync(here('dist/locale'), { recursive: true });
writeFileSync(here('dist/.keep'), '');

const files = {};
const sizes = {};
for (const { path, text } of outputFiles) {
  const name = basename(path, '.js');
  // esbuild bundles; terser makes the code smaller still.
  const contents = Buffer.from((await minify(text, { module: true, ecma: 2020, compress: { passes: 3 } })).code);
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 10);
  const file = name === 'loader' ? 'carnet.js' : `${name}-${hash}.js`;
  sizes[name] = gzipped(contents);
  files[name] = { file, integrity: `sha384-${createHash('sha384').update(contents).digest('base64')}`, gzip: sizes[name] };
  writeFileSync(here(`dist/${file}`), contents);
}

execFileSync(here('node_modules/.bin/tsc'), ['--ignoreConfig', '--strict', '--target', 'es2022', '--lib', 'es2023,dom,dom.iterable', '--declaration', '--emitDeclarationOnly', '--outDir', here('dist/types'), here('sdk/index.ts')]);
renameSync(here('dist/types/index.d.ts'), here('dist/sdk.d.ts'));
rmSync(here('dist/types'), { recursive: true });

const model = textsOf(languages[0]);
let texts = 0;
for (const language of languages) {
  const own = textsOf(language);
  sameTexts(language, own, model);
  for (const folder of carrying) sameTexts(language, localeOf(folder, language), localeOf(folder, languages[0]));
  const json = JSON.stringify(own);
  texts = Math.max(texts, gzipped(json));
  writeFileSync(here(`dist/locale/${language}.json`), json);
}

const page = (name) => sizes.loader + sizes.core + sizes[name];
const measured = { loader: sizes.loader, core: sizes.core, login: page('login'), registration: page('registration'), account: page('account'), preferences: page('preferences'), sales: sizes.sales, further: sizes.further, inbox: sizes.inbox, fields: sizes.fields, texts, sdk: sizes.sdk, 'third-party': sizes['third-party'] };
for (const [name, budget] of Object.entries(budgets)) {
  if (measured[name] > budget) problems.push(`${name} takes ${measured[name]} bytes after gzip; its budget is ${budget}`);
}
writeFileSync(here('dist/manifest.json'), `${JSON.stringify({ files, parts: Object.keys(parts), measured, budgets, languages }, null, 2)}\n`);

console.table({ ...Object.fromEntries(Object.entries(sizes).map(([name, gzip]) => [name, { gzip }])), 'login page in all': { gzip: measured.login, budget: budgets.login }, 'registration page in all': { gzip: measured.registration, budget: budgets.registration }, 'largest locale': { gzip: texts, budget: budgets.texts } });
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
