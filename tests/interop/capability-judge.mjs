// Node's own crypto as the worker that checks a capability: it takes the payload's bytes out of the answer as they came, and
// verifies P-256 over the SHA-256 of them, which the signature hashes once more, as raw r||s.
//
// Reads from stdin {answer, key}: the answer's text and the session key's SPKI PEM. Prints
// {members, double, single, changed}: the payload's members in order, and whether the signature holds over the hash, over the
// bytes themselves, and over the hash of a changed payload.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';

const { answer, key } = JSON.parse(readFileSync(0, 'utf8'));
const from = answer.indexOf('"payload":') + '"payload":'.length;
const payload = answer.slice(from, answer.indexOf('}', from) + 1);
const signature = Buffer.from(JSON.parse(answer).broker_sig, 'base64url');
const holds = (bytes) =>
  verify('sha256', bytes, { key: createPublicKey(key), dsaEncoding: 'ieee-p1363' }, signature);
const hash = (text) => createHash('sha256').update(text).digest();

console.log(JSON.stringify({
  members: Object.keys(JSON.parse(payload)),
  double: holds(hash(payload)),
  single: holds(Buffer.from(payload)),
  changed: holds(hash(payload.replace('"op":"', '"op":"x'))),
}));
