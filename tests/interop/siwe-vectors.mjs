// What other people's implementations say, for the tests to compare ours with.
//
// Reads from stdin a JSON array of texts (may be empty). Prints one JSON object:
//   hashes    Keccak-256 by viem over the bytes 0, 1 … 250, 0, 1 … of many lengths
//   addresses the EIP-55 form by ethers of addresses derived from a counter
//   signed    every text, signed by a fixed key with viem and with ethers (EIP-191), and its digest by each
//   verdicts  what siwe says of each text: the fields it reads and how it prints them, or null when it refuses
//   twins     signatures with the high s that the same key could have made, and who viem says signed
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Wallet, getAddress, hashMessage as ethersHashMessage } from 'ethers';
import { SiweMessage } from 'siwe';
import { hashMessage, keccak256, parseSignature, recoverMessageAddress, serializeSignature } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

// Public, and of no use but here: SHA-256 of a sentence.
const key = `0x${createHash('sha256').update('a key that only the tests of Broker use').digest('hex')}`;
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const account = privateKeyToAccount(key);
const wallet = new Wallet(key);

const texts = JSON.parse(readFileSync(0, 'utf8') || '[]');

const counting = (length) => Uint8Array.from({ length }, (_, i) => i % 251);
const lengths = [0, 1, 31, 32, 64, 135, 136, 137, 200, 271, 272, 273, 1000, 4096];

async function sign(text) {
  return {
    text,
    address: account.address,
    viem: await account.signMessage({ message: text }),
    ethers: await wallet.signMessage(text),
    viemHash: hashMessage(text),
    ethersHash: ethersHashMessage(text),
  };
}

async function twin({ text, viem }) {
  const { r, s, yParity } = parseSignature(viem);
  const high = `0x${(order - BigInt(s)).toString(16).padStart(64, '0')}`;
  const signature = serializeSignature({ r, s: high, yParity: 1 - yParity });
  return { text, signature, recovered: await recoverMessageAddress({ message: text, signature }) };
}

function verdict(text) {
  try {
    const message = new SiweMessage(text);
    return { ...message, printed: message.prepareMessage() };
  } catch {
    return null;
  }
}

const signed = await Promise.all(texts.map(sign));
const digestOf = (n) => createHash('sha256').update(`address ${n}`).digest('hex').slice(0, 40);
console.log(JSON.stringify({
  hashes: lengths.map((length) => ({ length, keccak256: keccak256(counting(length)) })),
  addresses: Array.from({ length: 64 }, (_, n) => getAddress(`0x${digestOf(n)}`)),
  signed,
  verdicts: texts.map(verdict),
  twins: await Promise.all(signed.map(twin)),
}));
