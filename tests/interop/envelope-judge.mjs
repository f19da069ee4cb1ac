// Node's own crypto as another worker that seals and opens envelopes by contract §11.5: 0x02, a nonce of 12 bytes, ciphertext
// and tag of AES-256-GCM; the additional data are the SHA-256 of both omnis in hex, the service, and the epoch, big-endian.
//
// Reads from stdin {kek, operator, actor, service, epoch, plaintext, nonce, envelope}, all in hex but service and epoch.
// Prints {sealed, opened}: the envelope of the plaintext under this nonce, and the plaintext of the given envelope.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

const given = JSON.parse(readFileSync(0, 'utf8'));
const bytes = (hex) => Buffer.from(hex, 'hex');
const epoch = Buffer.alloc(8);
epoch.writeBigUInt64BE(BigInt(given.epoch));
const aad = createHash('sha256')
  .update(given.operator).update(given.actor).update(given.service.toLowerCase()).update(epoch).digest();

const seal = () => {
  const cipher = createCipheriv('aes-256-gcm', bytes(given.kek), bytes(given.nonce));
  cipher.setAAD(aad);
  const text = Buffer.concat([cipher.update(bytes(given.plaintext)), cipher.final()]);
  return Buffer.concat([Buffer.from([2]), bytes(given.nonce), text, cipher.getAuthTag()]).toString('hex');
};

const open = () => {
  const envelope = bytes(given.envelope);
  if (envelope[0] !== 2) throw new Error(`version ${envelope[0]}`);
  const cipher = createDecipheriv('aes-256-gcm', bytes(given.kek), envelope.subarray(1, 13));
  cipher.setAAD(aad);
  cipher.setAuthTag(envelope.subarray(-16));
  return Buffer.concat([cipher.update(envelope.subarray(13, -16)), cipher.final()]).toString('hex');
};

console.log(JSON.stringify({ sealed: seal(), opened: given.envelope.length > 2 ? open() : "" }));
