// npm openid-client and jose as an OAuth client of the broker, for the tests of its grants.
//
// Reads from stdin {issuer, address, clientId, key, kid, now, message, signature, session}: the issuer, where it listens in
// truth, the client's private JWK, the time (unix seconds) of the broker's clock, a signed EIP-4361 message and a session
// token. Prints what the library made of discovery, of each grant, of introspection and of revocation; whatever it refuses
// ends the script.
import { readFileSync } from 'node:fs';
import * as client from 'openid-client';
import * as jose from 'jose';

const { issuer, address, clientId, key, kid, now, message, signature, session } =
  JSON.parse(readFileSync(0, 'utf8'));

// The issuer's name resolves nowhere: the same requests, sent to where the broker listens.
const here = (url, options) => fetch(new URL(new URL(url).pathname, address), options);
const privateKey = { key: await jose.importJWK(key, 'ES256'), kid };
const proof = client.PrivateKeyJwt(privateKey, {
  [client.modifyAssertion]: (_, claims) => Object.assign(claims, { iat: now, nbf: now, exp: now + 60 }),
});

async function discover(algorithm) {
  const config = await client.discovery(
    new URL(issuer), clientId, {}, proof, { algorithm, [client.customFetch]: here });
  config[client.customFetch] = here;
  return config;
}

const config = await discover('oidc');
const metadata = [config, await discover('oauth2')].map(one => one.serverMetadata());

const grants = {
  client_credentials: await client.clientCredentialsGrant(config),
  wallet: await client.genericGrantRequest(
    config, 'urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion: message, signature }),
  exchange: await client.genericGrantRequest(config, 'urn:ietf:params:oauth:grant-type:token-exchange', {
    subject_token: session,
    subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    audience: 'sts.amazonaws.com',
  }),
};

const keys = jose.createRemoteJWKSet(new URL(metadata[0].jwks_uri), { [jose.customFetch]: here });
const { payload } = await jose.jwtVerify(grants.exchange.access_token, keys, {
  issuer, audience: 'sts.amazonaws.com', algorithms: ['ES256'], typ: 'JWT', currentDate: new Date(now * 1000),
});

const token = grants.wallet.access_token;
const before = await client.tokenIntrospection(config, token);
await client.tokenRevocation(config, token);
const after = await client.tokenIntrospection(config, token);

let refused;
try {
  await client.genericGrantRequest(
    config, 'urn:ietf:params:oauth:grant-type:jwt-bearer', { assertion: message, signature });
} catch (error) {
  refused = { error: error.error, status: error.status, code: error.cause.code };
}

console.log(JSON.stringify({
  issuers: metadata.map(one => one.issuer),
  types: Object.fromEntries(Object.entries(grants).map(([name, one]) => [name, one.token_type])),
  sub: payload.sub,
  before,
  after,
  refused,
}));
