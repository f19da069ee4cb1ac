"use strict";
// Bytes, their spellings and their hashes; and a reader of JSON that takes a document in one way only.

// Why something does not hold: a stable code for programs, the message for people.
class Refusal extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const utf8Of = (text) => new TextEncoder().encode(text);
const textOf = (bytes) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
const sameBytes = (left, right) => left.length === right.length && left.every((byte, at) => byte === right[at]);
const isZero = (bytes) => bytes.every((byte) => byte === 0);

function bytesOfHex(text) {
  if (typeof text !== "string" || text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text)) throw new Error("not hex");
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

const base64Of = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
const base64UrlOf = (bytes) => base64Of(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

// The one spelling of RFC 4648 §4, padding and zero bits included.
function bytesOfBase64(text) {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) throw new Error("not base64");
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  if (base64Of(bytes) !== text) throw new Error("not base64");
  return bytes;
}

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

async function hash(name, ...parts) {
  return new Uint8Array(await crypto.subtle.digest(name, joined(...parts)));
}

const littleEndian = (bytes) => Array.from(bytes).reduceRight((sum, byte) => sum * 256 + byte, 0);

function bigEndian(value, size) {
  const bytes = new Uint8Array(size);
  for (let at = size - 1, rest = BigInt(value); at >= 0; at--, rest >>= 8n) bytes[at] = Number(rest & 255n);
  return bytes;
}

// ECDSA with P-256 and SHA-256 over a signature of r and s, 32 bytes each. A point off the curve is a wrong signature.
async function isSignedP256(point, signature, signed) {
  if (point.length !== 64 || signature.length !== 64) return false;
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  try {
    const key = await crypto.subtle.importKey("raw", joined(Uint8Array.of(4), point), algorithm, false, ["verify"]);
    return await crypto.subtle.verify(algorithm, key, signature, signed);
  } catch {
    return false;
  }
}

// No name twice, no more than so many levels, nothing behind the document, no half surrogates (RFC 7493 §2).
// Objects have no prototype, so that no name means more than its member.
function parseJson(text, mostLevels = 16) {
  let at = 0;
  const fail = () => { throw new Error("not JSON, or a name twice, or too deep"); };
  const space = () => { while (at < text.length && " \t\r\n".includes(text[at])) at++; };

  function take(pattern) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (!found) fail();
    at = pattern.lastIndex;
    return found[0];
  }

  function string() {
    const read = JSON.parse(take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y));
    if (!read.isWellFormed()) fail();
    return read;
  }

  function list(end, item) {
    at++;
    space();
    if (text[at] === end) return void at++;
    for (;;) {
      item();
      space();
      if (text[at] === end) return void at++;
      if (text[at] !== ",") fail();
      at++;
      space();
    }
  }

  function value(level) {
    space();
    if (text[at] === '"') return string();
    if ("[{".includes(text[at] ?? " ") && level > mostLevels) fail();
    if (text[at] === "[") {
      const items = [];
      list("]", () => items.push(value(level + 1)));
      return items;
    }
    if (text[at] === "{") {
      const members = Object.create(null);
      list("}", () => {
        const name = string();
        space();
        if (text[at++] !== ":" || name in members) fail();
        members[name] = value(level + 1);
      });
      return members;
    }
    return JSON.parse(take(/true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y));
  }

  const read = value(1);
  space();
  if (at !== text.length) fail();
  return read;
}
