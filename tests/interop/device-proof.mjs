// A device of other people's making (viem): its key hash and its proof of possession by the contract's rule, and its proof
// of a capability, for the tests of agents and capabilities.
//
// Reads from stdin {capability?: {operator, actor, service, op, data_class, nonce, ts}}: hex omnis without 0x. Prints
// {device_pubkey, device_key_hash, pop_sig, client_sig?}.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { keccak256, stringToBytes } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

// Public, and of no use but here: SHA-256 of a sentence.
const key = `0x${createHash('sha256').update('a device key that only the tests of Broker use').digest('hex')}`;

const { capability } = JSON.parse(readFileSync(0, 'utf8'));
const account = privateKeyToAccount(key);
const device_pubkey = account.address.toLowerCase();
const device_key_hash = keccak256(device_pubkey);
const signRaw = (text) => account.signMessage({ message: { raw: keccak256(stringToBytes(text)) } });

const answer = { device_pubkey, device_key_hash, pop_sig: await signRaw(`agentkeys-agent-pop:${device_key_hash}`) };
if (capability) {
  const { operator, actor, service, op, data_class, nonce, ts } = capability;
  const hashed = keccak256(stringToBytes(service.trim().toLowerCase())).slice(2);
  answer.client_sig = await signRaw(
    `agentkeys-cap-pop:v1:${operator}:${actor}:${hashed}:${op}:${data_class}:${nonce}:${ts}`);
}

console.log(JSON.stringify(answer));
