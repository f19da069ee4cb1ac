// Cosigns checkpoints with ML-DSA-44 as C2SP tlog-cosignature says, by @noble/post-quantum. Standard input: JSON with
// seed (hex, 32 bytes), name, time (seconds) and text (the checkpoint's note text, or null for the key alone).
// Standard output: JSON with vkey and line (the signature line with its newline, or null).
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js'

const { seed, name, time, text } = JSON.parse(readFileSync(0, 'utf8'))
const { publicKey, secretKey } = ml_dsa44.keygen(Uint8Array.from(Buffer.from(seed, 'hex')))

const material = Buffer.concat([Buffer.of(0x06), publicKey])
const id = createHash('sha256').update(`${name}\n`).update(material).digest().subarray(0, 4)
const vkey = `${name}+${id.toString('hex')}+${material.toString('base64')}`

function number(value) {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(BigInt(value))
  return bytes
}

function short(string) {
  const bytes = Buffer.from(string, 'utf8')
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}

function cosign() {
  const [origin, size, root] = text.split('\n')
  const message = Buffer.concat([
    Buffer.from('subtree/v1\n\0', 'latin1'), short(name), number(time), short(origin), number(0), number(size),
    Buffer.from(root, 'base64'),
  ])
  const signature = ml_dsa44.sign(message, secretKey)
  return `\u2014 ${name} ${Buffer.concat([id, number(time), signature]).toString('base64')}\n`
}

console.log(JSON.stringify({ vkey, line: text === null ? null : cosign() }))
