// Turns the runs of scripts/bench.sh into tables and one JSON file.
//
//   node report.mjs FOLDER OUT.json
//
// FOLDER holds runs.ndjson and run.json, and what else was measured: process-NAME.json, grown-NAME.json,
// writer-NAME.json and growth-NAME.json (NAME is broker or before), kms.json, lookups.json, index.json. One that is not
// there was not measured.
//
// A ratio is taken within a round, where the programs ran one after the other, and then the median over the rounds:
// what else the machine does meanwhile touches both sides of it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printWanted } from "./wanted.mjs";

const [folder, outFile] = process.argv.slice(2);
const read = (name) => {
  const file = join(folder, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
};
const ofBoth = (kind) => ({ broker: read(`${kind}-broker.json`), before: read(`${kind}-before.json`) });
const runs = readFileSync(join(folder, "runs.ndjson"), "utf8").trim().split("\n").map(JSON.parse);
const run = read("run.json");
const other = run.against.slice(0, 7);

const names = {
  floor: "(a) floor: slim Kestrel, one ES256 JWT",
  broker: "(b) Broker, durable record and receipt",
  before: `(b) at ${other}`,
  "broker-no-receipt": "(c) Broker, durable record, receipt=none",
  "oidc-provider": "(d) node oidc-provider, records nothing",
  "oidc-provider-recording": "(e) node oidc-provider, durable record",
  openiddict: "(f) OpenIddict alone, records nothing",
};
const count = (number) => number.toLocaleString("en");
const nameOf = (target) => {
  const many = /^(broker|before)-actors-(\d+)$/.exec(target);
  if (!many) return names[target];
  const actors = `${count(Number(many[2]))} actors in turn`;
  return many[1] === "broker" ? `(g) as (b), ${actors}` : `(g) at ${other}, ${actors}`;
};

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const rate = (one) => one.requests / one.seconds;
const select = (target, connections) => runs.filter((one) => one.target === target && one.connections === connections);
const ratio = (of, target, to, connections) => median(select(target, connections).map((one) => {
  const peer = select(to, connections).find((another) => another.round === one.round);
  return of(one) / of(peer);
}));

const distinct = (values) => [...new Set(values)];
const targets = distinct(runs.map((one) => one.target));
const http = distinct(runs.map((one) => one.connections)).flatMap((connections) => targets.map((target) => {
  const own = select(target, connections);
  return {
    connections,
    target,
    per_second: Math.round(median(own.map(rate))),
    p50_ms: median(own.map((one) => one.p50_ms)),
    p99_ms: median(own.map((one) => one.p99_ms)),
    throughput_to_floor: ratio(rate, target, "floor", connections),
    p50_to_floor: ratio((one) => one.p50_ms, target, "floor", connections),
    p99_to_floor: ratio((one) => one.p99_ms, target, "floor", connections),
    throughput_to_oidc_provider: ratio(rate, target, "oidc-provider", connections),
    throughput_to_recording_peer: ratio(rate, target, "oidc-provider-recording", connections),
    throughput_to_openiddict: ratio(rate, target, "openiddict", connections),
    failed: own.reduce((sum, one) => sum + one.failed, 0),
    runs: own.length,
  };
}));

console.log("conns  program".padEnd(49) +
  "   req/s   p50 ms   p99 ms   × (a)  p50 × (a)  p99 × (a)   × (d)   × (f)   × (e)  failed");
for (const row of http) {
  console.log([
    String(row.connections).padStart(5), " ", nameOf(row.target).padEnd(42), String(row.per_second).padStart(8),
    row.p50_ms.toFixed(2).padStart(8), row.p99_ms.toFixed(2).padStart(8),
    row.throughput_to_floor.toFixed(2).padStart(7), row.p50_to_floor.toFixed(1).padStart(10),
    row.p99_to_floor.toFixed(1).padStart(10), row.throughput_to_oidc_provider.toFixed(1).padStart(7),
    row.throughput_to_openiddict.toFixed(1).padStart(7),
    row.throughput_to_recording_peer.toFixed(1).padStart(7), String(row.failed).padStart(7),
  ].join(" "));
}

const kms = read("kms.json");
console.log([
  String(kms.Clients).padStart(5), " ", "KMS GetAppKey, warm connections".padEnd(42),
  kms.PerSecond.toFixed(0).padStart(8), kms.P50Milliseconds.toFixed(2).padStart(8),
  kms.P99Milliseconds.toFixed(2).padStart(8),
].join(" "));
console.log("× (a), (d), (f): against programs that record nothing.\n" +
  "× (e): against the peer that, as Broker does, has a row on the disk before a token leaves.");

const label = { broker: "Broker", before: `Broker at ${other}` };
const processes = ofBoth("process");
for (const [name, one] of Object.entries(processes)) {
  if (!one) continue;
  const { first, last, run: load } = one.allocations;
  one.allocated_per_mint = Math.round((last.allocated - first.allocated) / load.requests);
  const [gen0, gen1, gen2] = ["gen0", "gen1", "gen2"].map((generation) => last[generation] - first[generation]);
  console.log(`
${label[name]} with the ${count(one.entries)} entries of this run:
  start ${one.start_ms} ms; resident ${one.resident_mib} MiB after the load, ${one.idle_resident_mib} MiB after a start
  ${one.bytes_per_entry} bytes on disk an entry
  ${count(one.allocated_per_mint)} bytes allocated a mint
  collections of generation 0, 1 and 2 in ${count(load.requests)} mints: ${gen0}, ${gen1}, ${gen2}`);
}
const grown = ofBoth("grown");
for (const [name, one] of Object.entries(grown)) {
  if (!one) continue;
  console.log(`
${label[name]} with the ${count(one.entries)} entries that ledger-writer made:
  start ${one.start_ms} ms; resident ${one.idle_resident_mib} MiB; ${one.bytes_per_entry} bytes on disk an entry`);
}

const measured = {
  run, http, processes, grown, writer: ofBoth("writer"), growth: ofBoth("growth"),
  lookups: read("lookups.json"), index: read("index.json"),
};
const wanted = printWanted(measured);
writeFileSync(outFile, JSON.stringify({ ...measured, wanted, kms, runs }, null, 2) + "\n");
console.log(`\nwritten to ${outFile}`);
