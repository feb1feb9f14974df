// Bundles the calendar page's script and style into dist/, which the Go package embeds.
import { copyFileSync, writeFileSync } from 'node:fs';
import * as esbuild from 'esbuild';

const here = (name) => new URL(name, import.meta.url).pathname;
await esbuild.build({
  absWorkingDir: here('.'),
  entryPoints: { demo: 'web/demo.js', style: 'web/style.css' },
  outdir: here('dist'),
  bundle: true, minify: true, format: 'esm', target: 'es2022', conditions: ['browser', 'production'], external: ['/assets/*'],
});
for (const file of ['hero.svg', 'mark.svg', 'early.js']) copyFileSync(here(`web/${file}`), here(`dist/${file}`));
writeFileSync(here('dist/.keep'), '');
