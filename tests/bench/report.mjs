// Turns the runs of scripts/bench.sh into a table and one JSON file.
//
//   node report.mjs RUNS.ndjson GROWTH.json BROKER.json KMS.json WRITER.json OUT.json
//
// A ratio is taken within a round, where the programs ran one after the other, and then the median over the rounds:
// what else the machine does meanwhile touches both sides of it.
import { existsSync, readFileSync, writeFileSync } from "node:fs";

const [runsFile, growthFile, brokerFile, kmsFile, writerFile, outFile] = process.argv.slice(2);
const runs = readFileSync(runsFile, "utf8").trim().split("\n").map(JSON.parse);
const names = {
  floor: "(a) floor: slim Kestrel, one ES256 JWT",
  broker: "(b) Broker, durable record and receipt",
  "broker-no-receipt": "(c) Broker, durable record, receipt=none",
  "broker-actors": "(g) as (b), many actors in turn",
  "oidc-provider": "(d) node oidc-provider, records nothing",
  "oidc-provider-recording": "(e) node oidc-provider, durable record",
};

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const rate = (run) => run.requests / run.seconds;
const select = (target, connections) => runs.filter((run) => run.target === target && run.connections === connections);
const ratio = (of, target, to, connections) => median(select(target, connections).map((run) => {
  const other = select(to, connections).find((one) => one.round === run.round);
  return of(run) / of(other);
}));

const levels = [...new Set(runs.map((run) => run.connections))];
const http = levels.flatMap((connections) => Object.keys(names).map((target) => {
  const own = select(target, connections);
  return {
    connections,
    target,
    per_second: Math.round(median(own.map(rate))),
    p50_ms: median(own.map((run) => run.p50_ms)),
    p99_ms: median(own.map((run) => run.p99_ms)),
    throughput_to_floor: ratio(rate, target, "floor", connections),
    p99_to_floor: ratio((run) => run.p99_ms, target, "floor", connections),
    throughput_to_oidc_provider: ratio(rate, target, "oidc-provider", connections),
    throughput_to_recording_peer: ratio(rate, target, "oidc-provider-recording", connections),
    failed: own.reduce((sum, run) => sum + run.failed, 0),
    runs: own.length,
  };
}));

console.log("conns  program".padEnd(49) + "   req/s   p50 ms   p99 ms   × (a)  p99 × (a)   × (d)   × (e)  failed");
for (const row of http) {
  console.log([
    String(row.connections).padStart(5), " ", names[row.target].padEnd(42), String(row.per_second).padStart(8),
    row.p50_ms.toFixed(2).padStart(8), row.p99_ms.toFixed(2).padStart(8),
    row.throughput_to_floor.toFixed(2).padStart(7), row.p99_to_floor.toFixed(1).padStart(10),
    row.throughput_to_oidc_provider.toFixed(1).padStart(7),
    row.throughput_to_recording_peer.toFixed(1).padStart(7), String(row.failed).padStart(7),
  ].join(" "));
}

const kms = JSON.parse(readFileSync(kmsFile, "utf8"));
console.log([
  String(kms.Clients).padStart(5), " ", "KMS GetAppKey, warm connections".padEnd(42),
  kms.PerSecond.toFixed(0).padStart(8), kms.P50Milliseconds.toFixed(2).padStart(8), kms.P99Milliseconds.toFixed(2).padStart(8),
].join(" "));

const read = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null);
const broker = JSON.parse(readFileSync(brokerFile, "utf8"));
console.log(`\nBroker with the ${broker.entries} entries of this run: start ${broker.start_ms} ms, ` +
  `resident ${broker.resident_mib} MiB after the load, ` +
  `${broker.idle_resident_mib} MiB after a start; ${broker.bytes_per_entry} bytes on disk per entry`);
writeFileSync(outFile, JSON.stringify({ http, kms, writer: read(writerFile), ledger: read(growthFile), broker, runs }, null, 2) + "\n");
console.log(`written to ${outFile}`);
