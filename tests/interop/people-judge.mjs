// npm openid-client as the client of a person, for the tests of the broker's flows for people.
//
// Reads from stdin {issuer, address, clientId, redirectUri, cookie, bearer}: the issuer, where it listens in truth, a public
// client, the cookie of a browser that is signed in, and the session of a person who decides on devices. Prints what the
// library made of discovery, of the device flow, of a code with PKCE, and of a refresh; whatever it refuses ends the script.
import { readFileSync } from 'node:fs';
import * as client from 'openid-client';

const { issuer, address, clientId, redirectUri, cookie, bearer } = JSON.parse(readFileSync(0, 'utf8'));

// The issuer's name resolves nowhere: the same requests, sent to where the broker listens.
const local = url => new URL(new URL(url).pathname + new URL(url).search, address);
const here = (url, options) => fetch(local(url), options);

const config = await client.discovery(new URL(issuer), clientId, undefined, client.None(), { [client.customFetch]: here });
config[client.customFetch] = here;

// The device flow: the person decides while the device polls.
const device = await client.initiateDeviceAuthorization(config, { scope: 'openid offline_access' });
const polled = client.pollDeviceAuthorizationGrant(config, { ...device, interval: 1 });
await here(`${issuer}/v1/auth/device/decision`, {
  method: 'POST',
  headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
  body: JSON.stringify({ user_code: device.user_code, decision: 'approve' }),
});
const byDevice = await polled;

// A code with PKCE: the person's browser, without one.
const verifier = client.randomPKCECodeVerifier();
const state = client.randomState();
const nonce = client.randomNonce();
const asked = client.buildAuthorizationUrl(config, {
  redirect_uri: redirectUri, scope: 'openid offline_access', state, nonce,
  code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
});
const browser = (url, options = {}) => fetch(url, { ...options, redirect: 'manual', headers: { ...options.headers, cookie } });
const sent = await browser(local(asked));
const consent = new URL(sent.headers.get('location'), local(asked));
const page = await (await browser(consent)).text();
const token = /name="form_token" value="([^"]+)"/.exec(page)[1];
const decided = await browser(new URL('consent', consent), {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ form_token: token, request: consent.searchParams.get('request'), decision: 'approve' }),
});
const byCode = await client.authorizationCodeGrant(config, new URL(decided.headers.get('location')), {
  pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true,
});

const refreshed = await client.refreshTokenGrant(config, byCode.refresh_token);
let reused;
try {
  await client.refreshTokenGrant(config, byCode.refresh_token);
} catch (error) {
  reused = { error: error.error, status: error.status };
}

// The same device flow again, bound to a key; the token opens a route with its proof, and none without.
const held = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
const boundDevice = await client.initiateDeviceAuthorization(config, { scope: 'openid' });
await here(`${issuer}/v1/auth/device/decision`, {
  method: 'POST',
  headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
  body: JSON.stringify({ user_code: boundDevice.user_code, decision: 'approve' }),
});
const bound = await client.pollDeviceAuthorizationGrant(config, { ...boundDevice, interval: 1 }, undefined, { DPoP: held });
const mint = new URL(`${issuer}/v1/mint-oidc-jwt`);
const proven = [];
for (let n = 0; n < 2; n++)
  proven.push((await client.fetchProtectedResource(config, bound.access_token, mint, 'POST', null, new Headers(), { DPoP: held })).status);
const asBearer = (await here(mint, { method: 'POST', headers: { authorization: `Bearer ${bound.access_token}` } })).status;

console.log(JSON.stringify({
  bound: { type: bound.token_type, proven, asBearer },
  issuer: config.serverMetadata().issuer,
  device: byDevice.claims().sub,
  code: byCode.claims().sub,
  nonce: byCode.claims().nonce === nonce,
  scopes: [byDevice.scope, byCode.scope, refreshed.scope],
  rotated: refreshed.refresh_token !== byCode.refresh_token,
  token: byDevice.access_token,
  reused,
}));
