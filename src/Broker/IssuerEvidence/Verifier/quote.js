"use strict";
// A TDX quote: its bytes, and whether a genuine, current and closed trust domain made it (Intel DCAP). The checks run
// in the broker's own order, and the first that fails names the refusal.

const bodySizes = { 2: 584, 3: 648, 4: 885 };

class Cursor {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  take(length) {
    if (length > this.bytes.length - this.at) throw new Refusal("QUOTE_MALFORMED", "ends early");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  number(size) { return littleEndian(this.take(size)); }

  end() { if (this.at !== this.bytes.length) throw new Refusal("QUOTE_MALFORMED", "slack inside the signature data"); }
}

function unsupported(what) { throw new Refusal("QUOTE_UNSUPPORTED", what); }

function readQuote(bytes) {
  if (bytes.length > 65536) throw new Refusal("QUOTE_MALFORMED", "longer than 65536 bytes");
  const cursor = new Cursor(bytes);
  const version = cursor.number(2);
  if (version < 3 || version > 5) unsupported(`version ${version}`);
  const [keyType, tee] = [cursor.number(2), cursor.number(4)];
  cursor.take(4);
  const vendor = cursor.take(16);
  cursor.take(20);
  if (keyType !== 2) unsupported(`attestation key type ${keyType}`);
  if (tee !== (version === 3 ? 0 : 0x81)) unsupported(`TEE type ${tee} in version ${version}`);
  if (hexOf(vendor) !== "939a7233f79c4ca9940a0db3957f0607") unsupported("QE vendor");
  if (version === 3) throw new Refusal("NOT_A_TD", "an SGX quote proves no trust domain");
  let type = 2;
  if (version === 5) {
    type = cursor.number(2);
    const size = cursor.number(4);
    if (!bodySizes[type]) unsupported(`body type ${type}`);
    if (size !== bodySizes[type]) throw new Refusal("QUOTE_MALFORMED", `body type ${type} with ${size} bytes`);
  }
  const body = cursor.take(bodySizes[type]);
  const signed = bytes.subarray(0, cursor.at);
  return { report: readReport(body), signed, ...readSignatures(new Cursor(cursor.take(cursor.number(4)))) };
}

function readSignatures(cursor) {
  const [signature, key] = [cursor.take(64), cursor.take(64)];
  const outerType = cursor.number(2);
  const inner = new Cursor(cursor.take(cursor.number(4)));
  if (outerType !== 6) unsupported(`outer certification data type ${outerType}`);
  cursor.end();
  const [qeReport, qeSignature] = [inner.take(384), inner.take(64)];
  const authentication = inner.take(inner.number(2));
  const type = inner.number(2);
  const certification = inner.take(inner.number(4));
  inner.end();
  if (type < 1 || type > 5) unsupported(`certification data type ${type}`);
  const chain = type === 5 ? new TextDecoder("latin1").decode(certification) : null;
  return { signature, key, qeReport, qeSignature, authentication, chain };
}

function readReport(body) {
  const part = (from, length) => body.subarray(from, from + length);
  return {
    svn: part(0, 16), signerSeam: part(64, 48), attributesSeam: part(112, 8), attributes: part(120, 8),
    mrTd: part(136, 48), configId: part(184, 48), owner: part(232, 48), ownerConfig: part(280, 48),
    rtmr: [328, 376, 424, 472].map((from) => part(from, 48)), reportData: part(520, 64),
    currentSvn: body.length >= 648 ? part(584, 16) : null, services: body.length >= 648 ? part(600, 48) : null,
  };
}

function readItems(encoded, parent) {
  const outer = new Der(encoded);
  const list = outer.inner(Tag.sequence);
  outer.end();
  const items = new Map();
  while (list.hasMore) {
    const item = list.inner(Tag.sequence);
    const oid = item.oid();
    const value = item.encoded();
    item.end();
    const arc = oid.startsWith(`${parent}.`) ? oid.slice(parent.length + 1) : "";
    if (!/^\d+$/.test(arc) || items.has(Number(arc))) throw new Error("a foreign item, or one twice");
    items.set(Number(arc), value);
  }
  return items;
}

// What a PCK certificate says of its platform: five items from the Processor CA, seven from the Platform CA.
function readPlatform(leaf, isOfPlatformCa) {
  const oid = "1.2.840.113741.1.13.1";
  const octets = (encoded, length) => {
    const bytes = new Der(encoded).value(Tag.octets);
    if (bytes.length !== length) throw new Error("another length");
    return bytes;
  };
  const items = readItems(leaf.extensions.get(oid).value, oid);
  const tcb = readItems(items.get(2), `${oid}.2`);
  if (items.size !== (isOfPlatformCa ? 7 : 5) || tcb.size !== 18) throw new Error("another number of items");
  if (isOfPlatformCa) {
    octets(items.get(6), 16);
    if (!items.has(7)) throw new Error("no configuration");
  }
  octets(tcb.get(18), 16);
  const type = new Der(items.get(5)).value(Tag.enumerated);
  if (type.length !== 1 || type[0] > 2) throw new Error("another type");
  return {
    ppid: octets(items.get(1), 16),
    components: Array.from({ length: 16 }, (_, at) => new Der(tcb.get(at + 1)).number(255)),
    pcesvn: new Der(tcb.get(17)).number(65535),
    pceId: octets(items.get(3), 2),
    fmspc: octets(items.get(4), 6),
  };
}

async function expectPlatform(quote, collateral, root, rootList, tcbInfo, now) {
  const refuse = (what) => { throw new Refusal("PCK_CHAIN", what); };
  const text = quote.chain ?? collateral.pckChain;
  if (typeof text !== "string") refuse("the quote needs a PCK chain with the collateral");
  const chain = readPem(text);
  if (chain.length !== 3) refuse(`${chain.length} certificates, not 3`);
  if (!sameBytes(chain[2], root.encoded)) refuse("root is not the trust anchor");
  const authority = orNull(readCertificate, chain[1]);
  const isOfPlatformCa = authority?.name === "Intel SGX PCK Platform CA";
  const isPckCa = isOfPlatformCa || authority?.name === "Intel SGX PCK Processor CA";
  if (!isPckCa || !await isSignedBy(authority, root))
    refuse("intermediate is not a PCK CA issued by the root");
  const leaf = orNull(readCertificate, chain[0]);
  if (!leaf || !await isSignedBy(leaf, authority) || leaf.name !== "Intel SGX PCK Certificate")
    refuse("leaf is not a PCK certificate issued by the PCK CA");

  expectProfile(authority, now, "PCK_CA_CERT", 0);
  expectProfile(leaf, now, "PCK_CERT", null);
  if (rootList.revoked.has(authority.serial)) throw new Refusal("PCK_CA_CERT_REVOKED", "PCK CA is revoked");
  const list = await expectRevocationList(collateral.pckList, authority, now, "PCK_CRL", "PCK CRL");
  if (list.revoked.has(leaf.serial)) throw new Refusal("PCK_CERT_REVOKED", "PCK certificate is revoked");

  const platform = orNull(readPlatform, leaf, isOfPlatformCa);
  if (!platform) throw new Refusal("PCK_EXTENSION", "SGX extension of the PCK certificate");
  if (!sameBytes(tcbInfo.fmspc, platform.fmspc) || !sameBytes(tcbInfo.pceId, platform.pceId))
    throw new Refusal("TCB_INFO_MISMATCH", "TCB info is for another FMSPC or PCE");
  return { ...platform, point: leaf.point };
}

// PCK key, QE report, attestation key, signed region: each vouches for the next.
async function expectSignatures(quote, platform, identity) {
  const { qeReport, key, signature } = quote;
  const refuse = (code, what) => { throw new Refusal(code, what); };
  if (!await isSignedP256(platform.point, quote.qeSignature, qeReport))
    refuse("QE_REPORT_SIGNATURE", "QE report is not signed by the platform's PCK");
  const bound = joined(await hash("SHA-256", key, quote.authentication), new Uint8Array(32));
  if (!sameBytes(qeReport.subarray(320, 384), bound))
    refuse("QE_REPORT_DATA", "QE report does not bind the attestation key");

  const equalUnder = (mask, actual, expected) => mask.every((byte, at) => (actual[at] & byte) === expected[at]);
  const isIntels = equalUnder(identity.miscselectMask, qeReport.subarray(16, 20), identity.miscselect)
    && equalUnder(identity.attributesMask, qeReport.subarray(48, 64), identity.attributes)
    && sameBytes(qeReport.subarray(128, 160), identity.signer)
    && littleEndian(qeReport.subarray(256, 258)) === identity.product
    && !(qeReport[48] & 2);
  if (!isIntels) refuse("QE_IDENTITY_MISMATCH", "QE report is not that of Intel's QE");
  if (!await isSignedP256(key, signature, quote.signed))
    refuse("QUOTE_SIGNATURE", "quote is not signed by the attestation key");
}

// The one identity of a module's major version.
function moduleIdentity(tcbInfo, major) {
  const id = `TDX_${hexOf([major]).toUpperCase()}`;
  const found = tcbInfo.identities.filter((one) => one.id === id);
  return found.length === 1 ? found[0] : null;
}

function expectModule(tcbInfo, report) {
  const major = report.svn[1];
  const module = major === 0 ? tcbInfo.module : moduleIdentity(tcbInfo, major);
  const isIntels = module && isZero(report.signerSeam) && isZero(module.signer)
    && isZero(report.attributesSeam) && isZero(module.attributes);
  if (!isIntels) throw new Refusal("TDX_MODULE_MISMATCH", "TDX module is not one of Intel's");
}

const reaches = (actual, wanted, from = 0) => wanted.every((svn, at) => at < from || actual[at] >= svn);

// Platform, module and QE as Intel merges them; null where one is below every level. Components 0 and 1 are the
// module's version, which from the first major version on its own identity judges.
function evaluate(tcbInfo, platform, qe, svn) {
  const major = svn[1];
  const level = tcbInfo.levels.find((one) => platform.pcesvn >= one.pcesvn && reaches(platform.components, one.sgx)
    && reaches(svn, one.tdx, major > 0 ? 2 : 0));
  const module = major > 0 ? moduleIdentity(tcbInfo, major)?.levels.find((one) => svn[0] >= one.isvsvn) : null;
  if (!level || module === undefined) return null;
  const parts = [level, qe, ...(module ? [module] : [])];
  const advisories = [...new Set(parts.flatMap((one) => one.advisories))].sort();
  const isOutdated = parts.slice(1).some((one) => one.status === "OutOfDate");
  const status = parts.some((one) => one.status === "Revoked") ? "Revoked"
    : !isOutdated ? level.status
    : ["UpToDate", "SWHardeningNeeded"].includes(level.status) ? "OutOfDate"
    : level.status.startsWith("Configuration") ? "OutOfDateConfigurationNeeded"
    : level.status;
  return { status, advisories };
}

// Launched outdated but current now: starting it again suffices.
function withCurrent(launch, current) {
  const isCurrent = current !== null && current !== "Revoked" && !current.startsWith("OutOfDate");
  if (!isCurrent || !launch.startsWith("OutOfDate")) return launch;
  return launch === "OutOfDateConfigurationNeeded" || current.startsWith("Configuration")
    ? "TDRelaunchAdvisedConfigurationNeeded"
    : "TDRelaunchAdvised";
}

function expectClosed(report) {
  const refuse = (code, what) => { throw new Refusal(code, what); };
  const attributes = report.attributes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const [septVeDisable, pks, keyLocker, perfMon] = [28n, 30n, 31n, 63n].map((bit) => 1n << bit);
  if (attributes & 1n) refuse("TD_DEBUG", "TD runs in debug mode");
  if (attributes & 255n) refuse("TD_ATTRIBUTES", "TD under debug");
  if (attributes & ~(septVeDisable | pks | keyLocker | perfMon)) refuse("TD_ATTRIBUTES", "TD attributes not allowed");
  if (!(attributes & septVeDisable)) refuse("TD_ATTRIBUTES", "SEPT_VE_DISABLE is clear");
  if (report.services && !isZero(report.services)) refuse("TD_SERVICE_TD", "a service TD is bound to the TD");
}

// Before anything else: a quote of a platform of another root than the one that is believed.
function expectOwnChain(bytes, root) {
  const { chain } = readQuote(bytes);
  const certificates = chain === null ? [] : readPem(chain);
  if (certificates.length !== 3 || !sameBytes(certificates[2], root))
    throw new Refusal("PCK_CHAIN", "quote's PCK chain does not end in the trust anchor");
}

// The report of a genuine trust domain with its platform and status; throws the first refusal.
// root: DER of the one certificate that is believed; now: Unix seconds.
async function verifyQuote(bytes, document, root, now) {
  const quote = readQuote(bytes);
  const collateral = readCollateral(document);
  const anchor = orNull(readCertificate, root);
  if (!anchor || !await isSignedBy(anchor, anchor))
    throw new Refusal("ROOT_CERT", "trust anchor is not a self-signed root");
  expectProfile(anchor, now, "ROOT_CERT", 1);
  const rootList = await expectRevocationList(collateral.rootList, anchor, now, "ROOT_CRL", "root CRL");
  if (rootList.revoked.has(anchor.serial)) throw new Refusal("ROOT_CERT_REVOKED", "root is revoked");
  const tcbInfo = await expectSigned(
    tcbInfoCodes, collateral.tcbChain, collateral.tcbInfo, collateral.tcbSignature, anchor, rootList, now);
  const identity = await expectSigned(
    qeIdentityCodes, collateral.qeChain, collateral.qeIdentity, collateral.qeSignature, anchor, rootList, now);
  const platform = await expectPlatform(quote, collateral, anchor, rootList, tcbInfo, now);
  await expectSignatures(quote, platform, identity);
  expectModule(tcbInfo, quote.report);

  const { report } = quote;
  const qe = identity.levels.find((one) => littleEndian(quote.qeReport.subarray(258, 260)) >= one.isvsvn);
  const launch = qe && evaluate(tcbInfo, platform, qe, report.svn);
  const current = launch && report.currentSvn ? evaluate(tcbInfo, platform, qe, report.currentSvn) : launch;
  if (!launch || !current)
    throw new Refusal("TCB_NOT_SUPPORTED", "platform, TDX module or QE is below every TCB level");
  if (launch.status === "Revoked" || current.status === "Revoked")
    throw new Refusal("TCB_REVOKED", "platform, TDX module or QE is at a revoked TCB level");
  expectClosed(report);
  return {
    report, platform, advisories: launch.advisories,
    status: withCurrent(launch.status, report.currentSvn ? current.status : null),
  };
}
