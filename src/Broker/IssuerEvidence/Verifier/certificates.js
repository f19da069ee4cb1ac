"use strict";
// DER (X.690), and the certificates and revocation lists of Intel's hierarchy (RFC 5280): P-256 keys,
// ecdsa-with-SHA256, and nothing else.

const Tag = {
  boolean: 0x01, integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, enumerated: 0x0a, utf8: 0x0c, printable: 0x13,
  utcTime: 0x17, time: 0x18, sequence: 0x30, set: 0x31,
};

// Reads forward; throws where the bytes are not the one DER spelling of a value.
class Der {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  get hasMore() { return this.at < this.bytes.length; }

  get nextTag() { return this.bytes[this.at]; }

  // A value with its tag and length.
  encoded() {
    const start = this.at;
    this.value();
    return this.bytes.subarray(start, this.at);
  }

  value(tag) {
    const found = this.bytes[this.at];
    const isOther = found === undefined || (found & 31) === 31 || (tag !== undefined && found !== tag);
    if (isOther) throw new Error("another tag, or none");
    let [length, from] = [this.bytes[this.at + 1], this.at + 2];
    if (length === undefined || length === 0x80) throw new Error("no DER length");
    if (length > 0x80) {
      const size = length & 127;
      if (size > 4 || from + size > this.bytes.length) throw new Error("no DER length");
      length = this.bytes.subarray(from, from + size).reduce((sum, byte) => sum * 256 + byte, 0);
      if (length < 128 || this.bytes[from] === 0) throw new Error("a longer length than needed");
      from += size;
    }
    if (from + length > this.bytes.length) throw new Error("ends early");
    this.at = from + length;
    return this.bytes.subarray(from, this.at);
  }

  inner(tag) { return new Der(this.value(tag)); }

  // Minimal content.
  integer(tag = Tag.integer) {
    const content = this.value(tag);
    const [first, second] = content;
    const isLong = content.length > 1 && ((first === 0 && second < 128) || (first === 255 && second > 127));
    if (content.length === 0 || isLong) throw new Error("no DER integer");
    return content;
  }

  number(most) {
    const content = this.integer();
    const number = content.length <= 5 && content[0] < 128 ? content.reduce((sum, byte) => sum * 256 + byte, 0) : -1;
    if (number < 0 || number > most) throw new Error("a number out of bounds");
    return number;
  }

  boolean() {
    const content = this.value(Tag.boolean);
    if (content.length !== 1 || (content[0] !== 0 && content[0] !== 255)) throw new Error("no DER boolean");
    return content[0] === 255;
  }

  // Whole bytes.
  bitString() {
    const content = this.value(Tag.bits);
    if (content[0] !== 0) throw new Error("no whole bytes");
    return content.subarray(1);
  }

  oid() {
    const content = this.value(Tag.oid);
    const arcs = [];
    let arc = 0;
    content.forEach((byte, at) => {
      if (arc === 0 && byte === 128 && (at === 0 || content[at - 1] < 128)) throw new Error("no DER oid");
      arc = arc * 128 + (byte & 127);
      if (byte > 127) return;
      arcs.push(arc);
      arc = 0;
    });
    if (content.length === 0 || content.at(-1) > 127) throw new Error("no DER oid");
    const first = Math.min(2, Math.floor(arcs[0] / 40));
    return [first, arcs[0] - 40 * first, ...arcs.slice(1)].join(".");
  }

  // Unix seconds.
  moment() {
    const short = this.nextTag === Tag.utcTime;
    const text = textOf(this.value(short ? Tag.utcTime : Tag.time));
    const found = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
    if (found?.[1].length !== (short ? 2 : 4)) throw new Error("no DER time");
    const [year, month, ...rest] = found.slice(1).map(Number);
    const full = !short ? year : year < 50 ? 2000 + year : 1900 + year;
    return Date.UTC(full, month - 1, ...rest) / 1000;
  }

  end() { if (this.hasMore) throw new Error("something follows"); }
}

function expectEcdsa(der) {
  const algorithm = der.inner(Tag.sequence);
  if (algorithm.oid() !== "1.2.840.10045.4.3.2" || algorithm.hasMore) throw new Error("another algorithm");
}

function readExtensions(list) {
  const extensions = new Map();
  while (list.hasMore) {
    const entry = list.inner(Tag.sequence);
    const oid = entry.oid();
    const critical = entry.nextTag === Tag.boolean && entry.boolean();
    const value = entry.value(Tag.octets);
    entry.end();
    if (extensions.has(oid)) throw new Error("an extension twice");
    extensions.set(oid, { critical, value });
  }
  return extensions;
}

function readCommonName(name) {
  const found = [];
  const rdns = new Der(name).inner(Tag.sequence);
  while (rdns.hasMore) {
    const rdn = rdns.inner(Tag.set);
    while (rdn.hasMore) {
      const attribute = rdn.inner(Tag.sequence);
      if (attribute.oid() !== "2.5.4.3") continue;
      found.push([Tag.utf8, Tag.printable].includes(attribute.nextTag) ? textOf(attribute.value()) : null);
    }
  }
  return found.length === 1 ? found[0] : null;
}

function readPoint(info) {
  const algorithm = info.inner(Tag.sequence);
  const [kind, curve] = [algorithm.oid(), algorithm.oid()];
  if (kind !== "1.2.840.10045.2.1" || curve !== "1.2.840.10045.3.1.7") throw new Error("another curve");
  algorithm.end();
  const point = info.bitString();
  info.end();
  if (point.length !== 65 || point[0] !== 4) throw new Error("no uncompressed point");
  return point.subarray(1);
}

// One certificate and nothing behind it. Reading proves nothing.
function readCertificate(encoded) {
  const outer = new Der(encoded);
  const certificate = outer.inner(Tag.sequence);
  outer.end();
  const signed = certificate.encoded();
  expectEcdsa(certificate);
  const signature = certificate.bitString();
  certificate.end();

  const tbs = new Der(signed).inner(Tag.sequence);
  const version = tbs.nextTag === 0xa0 ? tbs.inner(0xa0).number(2) + 1 : 1;
  const serial = hexOf(tbs.integer());
  expectEcdsa(tbs);
  const issuer = tbs.encoded();
  const validity = tbs.inner(Tag.sequence);
  const [notBefore, notAfter] = [validity.moment(), validity.moment()];
  validity.end();
  const subject = tbs.encoded();
  const point = readPoint(tbs.inner(Tag.sequence));
  const extensions = tbs.hasMore ? readExtensions(tbs.inner(0xa3).inner(Tag.sequence)) : new Map();
  tbs.end();
  return {
    encoded, signed, signature, version, serial, issuer, subject, notBefore, notAfter, point, extensions,
    name: readCommonName(subject),
  };
}

// A list that cannot be read is as good as none.
function readRevocationList(encoded) {
  const outer = new Der(encoded);
  const list = outer.inner(Tag.sequence);
  outer.end();
  const signed = list.encoded();
  expectEcdsa(list);
  const signature = list.bitString();
  list.end();

  const tbs = new Der(signed).inner(Tag.sequence);
  if (tbs.number(1) !== 1) throw new Error("not version 2");
  expectEcdsa(tbs);
  const issuer = tbs.encoded();
  const [thisUpdate, nextUpdate] = [tbs.moment(), tbs.moment()];
  const revoked = new Set();
  if (tbs.nextTag === Tag.sequence) {
    const entries = tbs.inner(Tag.sequence);
    while (entries.hasMore) {
      const entry = entries.inner(Tag.sequence);
      revoked.add(hexOf(entry.integer()));
      entry.moment();
      if (entry.hasMore) refuseCritical(readExtensions(entry.inner(Tag.sequence)));
      entry.end();
    }
  }
  if (tbs.hasMore) refuseCritical(readExtensions(tbs.inner(0xa0).inner(Tag.sequence)));
  tbs.end();
  return { signed, signature, issuer, thisUpdate, nextUpdate, revoked };
}

function refuseCritical(extensions) {
  for (const { critical } of extensions.values()) if (critical) throw new Error("a critical extension");
}

// r and s of a DER signature, 32 bytes each; an empty array where it is none.
function rawSignature(encoded) {
  try {
    const outer = new Der(encoded);
    const pair = outer.inner(Tag.sequence);
    outer.end();
    const halves = [pair.integer(), pair.integer()].map((number) => {
      const magnitude = number[0] === 0 ? number.subarray(1) : number;
      if (number[0] > 127 || magnitude.length > 32) throw new Error("out of range");
      return joined(new Uint8Array(32 - magnitude.length), magnitude);
    });
    pair.end();
    return joined(...halves);
  } catch {
    return new Uint8Array();
  }
}

const isSignedBy = (one, issuer) => sameBytes(one.issuer, issuer.subject)
  && isSignedP256(issuer.point, rawSignature(one.signature), one.signed);

function orNull(read, ...input) {
  try {
    return read(...input);
  } catch {
    return null;
  }
}

// The DER of each certificate in PEM text; none where one of them is not base64.
function readPem(text) {
  const blocks = [...text.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]*?)-----END CERTIFICATE-----/g)].slice(0, 8);
  return orNull(() => blocks.map(([, body]) => bytesOfBase64(body.replaceAll(/\s/g, "")))) ?? [];
}

function expectWithin(now, from, until, code, subject) {
  const date = (moment) => new Date(1000 * moment).toISOString().slice(0, 19);
  if (now < from) throw new Refusal(`${code}_NOT_YET_VALID`, `${subject} starts ${date(from)}Z`);
  if (now > until) throw new Refusal(`${code}_EXPIRED`, `${subject} ended ${date(until)}Z`);
}

function readConstraints(extension) {
  const outer = new Der(extension.value);
  const constraints = outer.inner(Tag.sequence);
  outer.end();
  const isAuthority = constraints.nextTag === Tag.boolean && constraints.boolean();
  const below = constraints.hasMore ? constraints.number(2 ** 31 - 1) : Infinity;
  constraints.end();
  return { isAuthority, below };
}

// Bit 0 first, as RFC 5280 §4.2.1.3 counts.
function readUsage(extension) {
  const outer = new Der(extension.value);
  const content = outer.value(Tag.bits);
  outer.end();
  const unused = content[0];
  const bits = content.subarray(1);
  const last = bits.at(-1) ?? 0;
  if (unused > 7 || (bits.length === 0 && unused !== 0) || (last & ((1 << unused) - 1)) !== 0
    || (bits.length > 0 && !(last & (1 << unused)))) throw new Error("no DER bits");
  return (bit) => bit < 8 * bits.length && (bits[bit >> 3] & (128 >> (bit & 7))) !== 0;
}

// The profile of the hierarchy: a PCK leaf that could act as a CA would let the owner of one machine make all others.
function expectProfile(certificate, now, code, casBelow) {
  const subject = certificate.name ?? "certificate";
  if (certificate.version !== 3) throw new Refusal(code, `${subject}: not version 3`);
  expectWithin(now, certificate.notBefore, certificate.notAfter, code, subject);
  for (const [oid, { critical }] of certificate.extensions) {
    const isKnown = oid === "2.5.29.19" || oid === "2.5.29.15";
    if (critical && !isKnown) throw new Refusal(code, `${subject}: critical extension ${oid}`);
  }
  const constraints = orNull(readConstraints, certificate.extensions.get("2.5.29.19"));
  const usage = orNull(readUsage, certificate.extensions.get("2.5.29.15")) ?? (() => false);
  const [digitalSignature, keyCertSign, crlSign] = [0, 5, 6];
  const fits = casBelow === null
    ? constraints?.isAuthority === false && usage(digitalSignature) && !usage(keyCertSign)
    : constraints?.isAuthority === true && constraints.below >= casBelow && usage(keyCertSign) && usage(crlSign);
  if (!fits) throw new Refusal(code, `${subject}: constraints or key usage of another role`);
}

// Fails closed: the list parses, is the issuer's, bears its signature and is inside its dates.
async function expectRevocationList(encoded, issuer, now, code, subject) {
  const list = orNull(readRevocationList, encoded);
  if (!list) throw new Refusal(`${code}_MALFORMED`, `${subject} is not one that Intel issues`);
  if (!sameBytes(list.issuer, issuer.subject))
    throw new Refusal(`${code}_ISSUER`, `${subject} is not of ${issuer.name}`);
  if (!await isSignedP256(issuer.point, rawSignature(list.signature), list.signed))
    throw new Refusal(`${code}_SIGNATURE`, `${subject} signature does not verify`);
  expectWithin(now, list.thisUpdate, list.nextUpdate, code, subject);
  return list;
}
