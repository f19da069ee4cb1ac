// A wallet of other people's making (viem or ethers) that signs what it is given, for the tests of the sign-in.
//
// Reads from stdin {maker, message} or {maker: "viem", siwe: {...}}: in the second form viem writes the EIP-4361 message
// itself. Prints {address, message, signature}.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Wallet } from 'ethers';
import { privateKeyToAccount } from 'viem/accounts';
import { createSiweMessage } from 'viem/siwe';

// Public, and of no use but here: SHA-256 of a sentence.
const key = `0x${createHash('sha256').update('a key that only the tests of Broker use').digest('hex')}`;

const { maker, message, siwe } = JSON.parse(readFileSync(0, 'utf8'));
const text = siwe ? createSiweMessage({ ...siwe, version: '1', issuedAt: new Date(siwe.issuedAt) }) : message;

const signers = {
  viem: () => {
    const account = privateKeyToAccount(key);
    return { address: account.address, sign: () => account.signMessage({ message: text }) };
  },
  ethers: () => {
    const wallet = new Wallet(key);
    return { address: wallet.address, sign: () => wallet.signMessage(text) };
  },
};

const { address, sign } = signers[maker]();
console.log(JSON.stringify({ address, message: text, signature: await sign() }));
