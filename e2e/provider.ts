import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Carnet, freeAddress } from './start.ts';

/** What the button of the provider says. */
export const label = 'Sign in with Nordfjord ID';

/** The provider's secret for Carnet. */
export const secret = 'a secret of the tests, long enough';

/** Starts provider.mjs, which sends people back to the site's provider `nordfjord`; gives its issuer. */
export async function startProvider(carnet: Carnet): Promise<{ issuer: string; end: () => void }> {
  const port = (await freeAddress()).split(':')[1] ?? '';
  const provider = fork(fileURLToPath(new URL('provider.mjs', import.meta.url)), [port, `${carnet.url}/v1/social/callback/${carnet.site}/nordfjord`], { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  await new Promise<void>((resolve, reject) => {
    provider.stdout?.on('data', (text: Buffer) => { if (String(text).includes('ready')) resolve(); });
    provider.on('exit', (code) => reject(new Error(`the provider ended with ${code}`)));
  });
  return { issuer: `http://localhost:${port}`, end: () => { provider.kill(); } };
}
