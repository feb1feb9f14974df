import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import 'graphiql/style.css';
import { createClient } from 'graphql-ws';
import { createRoot } from 'react-dom/client';
import { shareNonce } from '../theme/nonce';
import './graphiql.css';

// The API's playground for people. Whoever is signed in to the admin is signed in here; a key or a
// site can be named in the headers below the editor.

const endpoint = new URL('/graphql', location.href);
const socket = new URL(endpoint);
socket.protocol = socket.protocol === 'https:' ? 'wss:' : 'ws:';

const fetcher = createGraphiQLFetcher({
  url: endpoint.href,
  wsClient: createClient({ url: socket.href, lazy: true }),
});

const start = `# Carnet's API. Ctrl-Space completes, Ctrl-Enter runs; the book at the left documents every type.
{
  viewer {
    kind
    access
    site {
      name
      contactManagement
    }
  }
}
`;

shareNonce();
const root = document.getElementById('root');
if (!root) throw new Error('graphiql.html has no #root');
createRoot(root).render(<GraphiQL fetcher={fetcher} defaultQuery={start} />);
