// What Broker wants to reach on two cores that the load generator shares, beside what a run of scripts/bench.sh
// measured.

const atMost = (limit) => ({ text: `≤ ${limit.toLocaleString("en")}`, isMet: (value) => value <= limit });
const atLeast = (limit) => ({ text: `≥ ${limit.toLocaleString("en")}`, isMet: (value) => value >= limit });

const http = (target, connections, member) => (measured, name) => measured.http.find((row) =>
  row.target === target.replace("broker", name) && row.connections === connections)?.[member];
// The writer is measured from a power of ten on, and the ledger has grown a little when the next group's turn comes.
const writer = (entries, group, member) => (measured, name) => measured.writer[name]?.find((row) =>
  row.Entries >= entries && row.Entries < 5 * entries && row.Group === group)?.[member];
const ofToday = (read) => (measured, name) => (name === "broker" ? read(measured) : undefined);

// What, how much, and where it stands among what was measured of "broker" or "before"; undefined where it was not.
const rows = [
  ["share of the floor, 32 connections, one actor", atLeast(0.60), http("broker", 32, "throughput_to_floor")],
  ["share of the floor, 32 connections, 1,000 actors", atLeast(0.56),
    http("broker-actors-1000", 32, "throughput_to_floor")],
  ["share of the floor, 128 connections, 1,000 actors", atLeast(0.64),
    http("broker-actors-1000", 128, "throughput_to_floor")],
  ["p99 over the floor's, 32 connections, 1,000 actors", atMost(2), http("broker-actors-1000", 32, "p99_to_floor")],
  ["index: seconds to catch up 10⁶ entries", atMost(15),
    ofToday(({ index }) => index && index.catch_up_seconds * 1e6 / index.catch_up_entries)],
  ["p50 alone, one connection, ms", atMost(0.45), http("broker", 1, "p50_ms")],
  ["times the peer that records (e), 32 connections", atLeast(15), http("broker", 32, "throughput_to_recording_peer")],
  ["the writer alone, groups of 64, 10⁶ entries, a second", atLeast(100_000), writer(1e6, 64, "PerSecond")],
  ["the writer's µs an entry, groups of 12, 10⁶, 1,000 actors", atMost(14), writer(1e6, 12, "WriterMicroseconds")],
  ["an append at 10⁷ over one at 10³, 100,000 actors", atMost(1.05), (measured, name) =>
    measured.growth[name]?.find((row) => row.Entries === 1e7)?.TimesThatOfSmall],
  ["found by record id at 10⁷ while minting, p99 ms", atMost(5),
    ofToday(({ lookups }) => lookups?.while_minting && lookups.entries >= 1e7 ? lookups.record_id.p99_ms : undefined)],
  ["bytes on disk an entry, log and index, of this run's mints", atMost(650), (measured, name) =>
    measured.processes[name]?.bytes_per_entry],
];

function print(value) {
  if (value === undefined) return "–";
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2);
}

/** Prints the table; returns its rows. */
export function printWanted(measured) {
  const table = rows.map(([what, wanted, find]) => {
    const [now, before] = ["broker", "before"].map((name) => find(measured, name) ?? undefined);
    return { what, wanted: wanted.text, now, before, met: now === undefined ? null : wanted.isMet(now) };
  });
  const { commit, against } = measured.run;
  console.log(`\nthe targets: ${commit.slice(0, 7)}${commit.endsWith("+") ? " with changes" : ""}` +
    `${against ? `, and ${against.slice(0, 7)} in the same run` : ""}`);
  console.log("".padEnd(58) + "     wanted   measured" + (against.slice(0, 7) || "before").padStart(11));
  for (const row of table) {
    console.log(row.what.padEnd(58) + row.wanted.padStart(11) + print(row.now).padStart(11) +
      print(row.before).padStart(11) + `   ${row.met === null ? "not measured" : row.met ? "met" : "missed"}`);
  }

  // At 10⁷ entries with 1,000 actors only: an older commit's ledger-growth knows no --actors.
  const growth = measured.growth.before?.find((row) => row.Entries === 1e7);
  if (growth && !growth.Actors) console.log(`${against.slice(0, 7)} appended for 1,000 actors, not 100,000.`);
  if (measured.index) {
    console.log(`index: at most ${measured.index.most_behind.toLocaleString("en")} entries behind, ` +
      `${measured.index.connections} connections, ${measured.index.actors.toLocaleString("en")} actors`);
  }
  return table;
}
