// npm jose as a relying party of the broker, for the tests of the OIDC issuer.
//
// Reads from stdin {jwks, token, session, issuer, now, audience, algorithm}: the key set's address, an OIDC token, a session
// token, the issuer, the time (unix seconds) at which to judge, and for whom and how the token must be signed. Prints what jose says: the verified claims, the key's RFC 7638 thumbprint,
// whether the certificate in x5c holds the same key, and the error code of everything that it must refuse.
import { readFileSync } from 'node:fs';
import { calculateJwkThumbprint, createRemoteJWKSet, exportJWK, importX509, jwtVerify } from 'jose';

const { jwks, token, session, issuer, now, audience = 'sts.amazonaws.com', algorithm = 'ES256' } =
  JSON.parse(readFileSync(0, 'utf8'));
const keys = createRemoteJWKSet(new URL(jwks));
const rules = { issuer, audience, algorithms: [algorithm], typ: 'JWT', currentDate: new Date(now * 1000) };

async function codeOf(text, changed = {}) {
  try {
    await jwtVerify(text, keys, { ...rules, ...changed });
    return 'accepted';
  } catch (error) {
    return error.code ?? String(error);
  }
}

const { payload, protectedHeader } = await jwtVerify(token, keys, rules);
const key = (await (await fetch(jwks)).json()).keys.find(one => one.kid === protectedHeader.kid);
const certificate = `-----BEGIN CERTIFICATE-----\n${key.x5c[0].match(/.{1,64}/g).join('\n')}\n-----END CERTIFICATE-----`;
const certified = await exportJWK(await importX509(certificate, algorithm, { extractable: true }));

// One character of the claims changed, the rest as it was.
const [header, claims, signature] = token.split('.');
const tampered = [header, claims.slice(0, -1) + (claims.endsWith('Q') ? 'g' : 'Q'), signature].join('.');

console.log(JSON.stringify({
  verified: payload,
  kid: protectedHeader.kid,
  thumbprint: await calculateJwkThumbprint(key),
  x5cMatches: ['x', 'y', 'n', 'e'].every(member => certified[member] === key[member]),
  refused: {
    expired: await codeOf(token, { currentDate: new Date((now + 301) * 1000) }),
    otherAudience: await codeOf(token, { audience: 'agentkeys:broker' }),
    otherIssuer: await codeOf(token, { issuer: `${issuer}/` }),
    tampered: await codeOf(tampered),
    sessionToken: await codeOf(session),
  },
}));
