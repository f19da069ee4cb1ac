"use strict";
// dstack's attestation envelope, in its forms V0 (SCALE) and V1 (MessagePack), and the events behind RTMR3.

const runtimeType = 0x08000001;

function malformed(what) { throw new Refusal("EVIDENCE_MALFORMED", `attestation: ${what}`); }

function readEnvelope(bytes) {
  if (bytes[0] === 0) return readScale(bytes);
  if ((bytes[0] & 0xf0) === 0x80 || bytes[0] === 0xde || bytes[0] === 0xdf) return readMessagePack(bytes);
  return malformed("unknown wire format");
}

class Scale {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  take(length) {
    if (length > this.bytes.length - this.at) malformed("ends early");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  byte() { return this.take(1)[0]; }

  uint32() { return littleEndian(this.take(4)); }

  // A compact number in its shortest form.
  length() {
    const mode = this.bytes[this.at] & 3;
    if (mode === 3) malformed("a length of 2^30 or more");
    const size = [1, 2, 4][mode];
    const value = Math.floor(littleEndian(this.take(size)) / 4);
    if (value < [0, 64, 16384][mode]) malformed("a longer length than needed");
    return value;
  }

  blob() { return this.take(this.length()); }

  text() { return orNull(textOf, this.blob()) ?? malformed("a string that is not UTF-8"); }

  list(item) {
    const count = this.length();
    if (count > this.bytes.length - this.at) malformed("more items than bytes");
    return Array.from({ length: count }, item);
  }
}

function readScale(bytes) {
  const scale = new Scale(bytes);
  scale.byte();
  const platform = scale.byte();
  if (platform !== 0) throw new Refusal("PLATFORM_UNSUPPORTED", "this page verifies evidence of TDX machines");
  const quote = scale.blob();
  const log = scale.list(() => ({
    imr: scale.uint32(), type: scale.uint32(), digest: scale.blob(), name: scale.text(), payload: scale.blob(),
    version: 1, preimage: null,
  }));
  const events = scale.list(() => ({ name: scale.text(), payload: scale.blob(), version: 1 }));
  const reportData = scale.take(64);
  scale.text();
  if (scale.at !== bytes.length) malformed("trailing bytes");
  return { quote, log, events, reportData, payload: null };
}

class Pack {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  take(length) {
    if (length > this.bytes.length - this.at) malformed("ends early");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  number(size) { return Number(this.take(size).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)); }

  count(count, smallest = 1) {
    if (count * smallest > this.bytes.length - this.at) malformed("a longer length than there are bytes");
    return count;
  }

  value(level = 0) {
    if (level > 16) malformed("more than 16 levels");
    const code = this.number(1);
    const sized = (from) => this.number(1 << (code - from));
    if (code <= 0x7f) return code;
    if (code <= 0x8f) return this.map(code & 15, level);
    if (code <= 0x9f) return this.list(code & 15, level);
    if (code <= 0xbf) return this.text(code & 31);
    if (code === 0xc0) return null;
    if (code === 0xc2 || code === 0xc3) return code === 0xc3;
    if (code >= 0xc4 && code <= 0xc6) return this.take(this.count(sized(0xc4)));
    if (code === 0xca || code === 0xcb) return this.take(code === 0xca ? 4 : 8) && NaN;
    if (code >= 0xcc && code <= 0xcf) return sized(0xcc);
    if (code >= 0xd0 && code <= 0xd3) return this.take(1 << (code - 0xd0)) && NaN;
    if (code >= 0xd9 && code <= 0xdb) return this.text(sized(0xd9));
    if (code === 0xdc || code === 0xdd) return this.list(this.number(code === 0xdc ? 2 : 4), level);
    if (code === 0xde || code === 0xdf) return this.map(this.number(code === 0xde ? 2 : 4), level);
    return code >= 0xe0 ? NaN : malformed(`0x${hexOf([code])} where a value of a known kind belongs`);
  }

  text(length) { return orNull(textOf, this.take(this.count(length))) ?? malformed("a string that is not UTF-8"); }

  list(count, level) { return Array.from({ length: this.count(count) }, () => this.value(level + 1)); }

  map(count, level) {
    const members = new Map();
    for (let left = this.count(count, 2); left > 0; left--) {
      const name = this.value(level + 1);
      if (typeof name !== "string" || members.has(name)) malformed("a name twice, or none");
      members.set(name, this.value(level + 1));
    }
    return members;
  }
}

// What a map has under a name, of a kind.
function member(map, name, kind) {
  const value = map instanceof Map ? map.get(name) : undefined;
  switch (kind) {
    case "bytes":
      if (value instanceof Uint8Array) return value;
      return Array.isArray(value) && value.every((one) => Number.isInteger(one) && one >= 0 && one < 256)
        ? Uint8Array.from(value) : malformed(name);
    case "list": return Array.isArray(value) ? value : malformed(name);
    case "map": return value instanceof Map ? value : malformed(name);
    case "number": return Number.isSafeInteger(value) && value >= 0 ? value : malformed(name);
    default: return typeof value === "string" ? value : malformed(name);
  }
}

const versionOf = (event) => !event.has("version") ? 1
  : [1, 2].includes(event.get("version")) ? event.get("version") : malformed("event digest version");

function readMessagePack(bytes) {
  const pack = new Pack(bytes);
  const top = pack.value();
  if (pack.at !== bytes.length) malformed("trailing bytes");
  if (member(top, "version", "number") !== 1) malformed("unsupported version");
  const [platform, stack] = ["platform", "stack"].map((name) => member(top, name, "map"));
  if (member(platform, "kind") !== "tdx")
    throw new Refusal("PLATFORM_UNSUPPORTED", "this page verifies evidence of TDX machines");
  const [data, said] = [platform, stack].map((tagged) => member(tagged, "data", "map"));
  const kind = member(stack, "kind");
  if (kind !== "dstack" && kind !== "dstack-pod") malformed("unknown stack kind");
  const reportData = member(said, "report_data", "bytes");
  if (reportData.length !== 64) malformed("stack.report_data must be 64 bytes");
  member(said, "config");
  return {
    quote: member(data, "quote", "bytes"),
    log: member(data, "event_log", "list").map((event) => ({
      imr: member(event, "imr", "number"), type: member(event, "event_type", "number"),
      digest: member(event, "digest", "bytes"), name: member(event, "event"),
      payload: member(event, "event_payload", "bytes"), version: versionOf(event),
      preimage: event.get("preimage") ?? null,
    })),
    events: member(said, "runtime_events", "list").map((event) => ({
      name: member(event, "event"), payload: member(event, "payload", "bytes"), version: versionOf(event),
    })),
    reportData,
    payload: kind === "dstack-pod" ? member(said, "report_data_payload") : null,
  };
}

// Keys sorted, and only the escapes of RFC 8785 §3.2.2.2, which are JSON.stringify's.
const canonicalOf = (event) =>
  `{"name":${JSON.stringify(event.name)},"payload":"${hexOf(event.payload)}","type":${runtimeType}}`;

const digestOf = (event) => hash("SHA-384", event.version === 2
  ? utf8Of(canonicalOf(event))
  : joined(Uint8Array.of(1, 0, 0, 8), utf8Of(`:${event.name}:`), event.payload));

// A register from zero, extended by each digest in turn.
async function replay(events) {
  let register = new Uint8Array(48);
  for (const event of events) register = await hash("SHA-384", register, await digestOf(event));
  return register;
}

// The events before the application speaks: each that exists once by nature comes once, and no V1 name has a colon,
// which would leave its digest to two readings.
function systemEvents(events) {
  const unique = ["system-preparing", "app-id", "compose-hash", "instance-id", "boot-mr-done", "os-image-hash",
    "key-provider", "system-ready"];
  const refuse = (what) => { throw new Refusal("EVENT_LOG", what); };
  if (events.some((event) => event.version === 1 && event.name.includes(":"))) refuse("an event name with a colon");
  const end = events.findIndex((event) => event.name === "system-ready");
  const system = end < 0 ? events : events.slice(0, end + 1);
  const twice = unique.find((name) => system.filter((event) => event.name === name).length > 1);
  if (twice) refuse(`runtime event ${twice} appears more than once`);
  return end < 0 ? system : system.slice(0, -1);
}

async function expectEvents(envelope, report) {
  const refuse = (code, what) => { throw new Refusal(code, what); };
  if (!sameBytes(await replay(envelope.events), report.rtmr[3]))
    refuse("RTMR3_MISMATCH", "the events do not replay to RTMR3");
  if (!sameBytes(report.reportData, envelope.reportData)) refuse("REPORT_DATA_MISMATCH", "tdx report_data mismatch");
  const logged = envelope.log.filter((event) => event.type === runtimeType);
  for (const event of logged.filter((one) => one.version === 2)) {
    const canonical = hexOf(utf8Of(canonicalOf(event)));
    const isOwn = event.digest.length === 0 || sameBytes(event.digest, await digestOf(event));
    if (!isOwn || (event.preimage !== null && String(event.preimage).toLowerCase() !== canonical))
      refuse("EVENT_PREIMAGE", "digest or preimage is not that of name and payload");
  }
  if (logged.some((event) => event.imr !== 3)) refuse("EVENT_LOG", "a runtime event outside RTMR3");
  const same = (left, right) => left.name === right.name && left.version === right.version
    && sameBytes(left.payload, right.payload);
  const { events } = envelope;
  const agrees = logged.length === events.length && logged.every((event, at) => same(event, events[at]));
  if (logged.length > 0 && !agrees) refuse("EVENT_LOG", "event log and runtime events disagree");
  return systemEvents(envelope.events);
}

// What was measured, by the names of brokerctl.
async function measure(envelope, verified, system) {
  const { report, platform } = verified;
  const payload = (name) => system.find((event) => event.name === name)?.payload ?? new Uint8Array();
  const provider = payload("key-provider");
  const below = [report.mrTd, ...report.rtmr.slice(0, 3)];
  const hostSet = [report.configId, report.owner, report.ownerConfig];
  const systemOf = async (key) => hexOf(await hash(
    "SHA-256", ...below, key.length === 0 ? new Uint8Array(32) : await hash("SHA-256", key)));
  const aggregatedOf = async (rtmr3) => hexOf(await hash(
    "SHA-256", ...below, rtmr3, ...(hostSet.every(isZero) ? [] : hostSet)));
  const booted = envelope.events.findIndex((event) => event.name === "boot-mr-done");
  const bootEvents = booted < 0 ? envelope.events : envelope.events.slice(0, booted + 1);
  return {
    mr_aggregated: await aggregatedOf(report.rtmr[3]),
    mr_system: await systemOf(provider),
    mr_aggregated_boot_time: await aggregatedOf(await replay(bootEvents)),
    mr_system_boot_time: await systemOf(new Uint8Array()),
    compose_hash: hexOf(payload("compose-hash")),
    app_id: hexOf(payload("app-id")),
    instance_id: hexOf(payload("instance-id")),
    device_id: hexOf(await hash("SHA-256", platform.ppid)),
    key_provider: new TextDecoder().decode(provider),
    mr_td: hexOf(report.mrTd),
    ...Object.fromEntries(report.rtmr.map((register, at) => [`rtmr${at}`, hexOf(register)])),
    td_attributes: hexOf(report.attributes),
    fmspc: hexOf(platform.fmspc),
    tcb_status: verified.status,
  };
}

// Evidence that holds, with what it measured; throws the first refusal.
async function verifyEnvelope(envelope, collateral, root, now) {
  if (envelope.payload !== null
    && !sameBytes(envelope.reportData, await hash("SHA-512", utf8Of(`app-data:${envelope.payload}`))))
    throw new Refusal("REPORT_DATA_PAYLOAD", "report_data does not match report_data_payload");
  expectOwnChain(envelope.quote, root);
  const verified = await verifyQuote(envelope.quote, collateral, root, now);
  const system = await expectEvents(envelope, verified.report);
  return { ...verified, measured: await measure(envelope, verified, system) };
}
