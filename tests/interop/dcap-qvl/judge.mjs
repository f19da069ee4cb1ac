// Judges quotes with @phala/dcap-qvl, for comparison with Broker's verifier. One JSON object per line in, one out:
//   {"op":"judge","quote":HEX,"collateral":{…},"root_ca":HEX,"now":UNIX}  → {"ok":true,"status","advisory_ids"} or {"ok":false,"error"}
//   {"op":"measure","count":N, …the same}                                  → {"nanoseconds":[…]}, one per verification
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const { QuoteVerifier } = createRequire(import.meta.url)('@phala/dcap-qvl');

function prepare({ quote, collateral, root_ca: rootCa, now }) {
  const verifier = QuoteVerifier.newWithRootCa(Buffer.from(rootCa, 'hex'));
  const bytes = new Uint8Array(Buffer.from(quote, 'hex'));
  return () => verifier.verify(bytes, collateral, now);
}

function judge(request) {
  try {
    const { status, advisory_ids: advisoryIds } = prepare(request)();
    return { ok: true, status, advisory_ids: advisoryIds };
  } catch (fault) {
    return { ok: false, error: String(fault?.message ?? fault) };
  }
}

function measure(request) {
  const verify = prepare(request);
  const nanoseconds = [];
  for (let i = 0; i < request.count; i++) {
    const start = process.hrtime.bigint();
    verify();
    nanoseconds.push(Number(process.hrtime.bigint() - start));
  }
  return { nanoseconds };
}

const answers = { judge, measure };
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  console.log(JSON.stringify(answers[request.op](request)));
}
