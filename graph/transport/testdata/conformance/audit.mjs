// The audits of graphql-http against the server at argv[2]. Every one must be "ok": neither the
// SHOULDs ("warn") nor the MAYs ("notice") may be missed.
import { serverAudits } from 'graphql-http';
import { run } from './check.mjs';

const audits = serverAudits({ url: process.argv[2] });
const checks = {};
for (const audit of audits) {
  checks[`${audit.id} ${audit.name}`] = async () => {
    const result = await audit.fn();
    if (result.status !== 'ok') throw new Error(`${result.status}: ${result.reason}`);
  };
}
console.log(`${audits.length} audits`);
await run(checks);
