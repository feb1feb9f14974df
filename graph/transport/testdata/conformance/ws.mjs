// The client of graphql-ws against the server at argv[2].
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { gather, run } from './check.mjs';

const url = process.argv[2];
const connect = (options = {}) =>
  createClient({ url, webSocketImpl: WebSocket, retryAttempts: 0, lazy: true, ...options });

await run({
  'a query': async () => {
    const { results, error } = await gather(connect(), { query: '{ hello }' });
    assert.equal(error, undefined);
    assert.deepEqual(results, [{ data: { hello: 'world' } }]);
  },
  'a mutation with variables': async () => {
    const { results } = await gather(connect(), {
      query: 'mutation ($v: String!) { set(value: $v) }',
      variables: { v: 'Zoë' },
    });
    assert.deepEqual(results, [{ data: { set: 'Zoë' } }]);
  },
  'a subscription in order, to its end': async () => {
    const { results } = await gather(connect(), { query: 'subscription { count(to: 100) }' });
    assert.deepEqual(results.map((r) => r.data.count), Array.from({ length: 100 }, (_, i) => i + 1));
  },
  'fifty operations on one socket': async () => {
    let sockets = 0;
    const client = connect({ on: { opened: () => sockets++ } });
    const all = await Promise.all(
      Array.from({ length: 50 }, () => gather(client, { query: 'subscription { count(to: 20) }' })),
    );
    assert.equal(sockets, 1);
    for (const { results } of all) assert.equal(results.length, 20);
  },
  'errors of a document': async () => {
    const { error } = await gather(connect(), { query: '{ nothing }' });
    assert.equal(error[0].extensions.code, 'BAD_INPUT');
  },
  'errors of a resolver come with the result': async () => {
    const { results, error } = await gather(connect(), { query: '{ hello fails }' });
    assert.equal(error, undefined);
    assert.deepEqual(results[0].data, { hello: 'world', fails: null });
    assert.equal(results[0].errors[0].path[0], 'fails');
  },
  'completing by the client, then going on': async () => {
    const client = connect();
    const { results } = await gather(client, { query: 'subscription { count(to: 100000000) }' }, (got, dispose) => {
      if (got.length === 3) dispose();
    });
    assert.ok(results.length >= 3);
    const after = await gather(client, { query: '{ hello }' });
    assert.equal(after.results.length, 1);
  },
  'connection_ack carries a payload': async () => {
    const ack = await new Promise((resolve, reject) => {
      const client = connect({
        lazy: false,
        connectionParams: { token: 'good' },
        onNonLazyError: reject,
        on: { connected: (_socket, payload) => (resolve(payload), client.dispose()) },
      });
    });
    assert.deepEqual(ack, { hello: 'good' });
  },
  'a refused credential ends with 4403': async () => {
    const { error } = await gather(connect({ connectionParams: { token: 'bad' } }), { query: '{ hello }' });
    assert.equal(error.code, 4403);
    assert.match(error.reason, /sign in again/);
  },
  'a credential that ends closes with 4403': async () => {
    const { error } = await gather(connect({ connectionParams: { token: 'ending' } }), { query: 'subscription { topic(name: "ws.mjs") }' });
    assert.equal(error.code, 4403);
    assert.equal(error.reason, 'credential ended');
  },
  'ping and pong by the client': async () => {
    const client = connect({ lazy: false, keepAlive: 10 });
    await new Promise((resolve) => client.on('pong', (received) => received && resolve()));
    await client.dispose();
  },
});
