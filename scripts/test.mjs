// Runs the parts of `make test` one after the other, all of them even when one fails, and ends with how
// long each took and a line "N passed, N failed". A part without tests of its own (verify, lint, types)
// counts as one test. What a failed part said last is told again before that, for who sees only the end.
// A part that hangs is ended after some minutes, so that the others are still seen. Arguments name the parts to run; none means all.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The browser for the widgets' and the end-to-end tests: the system's, without windows where there is one (half the work), else the one Playwright installed. */
function browser() {
  const installed = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => existsSync(path));
  const { chromium } = createRequire(`${root}e2e/package.json`)('@playwright/test');
  return installed ?? chromium.executablePath();
}

/** Each part: what it runs where, and how its output tells of single tests. */
const parts = {
  verify: { run: ['scripts/verify.sh'] },
  lint: { run: ['scripts/lint.sh'] },
  // Cached results are as good as new ones, but say less: a run of everything runs everything.
  go: { run: ['go', 'test', '-race', '-count=1', '-timeout=15m', '-json', './...'], reader: goReader },
  widgets: { run: ['npm', 'run', '--silent', 'check'], in: 'widgets' },
  'widgets-test': { run: ['npm', 'run', '--silent', 'test'], in: 'widgets', reader: () => counting(/^. pass (\d+)$/, /^. fail (\d+)$/) },
  admin: { run: ['npm', 'run', '--silent', 'check'], in: 'admin', reader: () => counting(/^\s+Tests\s.*?(\d+) passed/, /^\s+Tests\s.*?(\d+) failed/) },
  'e2e-types': { run: ['npm', 'run', '--silent', 'check'], in: 'e2e' },
  e2e: { run: ['npm', 'run', '--silent', 'test'], in: 'e2e', reader: () => counting(/^\s+(\d+) passed/, /^\s+(\d+) failed/) },
};

/** How long a part may take, in milliseconds: longer than any does on a slow machine. */
const longest = 20 * 60_000;

const plain = (line) => line.replace(/\x1b\[[0-9;]*m/g, '');

/** The last lines of what was said. */
const end = (text) => plain(text).trimEnd().split('\n').slice(-20).join('\n');

/** Prints every line, and takes the numbers of passed and failed tests from those that tell them. */
function counting(passed, failed) {
  const count = { passed: 0, failed: 0 };
  let said = '';
  return {
    count,
    said: () => said,
    line(text) {
      console.log(text);
      said = end(`${said}\n${text}`);
      count.passed = Number(passed.exec(plain(text))?.[1] ?? count.passed);
      count.failed = Number(failed.exec(plain(text))?.[1] ?? count.failed);
    },
  };
}

/** Reads `go test -json`: a line for each package, the output of what failed, tests counted one by one. */
function goReader() {
  const count = { passed: 0, failed: 0 };
  const outputs = new Map(); // by package and test
  let said = '';
  const tell = (text) => {
    process.stdout.write(text);
    said = end(`${said}\n${text}`);
  };
  return {
    count,
    said: () => said,
    line(text) {
      let event;
      try {
        event = JSON.parse(text);
      } catch {
        return tell(`${text}\n`); // a build's error, told plainly
      }
      const { Action: action, Package: pkg = event.ImportPath, Test: test = '', Output: output = '', Elapsed: elapsed } = event;
      const key = `${pkg} ${test}`;
      if (action === 'output') outputs.set(key, (outputs.get(key) ?? '') + output);
      if (action === 'build-output') tell(output);
      if (test && action === 'pass') count.passed++;
      if (test && action === 'fail') count.failed++;
      if (action === 'fail') tell(outputs.get(key) ?? '');
      if (!test && (action === 'pass' || action === 'fail')) console.log(`${action.padEnd(4)}  ${pkg}  ${elapsed?.toFixed(1)} s`);
      if (action === 'pass' || action === 'fail' || action === 'skip') outputs.delete(key);
    },
  };
}

let running;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    running?.kill(signal);
    process.exitCode = 130;
    stopped = true;
  });
}
let stopped = false;

/** Runs a part to its end; gives its counts and seconds. */
async function runPart(name) {
  const { run: [command, ...args], in: folder = '', reader = () => counting(/$^/, /$^/) } = parts[name];
  const { count, said, line } = reader();
  const began = performance.now();
  console.log(`\n== ${name}: ${[command, ...args].join(' ')}`);
  running = spawn(command, args, { cwd: root + folder, stdio: ['ignore', 'pipe', 'pipe'], env, timeout: longest });
  const ended = new Promise((resolve) => {
    running.on('error', (error) => { console.error(String(error)); resolve(1); });
    running.on('close', (code) => resolve(code ?? 1));
  });
  for (const stream of [running.stdout, running.stderr]) createInterface({ input: stream }).on('line', line);
  const ok = (await ended) === 0;
  if (!ok && count.failed === 0) count.failed = 1;
  if (ok && count.passed === 0) count.passed = 1;
  return { name, ok, seconds: (performance.now() - began) / 1000, said: said(), ...count };
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}: the parts are ${Object.keys(parts).join(', ')}.`);
  process.exit(2);
}
const env = { ...process.env, CHROMIUM: process.env['CHROMIUM'] || browser() };

const results = [];
for (const name of wanted.length > 0 ? wanted : Object.keys(parts)) {
  if (!stopped) results.push(await runPart(name));
}
for (const { name, said } of results.filter(({ ok }) => !ok)) console.log(`\n== ${name} failed, it said last:\n${said}`);
console.log('\n');
for (const { name, ok, seconds, passed, failed } of results) {
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name.padEnd(14)} ${seconds.toFixed(0).padStart(4)} s  ${passed} passed${failed ? `, ${failed} failed` : ''}`);
}
const sum = (key) => results.reduce((total, result) => total + result[key], 0);
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode ||= sum('failed') > 0 || results.some(({ ok }) => !ok) ? 1 : 0;
