/**
 * A Carnet for the tests: the program as `make run` starts it, with the demo calendar, on ports and
 * data of its own. It ends, and its data goes, with what started it.
 */
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

/** A running Carnet. */
export interface Carnet {
  /** Where the admin, the API and the widgets are: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** The demo calendar, on another site: `http://localhost:PORT`. */
  readonly demo: string;
  /** The site's public id. */
  readonly site: string;
  /** The first login: the owner of the demo site. */
  readonly owner: { readonly email: string; readonly password: string };
  /** Runs a statement in its database, past all that the program checks. */
  sql(statement: string): Promise<void>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('../bin/carnet', import.meta.url));

/** How long a start may take on a machine that is busy with other tests. */
const patience = 60_000;

/** Starts Carnet, with further settings, and waits until it is ready. Rejects with what the program said when it ends before. */
export async function start(settings: Record<string, string> = {}): Promise<Carnet> {
  const data = await mkdtemp(join(tmpdir(), 'carnet-e2e-'));
  await chmod(data, 0o755); // PostgreSQL may run as another user, who must be able to enter
  const [addr, demoAddr] = await Promise.all([freeAddress(), freeAddress()]);
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CARNET_') || name === 'CARNET_POSTGRES_BIN'));
  const child = spawn(program, ['serve', '--demo'], {
    env: { ...env, CARNET_DATA: data, CARNET_ADDR: addr, CARNET_DEMO_ADDR: demoAddr, CARNET_DEMO_CONTACTS: '300', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { said += text; });
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(String(error)));
    child.on('exit', (code, signal) => resolve(`${program} ended (${code ?? signal}):\n${said}`));
  });

  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid) {
      child.kill('SIGTERM');
      const hung = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await ended;
      clearTimeout(hung);
    }
    await rm(data, { recursive: true, force: true });
  };

  try {
    const printed = new Promise<void>((resolve) => {
      child.stdout.on('data', () => { if (said.includes('/graphiql')) resolve(); }); // the greeting's last line
    });
    await orEnded(Promise.race([printed, timeout(() => `it did not greet:\n${said}`)]), ended);
    const url = `http://${addr}`;
    if (!said.includes(`${url}/admin/`)) throw new Error(`Carnet says another address than ${url}:\n${said}`);
    await orEnded(ready(url), ended);
    const login = JSON.parse(await readFile(join(data, 'first-login.json'), 'utf8')) as { email: string; password: string; site: string };
    return { url, demo: `http://localhost:${demoAddr.split(':')[1]}`, site: login.site, owner: { email: login.email, password: login.password }, sql: (statement) => run(data, statement), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Runs a statement in the private PostgreSQL of a data directory, by the socket that internal/db keeps there. */
async function run(data: string, statement: string): Promise<void> {
  const client = new pg.Client({ host: join(data, 'postgres', 'run'), user: 'carnet', database: 'carnet' });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Asks /readyz until database, feed and schema are there. */
async function ready(url: string): Promise<void> {
  const until = Date.now() + patience;
  let last = '';
  while (Date.now() < until) {
    const answer = await fetch(`${url}/readyz`);
    if (answer.ok) return;
    last = await answer.text();
    await new Promise((resolve) => setTimeout(resolve, 50)); // between two questions
  }
  throw new Error(`Carnet is not ready: ${last}`);
}

/** What is awaited, unless the program ends first. */
async function orEnded<T>(awaited: Promise<T>, ended: Promise<string>): Promise<T> {
  return Promise.race([awaited, ended.then((why) => { throw new Error(why); })]);
}

function timeout(why: () => string): Promise<never> {
  return new Promise((_, reject) => { setTimeout(() => reject(new Error(why())), patience).unref(); });
}

/** A port of loopback that is free now. */
export function freeAddress(): Promise<string> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? resolve(`127.0.0.1:${address.port}`) : reject(new Error('no port'))));
    });
  });
}
