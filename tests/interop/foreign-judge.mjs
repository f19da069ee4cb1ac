// npm jose as a foreign issuer, and npm openid-client as a job that has its token and nothing else.
//
// Reads from stdin {issuer, address, port, clientId, now, claims}: the broker's issuer, where it listens in truth, where
// the foreign issuer is to listen, a public client, the time (unix seconds) of the broker's clock, and the claims of a
// job. Prints what the library made of each exchange; whatever it refuses ends the script.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import * as client from 'openid-client';
import * as jose from 'jose';

const { issuer, address, port, clientId, now, claims } = JSON.parse(readFileSync(0, 'utf8'));
const foreign = `http://127.0.0.1:${port}`;
const { publicKey, privateKey } = await jose.generateKeyPair('RS256');
const jwk = { ...await jose.exportJWK(publicKey), kid: 'one', alg: 'RS256', use: 'sig' };
const documents = {
  '/.well-known/openid-configuration': { issuer: foreign, jwks_uri: `${foreign}/keys` },
  '/keys': { keys: [jwk] },
};
const server = createServer((request, response) => {
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(documents[request.url] ?? {}));
});
await new Promise(resolve => server.listen(port, '127.0.0.1', resolve));

let count = 0;
const token = () => new jose.SignJWT({ ...claims, jti: `job-${++count}` })
  .setProtectedHeader({ alg: 'RS256', kid: 'one', typ: 'JWT' })
  .setIssuer(foreign).setAudience(issuer).setIssuedAt(now).setNotBefore(now).setExpirationTime(now + 300)
  .sign(privateKey);

// The issuer's name resolves nowhere: the same requests, sent to where the broker listens.
const here = (url, options) => fetch(new URL(new URL(url).pathname, address), options);
async function configure(id, authentication) {
  const config = await client.discovery(new URL(issuer), id, {}, authentication, { [client.customFetch]: here });
  config[client.customFetch] = here;
  return config;
}

const types = 'urn:ietf:params:oauth:token-type:';
const exchange = (config, subject, type, more) => client.genericGrantRequest(
  config, 'urn:ietf:params:oauth:grant-type:token-exchange',
  { subject_token: subject, subject_token_type: types + type, ...more });
const aws = { audience: 'sts.amazonaws.com', requested_token_type: `${types}jwt` };

const nobody = await configure('left-out', () => {});
const known = await configure(clientId, client.None());
const session = await exchange(nobody, await token(), 'jwt', {});
const answers = {
  session,
  token: await exchange(nobody, await token(), 'id_token', aws),
  by_session: await exchange(nobody, session.access_token, 'access_token', { ...aws, role: 'vault' }),
  by_client: await exchange(known, await token(), 'jwt', aws),
};

const keys = jose.createRemoteJWKSet(
  new URL(nobody.serverMetadata().jwks_uri), { [jose.customFetch]: here });
const verified = {};
for (const name of ['token', 'by_session', 'by_client']) {
  const { payload } = await jose.jwtVerify(answers[name].access_token, keys, {
    issuer, audience: 'sts.amazonaws.com', algorithms: ['ES256'], typ: 'JWT', currentDate: new Date(now * 1000),
  });
  verified[name] = payload.sub;
}

let refused;
try {
  const used = await token();
  await exchange(nobody, used, 'jwt', {});
  await exchange(nobody, used, 'jwt', {});
} catch (error) {
  refused = { error: error.error, status: error.status, code: error.cause.code };
}

server.close();
server.closeAllConnections();
console.log(JSON.stringify({
  types: Object.fromEntries(Object.entries(answers).map(([name, one]) => [name, one.issued_token_type.slice(types.length)])),
  subject: jose.decodeJwt(session.access_token).agentkeys.identity_value,
  actor: jose.decodeJwt(session.access_token).agentkeys.omni_account,
  verified,
  refused,
}));
