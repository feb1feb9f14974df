// The client of graphql-sse, over fetch, against the server at argv[2].
import assert from 'node:assert/strict';
import { createClient } from 'graphql-sse';
import { gather, run } from './check.mjs';

const url = process.argv[2];
const client = createClient({ url, retryAttempts: 0 });

await run({
  'a query': async () => {
    const { results, error } = await gather(client, { query: '{ hello }' });
    assert.equal(error, undefined);
    assert.deepEqual(results, [{ data: { hello: 'world' } }]);
  },
  'a mutation with variables': async () => {
    const { results } = await gather(client, {
      query: 'mutation ($v: String!) { set(value: $v) }',
      variables: { v: 'two\nlines' },
    });
    assert.deepEqual(results, [{ data: { set: 'two\nlines' } }]);
  },
  'a subscription in order, to its end': async () => {
    const { results, error } = await gather(client, { query: 'subscription { count(to: 100) }' });
    assert.equal(error, undefined);
    assert.deepEqual(results.map((r) => r.data.count), Array.from({ length: 100 }, (_, i) => i + 1));
  },
  'errors of a document come inside the stream': async () => {
    const { results, error } = await gather(client, { query: '{ nothing }' });
    assert.equal(error, undefined);
    assert.equal(results[0].errors[0].extensions.code, 'BAD_INPUT');
    assert.ok(!('data' in results[0]));
  },
  'completing by the client': async () => {
    const { results } = await gather(client, { query: 'subscription { count(to: 100000000) }' }, (got, dispose) => {
      if (got.length === 3) dispose();
    });
    assert.ok(results.length >= 3);
  },
  'plain fetch, GET, as EventSource does': async () => {
    const res = await fetch(`${url}?query=${encodeURIComponent('subscription { count(to: 2) }')}`, {
      headers: { accept: 'text/event-stream' },
    });
    assert.equal(res.status, 200);
    assert.equal(
      await res.text(),
      ':\n\nevent: next\ndata: {"data":{"count":1}}\n\nevent: next\ndata: {"data":{"count":2}}\n\nevent: complete\ndata: \n\n',
    );
  },
});
