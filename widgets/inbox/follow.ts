import type { Core, Manifest } from '../core/types';
import { myTicket } from '../operations';

/** Who is told when something may have changed, beside the count. */
const hearers = new Set<() => void>();

/** Calls back each time something in the inbox may have changed; what is given ends that. */
export function hear(changed: () => void): () => void {
  hearers.add(changed);
  return () => hearers.delete(changed);
}

/** Waits between tries to connect again, in milliseconds. */
const pauses = [1_000, 5_000, 30_000];

/**
 * Follows how many messages are unread, until what is given is called. An event stream by fetch (graphql-sse, distinct connections), which a host's policy lets through as it
 * does the rest; a ticket opens it, since the session's key stays with the core. A stream that breaks is opened anew.
 */
export function follow(core: Core, { server, credentials }: Pick<Manifest, 'server' | 'credentials'>, changed: (unread: number) => void): () => void {
  const end = new AbortController();
  const query = 'subscription{myUnread}';
  let failures = 0;

  async function stream(): Promise<void> {
    const { me } = await core.graphql(myTicket, {});
    if (!me) return end.abort();
    const response = await fetch(`${server}/graphql`, {
      method: 'POST', credentials, signal: end.signal, body: JSON.stringify({ query }),
      headers: { 'Content-Type': 'application/json', Accept: 'text/event-stream', Authorization: `Ticket ${me.ticket}` },
    });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (!response.ok || !reader) throw Error(response.statusText);
    for (let rest = ''; ;) {
      const { done, value } = await reader.read();
      if (done) return;
      const events = (rest + value).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const data = /^event: ?next$/m.test(event) && /^data: ?(.*)$/m.exec(event)?.[1];
        const unread = data && JSON.parse(data).data?.myUnread;
        if (typeof unread !== 'number') continue;
        failures = 0;
        changed(unread);
        for (const one of hearers) one();
      }
    }
  }

  const go = (): void => void stream().catch(() => {}).then(() => {
    if (end.signal.aborted) return;
    const again = setTimeout(go, pauses[Math.min(failures++, pauses.length - 1)]);
    end.signal.addEventListener('abort', () => clearTimeout(again));
  });
  go();
  return () => end.abort();
}
