/**
 * Stripe for the tests: stripe-mock, which answers for its API and keeps nothing, and the events that Stripe would send, signed as it
 * signs (docs.stripe.com/webhooks#verify-manually).
 */
import { execFile, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** A running stripe-mock. */
export interface StripeMock {
  readonly url: string;
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL('..', import.meta.url));

/** Starts it at the version that tool/go.mod pins; Go builds it the first time. */
export async function startStripe(): Promise<StripeMock> {
  const built = await promisify(execFile)('go', ['tool', '-n', '-modfile=tool/go.mod', 'stripe-mock'], { cwd: root });
  const child = spawn(built.stdout.trim(), ['-http-addr', '127.0.0.1:0', '-https-addr', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const address = new Promise<string>((resolve) => {
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const found = /HTTP at address: (127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (found) resolve(found);
    });
  });
  const at = await Promise.race([address, ended.then(() => { throw new Error('stripe-mock ended before it listened'); })]);
  return {
    url: `http://${at}`,
    async stop() {
      child.kill();
      await ended;
    },
  };
}

/** An event about an object, with the header that proves it. */
export function signedEvent(type: string, object: object, secret: string): { body: string; headers: Record<string, string> } {
  const body = JSON.stringify({ id: `evt_${randomUUID()}`, object: 'event', type, data: { object } });
  const at = Math.floor(Date.now() / 1000);
  return { body, headers: { 'Content-Type': 'application/json', 'Stripe-Signature': `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}` } };
}
