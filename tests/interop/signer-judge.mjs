// ethers, viem and MetaMask's eth-sig-util as judges of the signer. They derive the wallet by the published rule, ask the
// signer for signatures of messages and of typed data of random types, and compare every byte.
//
// Reads from stdin {signer, bearer, omni, master, messages, samples, seed}; prints what was compared, and the differences.
import { createHash, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Wallet, TypedDataEncoder, hexlify, id, verifyMessage as recover, verifyTypedData as recoverTyped } from 'ethers';
import { hashTypedData, verifyMessage, verifyTypedData } from 'viem';
import { TypedDataUtils, SignTypedDataVersion } from '@metamask/eth-sig-util';

const { signer, bearer, omni, master, messages, samples, seed } = JSON.parse(readFileSync(0, 'utf8'));
const wrong = [];
let looked = null; // the typed data that is compared
const same = (what, ours, theirs) => { if (ours !== theirs) wrong.push({ what, ours, theirs, looked }); };

const info = Buffer.concat([Buffer.from([1]), Buffer.from('agentkeys-evm-wallet'), Buffer.from(omni, 'hex')]);
const wallet = new Wallet(hexlify(new Uint8Array(
  hkdfSync('sha256', Buffer.from(master, 'hex'), Buffer.from('agentkeys-signer-v0'), info, 32))));

async function ask(path, body) {
  const answer = await fetch(signer + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify({ omni_account: omni, ...body }, (_, value) => typeof value === 'bigint' ? value.toString() : value),
  });
  const said = await answer.json();
  if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(said)} for ${JSON.stringify(body)}`);
  return said;
}
const withV27 = signature => signature.slice(0, 130) + (parseInt(signature.slice(130), 16) + 27).toString(16);

const address = (await ask('/dev/derive-address', {})).address;
same('address', address, wallet.address.toLowerCase());

for (const text of messages) {
  const bytes = Buffer.from(text, 'utf8');
  const said = await ask('/dev/sign-message', { message_hex: hexlify(bytes) });
  const signature = withV27(said.signature);
  same('message', signature, await wallet.signMessage(bytes));
  same('recovered', recover(bytes, signature).toLowerCase(), address);
  same('viem', await verifyMessage({ address, message: { raw: hexlify(bytes) }, signature }), true);
  same('again', (await ask('/dev/sign-message', { message_hex: hexlify(bytes) })).signature, said.signature);
}

// Random types and values of them, from a seed.
let state = BigInt(seed);
const bits = () => BigInt('0x' + createHash('sha256').update(`${state++}`).digest('hex'));
const below = limit => Number(bits() % BigInt(limit));
const pick = list => list[below(list.length)];
const bytes = length => '0x' + bits().toString(16).padStart(64, '0').repeat(Math.ceil(length / 32)).slice(0, 2 * length);

function atomic() {
  switch (below(7)) {
    case 0: return 'bool';
    case 1: return 'address';
    case 2: return 'string';
    case 3: return 'bytes';
    case 4: return `bytes${1 + below(32)}`;
    case 5: return `uint${8 * (1 + below(32))}`;
    default: return `int${8 * (1 + below(32))}`;
  }
}
const arrays = type => type + pick(['', '', '', '[]', '[2]', '[3][]', '[][2]', '[][]']);

function integer(type) {
  const signed = type.startsWith('int');
  const width = BigInt(type.slice(signed ? 3 : 4));
  const most = 1n << (signed ? width - 1n : width);
  const value = pick([0n, 1n, most - 1n, signed ? -most : 0n, signed ? -1n : 2n, bits() % most]);
  if (value >= 0n && value < 2n ** 53n && below(2)) return Number(value);
  return value >= 0n && below(2) ? '0x' + value.toString(16) : value.toString();
}

function valueOf(type, types, depth) {
  const array = /^(.*)\[(\d*)\]$/.exec(type);
  if (array) {
    const length = array[2] ? Number(array[2]) : depth > 5 ? 0 : below(4);
    return Array.from({ length }, () => valueOf(array[1], types, depth + 1));
  }
  if (types[type]) return Object.fromEntries(types[type].map(one => [one.name, valueOf(one.type, types, depth + 1)]));
  if (type === 'bool') return below(2) === 1;
  if (type === 'address') return bytes(20);
  if (type === 'string') return pick(['', 'agent', 'ключ 🗝', '"\\\u0000\n', 'x'.repeat(200)]);
  if (type === 'bytes') return bytes(below(70));
  if (type.startsWith('bytes')) return bytes(Number(type.slice(5)));
  return integer(type);
}

function sample() {
  const names = ['Mail', 'Person', 'Asset', 'aTail', 'Z_9'].slice(0, 1 + below(5));
  const types = {};
  for (const [at, name] of names.entries()) {
    const later = names.slice(at + 1);
    types[name] = Array.from({ length: 1 + below(5) }, (_, index) => ({
      name: pick(['a', 'wallet', '_x', 'Größe']) + index,
      type: arrays(later.length && below(3) === 0 ? pick(later) : atomic()),
    }));
  }
  // A type that refers to itself ends in empty arrays.
  if (below(3) === 0) types[names[0]].push({ name: 'children', type: `${names[0]}[]` });
  // ethers wants to know the primary type by itself: each other one is referred to by it.
  for (const name of names.slice(1)) types[names[0]].push({ name: `to${name}`, type: name });

  const all = { name: 'Broker', version: '1', chainId: pick([1, 8453, 31337]), verifyingContract: bytes(20), salt: bytes(32) };
  const domain = Object.fromEntries(Object.entries(all).filter(() => below(4) > 0));
  return { types, primaryType: names[0], domain, message: valueOf(names[0], types, 0) };
}

const domainTypes = { name: 'string', version: 'string', chainId: 'uint256', verifyingContract: 'address', salt: 'bytes32' };
const declared = data => ({
  ...data,
  types: {
    EIP712Domain: Object.keys(domainTypes).filter(name => name in data.domain).map(name => ({ name, type: domainTypes[name] })),
    ...data.types,
  },
});

let byEthers = 0;
for (let index = 0; index < samples; index++) {
  const data = sample();
  looked = data;
  const { types, primaryType, domain, message } = data;
  // With the domain's type declared and without it.
  const said = await ask('/dev/sign-typed-data', { typed_data: index % 2 ? declared(data) : data });
  const signature = withV27(said.signature);
  same('digest, viem', said.digest, hashTypedData({ types, primaryType, domain, message }));
  same('viem', await verifyTypedData({ address, domain, types, primaryType, message, signature }), true);
  same('digest, eth-sig-util', said.digest, hexlify(TypedDataUtils.eip712Hash(declared(data), SignTypedDataVersion.V4)));
  same('domain', said.domain_separator, TypedDataEncoder.hashDomain(domain));
  same('signature', signature, wallet.signingKey.sign(said.digest).serialized);
  if (types[primaryType].some(one => one.name === 'children')) continue; // ethers takes no type that refers to itself
  byEthers++;
  same('digest, ethers', said.digest, TypedDataEncoder.hash(domain, types, message));
  same('primary type', said.primary_type_hash, id(TypedDataEncoder.from(types).encodeType(primaryType)));
  same('recovered', recoverTyped(domain, types, message, signature).toLowerCase(), address);
}

// What MetaMask's own implementation alone says: a struct that is null, a domain alone, names that others do not have.
const own = [
  { types: { EIP712Domain: [], Node: [{ name: 'value', type: 'uint8' }, { name: 'next', type: 'Node' }] },
    primaryType: 'Node', domain: {}, message: { value: 1, next: { value: 2, next: null } } },
  { types: { EIP712Domain: [{ name: 'name', type: 'string' }] }, primaryType: 'EIP712Domain', domain: { name: 'x' }, message: {} },
  { types: { EIP712Domain: [{ name: 'chainId', type: 'uint256' }], 'Exchange:Send': [{ name: 'to', type: 'address' }] },
    primaryType: 'Exchange:Send', domain: { chainId: 421614 }, message: { to: wallet.address } },
  { types: { EIP712Domain: [{ name: 'name', type: 'string' }], Many: [{ name: 'nodes', type: 'One[][2]' }], One: [{ name: 'n', type: 'int16' }] },
    primaryType: 'Many', domain: { name: 'x', unsigned: true }, message: { nodes: [[{ n: -5 }, null], []], more: 'unsigned' } },
];
for (const data of own) {
  looked = data;
  const said = await ask('/dev/sign-typed-data', { typed_data: data });
  const theirs = TypedDataUtils.eip712Hash(data, SignTypedDataVersion.V4);
  same('digest, eth-sig-util', said.digest, hexlify(theirs));
}

console.log(JSON.stringify({ address, compared: { messages: messages.length, samples, byEthers, own: own.length }, wrong: wrong.slice(0, 3) }));
