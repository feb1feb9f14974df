/** A mail server that takes what Carnet sends, for the tests of messages: those that import it share a Carnet that sends. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { start } from './start.ts';
import { expect, test as base } from './world.ts';

export interface Post {
  readonly url: string;
  readonly mails: { to: string; text: string }[];
  /** Waits for the newest mail to an address that holds something, and gives that. */
  find(to: string, what: RegExp): Promise<string>;
}

/** A mail's text with its soft line breaks taken out (RFC 2045, section 6.7). */
const whole = (text: string): string => text.replace(/=\r\n/g, '').replace(/=3D/g, '=');

export const test = base.extend<object, { post: Post }>({
  post: [async ({}, use) => {
    const mails: Post['mails'] = [];
    const server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      onData(stream, session, done) {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () => {
          const text = Buffer.concat(parts).toString();
          for (const { address } of session.envelope.rcptTo) mails.push({ to: address, text });
          done();
        });
      },
    });
    await new Promise<void>((ready) => { server.listen(0, '127.0.0.1', ready); });
    const find = async (to: string, what: RegExp) => {
      let found: string | undefined;
      await expect.poll(() => {
        found = mails.filter((mail) => mail.to === to).map(({ text }) => what.exec(whole(text))?.[0]).filter(Boolean).at(-1);
        return found;
      }, { message: `a mail with ${what} for ${to}`, timeout: 30_000 }).toBeTruthy();
      return found ?? '';
    };
    await use({ url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`, mails, find });
    await new Promise<void>((closed) => { server.close(closed); });
  }, { scope: 'worker' }],
  carnet: [async ({ post }, use) => {
    const carnet = await start({ CARNET_SMTP_URL: post.url, CARNET_MAIL_FROM: 'Carnet <no-reply@carnet.example>' });
    await use(carnet);
    await carnet.stop();
  }, { scope: 'worker', timeout: 120_000 }],
});
