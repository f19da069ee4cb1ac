"use strict";
// Intel's signed words on its platforms: TCB info and QE identity. Each is a text, a signature over exactly that text,
// and the chain of its signer; what the text says is read after that.

const isvStatuses = ["UpToDate", "OutOfDate", "Revoked"];
const platformStatuses = [
  "UpToDate", "SWHardeningNeeded", "ConfigurationNeeded", "ConfigurationAndSWHardeningNeeded", "OutOfDate",
  "OutOfDateConfigurationNeeded", "Revoked",
];

// Throws the field that is absent or not of its form.
const field = {
  fail(name) { throw new Error(name); },
  object(parent, name) {
    const value = parent[name];
    return value !== null && typeof value === "object" && !Array.isArray(value) ? value : field.fail(name);
  },
  objects(parent, name, most = 256) {
    const list = parent[name];
    if (!Array.isArray(list) || list.length > most) field.fail(name);
    list.forEach((one, at) => field.object(list, at));
    return list;
  },
  integer(parent, name, most = 2 ** 31 - 1) {
    const value = parent[name];
    return Number.isInteger(value) && value >= 0 && value <= most ? value : field.fail(name);
  },
  text(parent, name) { return typeof parent[name] === "string" ? parent[name] : field.fail(name); },
  hex(parent, name, length) {
    const bytes = orNull(bytesOfHex, parent[name]);
    return bytes?.length === length ? bytes : field.fail(name);
  },
  date(parent, name) {
    const text = field.text(parent, name);
    const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
    const moment = shape.test(text) ? Date.parse(text) : NaN;
    return Number.isNaN(moment) ? field.fail(name) : moment / 1000;
  },
  status(parent, name, allowed) { return allowed.includes(parent[name]) ? parent[name] : field.fail(name); },
  advisories(parent) {
    const list = parent.advisoryIDs ?? [];
    const isList = Array.isArray(list) && list.length <= 256 && list.every((one) => typeof one === "string");
    return isList ? list : field.fail("advisoryIDs");
  },
};

// Highest first. Two levels alike would make the verdict depend on their order.
function sorted(levels, compare) {
  levels.sort(compare);
  if (levels.some((level, at) => at > 0 && compare(levels[at - 1], level) === 0)) field.fail("duplicate level");
  return levels;
}

const readIsvLevels = (parent) => sorted(field.objects(parent, "tcbLevels").map((level) => ({
  isvsvn: field.integer(field.object(level, "tcb"), "isvsvn", 65535),
  status: field.status(level, "tcbStatus", isvStatuses),
  date: field.date(level, "tcbDate"),
  advisories: field.advisories(level),
})), (left, right) => right.isvsvn - left.isvsvn);

const readModule = (parent) => ({
  signer: field.hex(parent, "mrsigner", 48), attributes: field.hex(parent, "attributes", 8),
});

function readComponents(tcb, name) {
  const components = field.objects(tcb, name, 16).map((one) => field.integer(one, "svn", 255));
  return components.length === 16 ? components : field.fail(name);
}

function readPlatformLevel(level) {
  const tcb = field.object(level, "tcb");
  return {
    sgx: readComponents(tcb, "sgxtcbcomponents"),
    pcesvn: field.integer(tcb, "pcesvn", 65535),
    tdx: readComponents(tcb, "tdxtcbcomponents"),
    status: field.status(level, "tcbStatus", platformStatuses),
    date: field.date(level, "tcbDate"),
    advisories: field.advisories(level),
  };
}

function compareLevels(left, right) {
  const [ours, theirs] = [left, right].map((one) => [...one.sgx, one.pcesvn, ...one.tdx]);
  const at = ours.findIndex((value, place) => value !== theirs[place]);
  return at < 0 ? 0 : theirs[at] - ours[at];
}

function readTcbInfo(text) {
  const root = field.object([parseJson(text)], 0);
  if (field.integer(root, "version") !== 3 || field.text(root, "id") !== "TDX" || field.integer(root, "tcbType") !== 0)
    throw new Refusal("TCB_INFO_MISMATCH", "TCB info is for another TEE or format");
  return {
    from: field.date(root, "issueDate"),
    until: field.date(root, "nextUpdate"),
    fmspc: field.hex(root, "fmspc", 6),
    pceId: field.hex(root, "pceId", 2),
    number: field.integer(root, "tcbEvaluationDataNumber"),
    module: readModule(field.object(root, "tdxModule")),
    identities: ("tdxModuleIdentities" in root ? field.objects(root, "tdxModuleIdentities") : []).map((one) => ({
      id: field.text(one, "id").toUpperCase(), ...readModule(one), levels: readIsvLevels(one),
    })),
    levels: sorted(field.objects(root, "tcbLevels").map(readPlatformLevel), compareLevels),
  };
}

function readQeIdentity(text) {
  const root = field.object([parseJson(text)], 0);
  if (field.integer(root, "version") !== 2 || field.text(root, "id") !== "TD_QE")
    throw new Refusal("QE_IDENTITY_MISMATCH", "QE identity is for another enclave or format");
  return {
    from: field.date(root, "issueDate"),
    until: field.date(root, "nextUpdate"),
    number: field.integer(root, "tcbEvaluationDataNumber"),
    miscselect: field.hex(root, "miscselect", 4),
    miscselectMask: field.hex(root, "miscselectMask", 4),
    attributes: field.hex(root, "attributes", 16),
    attributesMask: field.hex(root, "attributesMask", 16),
    signer: field.hex(root, "mrsigner", 32),
    product: field.integer(root, "isvprodid", 65535),
    levels: readIsvLevels(root),
  };
}

const tcbInfoCodes = { document: "TCB_INFO", signer: "TCB_SIGNER", subject: "TCB info", read: readTcbInfo };
const qeIdentityCodes = { document: "QE_IDENTITY", signer: "QE_SIGNER", subject: "QE identity", read: readQeIdentity };

// The signer is the TCB signer itself: any certificate below the root would let the owner of one PCK key write it.
async function expectSigned(codes, chain, text, signature, root, rootList, now) {
  const certificates = readPem(chain);
  const fail = (code, what) => { throw new Refusal(code, `${codes.subject}: ${what}`); };
  if (certificates.length !== 2) fail(`${codes.signer}_CHAIN`, `${certificates.length} certificates, not 2`);
  if (!sameBytes(certificates[1], root.encoded)) fail(`${codes.signer}_CHAIN`, "root is not the trust anchor");
  const signer = orNull(readCertificate, certificates[0]);
  if (!signer || !await isSignedBy(signer, root)) fail(`${codes.signer}_CHAIN`, "signer is not issued by the root");
  if (signer.name !== "Intel SGX TCB Signing") fail(`${codes.signer}_CHAIN`, "signer is not the TCB signer");
  expectProfile(signer, now, `${codes.signer}_CERT`, null);
  if (rootList.revoked.has(signer.serial)) fail(`${codes.signer}_CERT_REVOKED`, "signer is revoked");
  if (!text.isWellFormed() || !await isSignedP256(signer.point, signature, utf8Of(text)))
    fail(`${codes.document}_SIGNATURE`, "signature does not verify");
  let read;
  try {
    read = codes.read(text);
  } catch (wrong) {
    if (wrong instanceof Refusal) throw wrong;
    fail(codes.document, wrong.message);
  }
  expectWithin(now, read.from, read.until, codes.document, codes.subject);
  return read;
}

// QuoteCollateralV3 of dcap-qvl: PEM chains and signed texts as strings, bytes as hex.
function readCollateral(document) {
  const text = (name) => typeof document?.[name] === "string"
    ? document[name]
    : (() => { throw new Refusal("INPUT", `collateral: ${name}: absent or not of its form`); })();
  const bytes = (name) => Array.isArray(document?.[name])
    ? Uint8Array.from(document[name])
    : orNull(bytesOfHex, text(name)) ?? (() => { throw new Refusal("INPUT", `collateral: ${name}: not hex`); })();
  return {
    rootList: bytes("root_ca_crl"),
    pckList: bytes("pck_crl"),
    tcbChain: text("tcb_info_issuer_chain"),
    tcbInfo: text("tcb_info"),
    tcbSignature: bytes("tcb_info_signature"),
    qeChain: text("qe_identity_issuer_chain"),
    qeIdentity: text("qe_identity"),
    qeSignature: bytes("qe_identity_signature"),
    pckChain: document.pck_certificate_chain ?? null,
  };
}
