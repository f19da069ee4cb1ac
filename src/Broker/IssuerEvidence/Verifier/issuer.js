"use strict";
// The checks of an issuer, under the names and codes of `brokerctl issuer verify`.

const oidcIssuerTag = "oidc-issuer:";
const skew = 300;

function evidenceMalformed(what) { throw new Refusal("EVIDENCE_MALFORMED", what); }

function bytesOfThumbprint(text) {
  const bytes = typeof text === "string" && /^[\w-]{43}$/.test(text)
    ? orNull(bytesOfBase64, `${text.replaceAll("-", "+").replaceAll("_", "/")}=`)
    : null;
  return bytes ?? evidenceMalformed("a key is no SHA-256 thumbprint in base64url");
}

// The document of /.well-known/issuer-attestation. Nothing of it is proven by reading it.
function readEvidence(text) {
  const root = (text.length <= 4194304 && orNull(parseJson, text, 8)) ?? evidenceMalformed("not JSON");
  const read = orNull(() => ({
    version: field.integer(root, "version"),
    issuer: field.text(root, "issuer"),
    madeAt: field.integer(root, "made_at", 253402300799),
    nonce: root.nonce === null ? new Uint8Array() : bytesOfHex(root.nonce),
    keys: Array.isArray(root.keys) ? root.keys : field.fail("keys"),
    ledgerKey: field.text(root, "ledger_key"),
    attestation: bytesOfHex(root.attestation),
    collateral: root.collateral,
  }));
  if (read?.version !== 1 || root.collateral === undefined) evidenceMalformed("a member is missing or not of its form");
  const { issuer, ledgerKey, nonce, keys } = read;
  const isBounded = [issuer, ledgerKey].every((one) => one.length > 0 && one.length <= 2048) && keys.length <= 256
    && (nonce.length === 0 || (nonce.length >= 16 && nonce.length <= 64));
  if (!isBounded) evidenceMalformed("a member is too long or too short");
  const thumbprints = keys.map(bytesOfThumbprint).map(hexOf);
  const isOrdered = thumbprints.every((one, at) => at === 0 || thumbprints[at - 1] < one);
  if (!isOrdered) evidenceMalformed("keys are not in their order");
  return { ...read, envelope: readEnvelope(read.attestation) };
}

// What the quote is over: see the README, "Check the issuer".
function statementOf({ issuer, madeAt, nonce, keys, ledgerKey }) {
  const sized = (bytes) => joined(bigEndian(bytes.length, 4), bytes);
  return joined(
    Uint8Array.of(1), sized(utf8Of(issuer)), bigEndian(madeAt, 8), sized(nonce), bigEndian(keys.length, 4),
    ...keys.map((key) => sized(bytesOfThumbprint(key))), sized(utf8Of(ledgerKey)));
}

// RFC 7638, of letters that need no escape.
async function thumbprintOf(jwk) {
  const names = { EC: ["crv", "kty", "x", "y"], RSA: ["e", "kty", "n"] }[jwk.kty];
  if (!names || names.some((name) => !/^[\w-]+$/.test(jwk[name]))) throw new Error("a key that is neither EC nor RSA");
  return base64UrlOf(await hash("SHA-256", utf8Of(`{${names.map((name) => `"${name}":"${jwk[name]}"`).join(",")}}`)));
}

async function readKeySet(text) {
  const { keys } = parseJson(text);
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > 256) throw new Error("no key, or too many");
  return Promise.all(keys.map(async (jwk) => ({
    thumbprint: await thumbprintOf(jwk),
    certificate: Array.isArray(jwk.x5c) && jwk.x5c.length > 0 ? bytesOfBase64(jwk.x5c[0]) : null,
  })));
}

// Key and extensions of a certificate of any algorithm.
function readAnyCertificate(encoded) {
  const tbs = new Der(encoded).inner(Tag.sequence).inner(Tag.sequence);
  if (tbs.nextTag === 0xa0) tbs.value();
  for (const part of ["serial", "algorithm", "issuer", "validity", "subject"]) tbs.encoded(part);
  const publicKey = tbs.encoded();
  return { publicKey, extensions: tbs.hasMore ? readExtensions(tbs.inner(0xa3).inner(Tag.sequence)) : new Map() };
}

async function thumbprintOfPublicKey(encoded) {
  const algorithms = [{ name: "ECDSA", namedCurve: "P-256" }, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }];
  for (const algorithm of algorithms) {
    try {
      const key = await crypto.subtle.importKey("spki", encoded, algorithm, true, ["verify"]);
      return await thumbprintOf(await crypto.subtle.exportKey("jwk", key));
    } catch {
      // Of the other algorithm, or of neither.
    }
  }
  return null;
}

const passed = (detail) => ({ result: "ok", code: null, detail });
const failed = (code, detail) => ({ result: "failed", code, detail });
const notChecked = (detail) => ({ result: "not_checked", code: null, detail });
const date = (moment) => `${new Date(1000 * moment).toISOString().slice(0, 19)}Z`;

function checkTcb(measured, expectations) {
  if (!measured) return notChecked("the quote does not hold");
  const status = measured.tcb_status;
  const isTaken = !status.startsWith("OutOfDate")
    || expectations.some(([name, value]) => name === "tcb_status" && value.toLowerCase() === status.toLowerCase());
  return isTaken
    ? passed(`the maker calls the platform ${status}`)
    : failed("TCB_STATUS", `the maker calls the platform ${status}; tcb_status=${status} takes it`);
}

async function checkBinding(evidence) {
  const expected = await hash("SHA-512", utf8Of(oidcIssuerTag), statementOf(evidence));
  return sameBytes(expected, evidence.envelope.reportData)
    ? passed("the quote is over issuer, time, nonce, keys and ledger key")
    : failed("REPORT_DATA_MISMATCH", "the quote is over something else than the evidence says");
}

function checkIssuer(discovery, evidence, issuer) {
  const named = orNull(parseJson, discovery)?.issuer;
  if (typeof named !== "string") return failed("DISCOVERY_MALFORMED", "the discovery document names no issuer");
  if (named !== issuer) return failed("ISSUER_MISMATCH", `discovery is of ${named}, not of ${issuer}`);
  return evidence.issuer === issuer
    ? passed(issuer)
    : failed("ISSUER_MISMATCH", `the evidence is of ${evidence.issuer}, not of ${issuer}`);
}

function checkFreshness({ nonce, madeAt }, asked, { oldest, now }) {
  if (asked !== null && hexOf(nonce) !== asked)
    return failed("NONCE_MISMATCH", "not over the nonce that it was asked for with");
  if (madeAt < oldest) return failed("EVIDENCE_STALE", `made ${date(madeAt)}, which is too long ago`);
  if (madeAt > now + skew) return failed("EVIDENCE_NOT_YET_VALID", `made ${date(madeAt)}, which is yet to come`);
  return passed(`made ${date(madeAt)}${asked === null ? "" : " for this nonce"}`);
}

function checkMeasurements(measured, expectations) {
  if (!measured) return notChecked("the quote does not hold");
  if (expectations.length === 0) return notChecked("no expected value says which code may hold the keys");
  const names = [...new Set(expectations.map(([name]) => name))].sort();
  for (const name of names) {
    const found = measured[name];
    const isExpected = expectations.some(([other, value]) =>
      other === name && found !== undefined && value.toLowerCase() === found.toLowerCase());
    if (!isExpected) return failed("MEASUREMENT_MISMATCH", `${name} is ${found ?? "not measured"}`);
  }
  return passed(`as expected: ${names.join(", ")}`);
}

function checkKeys(keys, evidence) {
  if (!keys) return failed("JWKS_MALFORMED", "not a JWKS of EC and RSA keys");
  const published = new Set(keys.map((key) => key.thumbprint));
  return published.size === evidence.keys.length && evidence.keys.every((key) => published.has(key))
    ? passed(`${published.size} published, all of them in the evidence`)
    : failed("KEYS_MISMATCH", "the published keys are not those of the evidence");
}

// A certificate beside a key is of that key; evidence that it carries is over the key and of the same code.
async function checkCertificates(keys, evidence, measured, root, now) {
  let attested = 0;
  for (const { thumbprint, certificate } of keys.filter((key) => key.certificate)) {
    const read = orNull(readAnyCertificate, certificate);
    if (!read) return failed("CERTIFICATE_MALFORMED", "x5c holds something else than a certificate");
    if (await thumbprintOfPublicKey(read.publicKey) !== thumbprint)
      return failed("CERTIFICATE_MISMATCH", "a certificate is of another key than the one beside it");
    const extension = read.extensions.get("1.3.6.1.4.1.62397.1.8");
    if (!extension) continue;
    try {
      const envelope = readEnvelope(new Der(extension.value).value(Tag.octets));
      const expected = await hash("SHA-512", utf8Of("ratls-cert:"), read.publicKey);
      if (!sameBytes(envelope.reportData, expected)) return failed("CERTIFICATE_EVIDENCE", "report data mismatch");
      const verified = await verifyEnvelope(envelope, evidence.collateral, root, now);
      if (verified.measured.mr_aggregated !== measured?.mr_aggregated)
        return failed("CERTIFICATE_EVIDENCE", "a certificate's evidence is of other code");
      attested++;
    } catch (wrong) {
      return failed("CERTIFICATE_EVIDENCE", wrong.message);
    }
  }
  return passed(`${attested} of ${keys.length} carry evidence of the same code over their key`);
}

const noEd25519 = notChecked("this browser knows no Ed25519");

async function checkCheckpoint(text, checkpoint, key) {
  if (!key) return failed("LEDGER_KEY_MALFORMED", "the ledger's key is no vkey");
  if (text === "") return notChecked("the ledger has no entry yet");
  if (!checkpoint) return failed("CHECKPOINT_MALFORMED", "not a signed checkpoint");
  if (checkpoint.origin !== key.name)
    return failed("CHECKPOINT_ORIGIN", `it is of ${checkpoint.origin}, the key of ${key.name}`);
  const signed = await isSigned(checkpoint, key);
  if (signed === null) return noEd25519;
  return signed
    ? passed(`${checkpoint.size} entries under ${checkpoint.root}`)
    : failed("CHECKPOINT_SIGNATURE", "the ledger's key of the evidence has not signed it");
}

async function checkReceipt({ text, entry }, key, newest) {
  const receipt = readReceipt(text);
  if (!receipt) return failed("RECEIPT_MALFORMED", "not a receipt in the tlog-proof form");
  if (!key) return failed("LEDGER_KEY_MALFORMED", "the ledger's key is no vkey");
  const { checkpoint, index } = receipt;
  if (checkpoint.origin !== key.name) return failed("RECEIPT_INVALID", `its checkpoint is of ${checkpoint.origin}`);
  const signed = await isSigned(checkpoint, key);
  if (signed === null) return noEd25519;
  if (!signed) return failed("RECEIPT_INVALID", "the ledger's key has not signed its checkpoint");
  if (index >= checkpoint.size) return failed("RECEIPT_INVALID", `index ${index} lies outside the tree`);
  if (entry) {
    const reached = await rootOf(entry, receipt).catch(() => null);
    if (reached !== checkpoint.root) return failed("RECEIPT_INVALID", "the proof does not lead to the root");
  }
  if (newest && newest.size === checkpoint.size && newest.root !== checkpoint.root)
    return failed("RECEIPT_FORKED", "the newest checkpoint has another root at the same size");
  return entry
    ? passed(`the entry is in the ledger, at index ${index}`)
    : notChecked("its checkpoint is signed; the entry was not given");
}

// files: texts of discovery, jwks, evidence, checkpoint, and the nonce or null. demands: issuer, expectations (pairs),
// oldest and now (Unix seconds), receipt ({ text, entry } or null). root: DER.
async function verifyIssuer(files, demands, root) {
  let evidence;
  try {
    evidence = readEvidence(files.evidence);
  } catch (wrong) {
    const malformed = failed(wrong.code ?? "EVIDENCE_MALFORMED", wrong.message);
    return { checks: [{ check: "evidence", ...malformed }], measured: null };
  }
  let [measured, quote] = [null, null];
  try {
    const verified = await verifyEnvelope(evidence.envelope, evidence.collateral, root, demands.now);
    measured = verified.measured;
    quote = passed("a genuine machine made it");
  } catch (wrong) {
    quote = failed(wrong.code ?? "QUOTE_MALFORMED", wrong.message);
  }
  const keys = await readKeySet(files.jwks).catch(() => null);
  const ledgerKey = await readVkey(evidence.ledgerKey);
  const checkpoint = readCheckpoint(files.checkpoint);
  const checks = [
    { check: "quote", ...quote },
    { check: "tcb", ...checkTcb(measured, demands.expectations) },
    { check: "binding", ...await checkBinding(evidence) },
    { check: "issuer", ...checkIssuer(files.discovery, evidence, demands.issuer) },
    { check: "freshness", ...checkFreshness(evidence, files.nonce, demands) },
    { check: "measurements", ...checkMeasurements(measured, demands.expectations) },
    { check: "keys", ...checkKeys(keys, evidence) },
    { check: "certificates", ...await checkCertificates(keys ?? [], evidence, measured, root, demands.now) },
    { check: "checkpoint", ...await checkCheckpoint(files.checkpoint, checkpoint, ledgerKey) },
  ];
  if (demands.receipt) {
    const newest = checks.at(-1).result === "ok" ? checkpoint : null;
    checks.push({ check: "receipt", ...await checkReceipt(demands.receipt, ledgerKey, newest) });
  }
  return { checks, measured };
}
