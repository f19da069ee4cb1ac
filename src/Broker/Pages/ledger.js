"use strict";
// The ledger's proofs: signed notes (C2SP signed-note), checkpoints (tlog-checkpoint), receipts (tlog-proof) and the
// way from an entry to a root (RFC 9162 §2.1.3.2). Needs bytes.js. Readers give null for what is not of its form.

const leafOf = (entry) => hash("SHA-256", Uint8Array.of(0), entry);
const nodeOf = (left, right) => hash("SHA-256", Uint8Array.of(1), left, right);

function hashOfBase64(text) {
  const bytes = bytesOfBase64(text);
  if (bytes.length !== 32) throw new Error("no hash");
  return bytes;
}

function sizeOf(text) {
  if (!/^(?:0|[1-9][0-9]{0,18})$/.test(text) || BigInt(text) >= 1n << 63n) throw new Error("no size");
  return BigInt(text);
}

// A checkpoint with the signatures under it. Nothing in it may be believed before isSigned.
function readCheckpoint(note) {
  try {
    const split = note.lastIndexOf("\n\n");
    const hasControls = /[\u0000-\u0009\u000b-\u001f]/.test(note);
    if (note.length > 1 << 18 || split < 0 || !note.endsWith("\n") || hasControls) return null;
    const text = note.slice(0, split + 1);
    const [origin, size, root, ...more] = text.slice(0, -1).split("\n");
    if (!origin || more.includes("")) return null;
    hashOfBase64(root);
    const lines = note.slice(split + 2, -1).split("\n");
    if (lines.length > 64) return null;
    return { text, origin, size: sizeOf(size), root, signatures: lines.map(readSignature) };
  } catch {
    return null;
  }
}

function readSignature(line) {
  const [, name, spelled] = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line);
  const bytes = bytesOfBase64(spelled);
  if (bytes.length < 5) throw new Error("no signature");
  return { name, id: hexOf(bytes.subarray(0, 4)), value: bytes.subarray(4) };
}

// The key of a vkey, whose id is that of its name and key; Ed25519 alone.
async function readVkey(vkey) {
  try {
    const [, name, id, spelled] = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(vkey.trim());
    const material = bytesOfBase64(spelled);
    const own = await hash("SHA-256", utf8Of(`${name}\n`), material);
    if (material.length !== 33 || material[0] !== 1 || hexOf(own.subarray(0, 4)) !== id) return null;
    return { name, id, bytes: material.subarray(1) };
  } catch {
    return null;
  }
}

// Whether the key signed the checkpoint; a wrong signature under the key's name and id spoils all. Null where this
// browser knows no Ed25519.
async function isSigned({ text, signatures }, key) {
  let verifying;
  try {
    verifying = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
  } catch {
    return null;
  }
  const own = signatures.filter((one) => one.name === key.name && one.id === key.id);
  for (const { value } of own) {
    if (!await crypto.subtle.verify("Ed25519", verifying, value, utf8Of(text))) return false;
  }
  return own.length > 0;
}

function readReceipt(text) {
  try {
    const split = text.indexOf("\n\n");
    const [head, ...lines] = text.slice(0, split).split("\n");
    if (head !== "c2sp.org/tlog-proof@v1") return null;
    if (lines[0].startsWith("extra ") && bytesOfBase64(lines.shift().slice(6)).length === 0) return null;
    const [at, ...path] = lines;
    if (!at.startsWith("index ") || path.length > 63) return null;
    const checkpoint = readCheckpoint(text.slice(split + 2));
    return checkpoint && { index: sizeOf(at.slice(6)), path: path.map(hashOfBase64), checkpoint };
  } catch {
    return null;
  }
}

// The root to which the proof leads from an entry, in base64.
async function rootOf(entry, { index, path, checkpoint: { size } }) {
  if (index >= size) throw new Error("the entry lies outside the tree");
  let [first, last, reached] = [index, size - 1n, await leafOf(entry)];
  for (const sibling of path) {
    if (last === 0n) throw new Error("the proof is too long");
    if (first & 1n || first === last) {
      reached = await nodeOf(sibling, reached);
      while (!(first & 1n) && first !== 0n) [first, last] = [first >> 1n, last >> 1n];
    } else {
      reached = await nodeOf(reached, sibling);
    }
    [first, last] = [first >> 1n, last >> 1n];
  }
  if (last !== 0n) throw new Error("the proof is too short");
  return base64Of(reached);
}
