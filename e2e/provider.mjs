// A login provider for the tests: the npm package oidc-provider on loopback, in a process of its own. Any name
// signs in with any password; its address is NAME@example.com, vouched for. Arguments: port, redirect address.
// Prints "ready" once it listens.
import Provider from 'oidc-provider';

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;

const provider = new Provider(issuer, {
  clients: [{ client_id: 'carnet', client_secret: 'a secret of the tests, long enough', redirect_uris: [redirectUri] }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['given_name', 'family_name'] },
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true, given_name: 'Sigrid', family_name: id }),
  }),
  pkce: { required: () => true },
});

// For everybody here is plain http on loopback.
const refuse = (error) => { console.error(error); process.exit(1); };
provider.on('server_error', (_, error) => console.error(error));
provider.listen(Number(port), '127.0.0.1', () => console.log('ready')).on('error', refuse);
process.on('disconnect', () => process.exit());
