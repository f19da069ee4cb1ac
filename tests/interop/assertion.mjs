// A JWT by ethers: ES256K (RFC 8812 §3.2), the signature r || s over the SHA-256 of the signing input.
// Reads from stdin {privateKey, claims}; prints {assertion}.
import { readFileSync } from 'node:fs';
import { SigningKey, getBytes, concat, sha256, toUtf8Bytes, encodeBase64 } from 'ethers';

const { privateKey, claims } = JSON.parse(readFileSync(0, 'utf8'));
const url = bytes => encodeBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const input = [{ alg: 'ES256K', typ: 'JWT' }, claims].map(part => url(toUtf8Bytes(JSON.stringify(part)))).join('.');
const { r, s } = new SigningKey(privateKey).sign(sha256(toUtf8Bytes(input)));
console.log(JSON.stringify({ assertion: `${input}.${url(getBytes(concat([r, s])))}` }));
