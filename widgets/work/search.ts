import { sha256 } from './sha256';

/** How long a slice of the search takes, in milliseconds: the page stays responsive between two. */
const slice = 12;

/** How many hashes are made between two looks at the clock. */
const batch = 256;

/** The next turn of the page, after what waits. Unlike timers it is not slowed down in a tab that is not looked at. */
const turn = () => new Promise<void>((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    resolve();
  };
  port2.postMessage(0);
});

/**
 * Finds the number that a challenge asks for (`WorkInput` in schema.graphqls), in slices. `each` is told how far the search is, of 1,
 * between two, and ends it by giving false. Rejects when it was ended, and when there is no such number.
 */
export async function search(challenge: string, each: (part: number) => boolean): Promise<number> {
  const [, highest = '', , salt = '', digest = ''] = challenge.split('.');
  const most = Number(highest);
  const wanted = Array.from({ length: 8 }, (_, i) => Number.parseInt(digest.slice(i * 8, i * 8 + 8), 16) | 0);
  for (let n = 0; n <= most;) {
    const until = performance.now() + slice;
    do {
      for (const end = Math.min(n + batch, most + 1); n < end; n++) {
        const found = sha256(salt + n);
        if (found[0] === wanted[0] && wanted.every((word, i) => word === found[i])) return n;
      }
    } while (n <= most && performance.now() < until);
    if (!each(n / most)) break;
    await turn();
  }
  throw Object.assign(Error('carnet: the proof of work was not finished'), { code: 'UNEXPECTED', status: 0 });
}
