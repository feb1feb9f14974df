import { createClient as createSocket, type Client as Socket } from 'graphql-ws';
import { cacheExchange, Client, fetchExchange, mapExchange, subscriptionExchange } from 'urql';
import { setConnection } from './connection';
import { isSignedOut } from './error';

const endpoint = '/graphql';

// Close codes of graphql-transport-ws after which trying again cannot help: a session that ended,
// or a fault of ours in the protocol.
const finalCodes = new Set([4400, 4401, 4403, 4406, 4409]);

function socketAddress(): string {
  const url = new URL(endpoint, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}

// 1, 2, 4 ... 30 seconds, with some chance in it so that not all tabs return at once.
const pause = (tries: number) =>
  new Promise<void>((done) => setTimeout(done, Math.min(30_000, 1000 * 2 ** tries) * (0.7 + Math.random() * 0.6)));

function openSocket(onSignedOut: () => void): Socket {
  // A connection that was open ends with the session it began under, which this browser may have replaced itself, as by
  // a new password: whether it is signed out shows when the next one is refused.
  let open = false;
  let refused = false;
  return createSocket({
    url: socketAddress,
    lazy: true,
    lazyCloseTimeout: 5_000,
    keepAlive: 15_000,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: pause,
    shouldRetry: (event) => !(event instanceof CloseEvent && finalCodes.has(event.code) && refused),
    on: {
      connected: () => {
        open = true;
        setConnection('open');
      },
      closed: (event) => {
        refused = !open;
        open = false;
        const code = event instanceof CloseEvent ? event.code : 0;
        // 1000 is ours: nothing on the page is live any more.
        setConnection(code === 1000 ? 'idle' : 'lost');
        if (refused && (code === 4401 || code === 4403)) onSignedOut();
      },
    },
  });
}

/** The one way to the server, in the language whose texts it shall answer with. */
export interface Api {
  client: Client;
  /** Ends the socket and what runs on it. */
  close: () => void;
}

/** Makes the client. `onSignedOut` is called when the server says that the session has ended. */
export function openApi(language: string, onSignedOut: () => void): Api {
  const socket = openSocket(onSignedOut);
  const client = new Client({
    url: endpoint,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    fetchOptions: { credentials: 'same-origin', headers: { 'Accept-Language': language } },
    exchanges: [
      mapExchange({
        onError: (error) => {
          if (isSignedOut(error)) onSignedOut();
        },
      }),
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ query: request.query ?? '', variables: request.variables }, sink),
          }),
        }),
      }),
    ],
  });
  return { client, close: () => void socket.dispose() };
}
