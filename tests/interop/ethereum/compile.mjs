// Compiles contracts/*.sol into artifacts/contracts.json:
// { "<Contract>": { "bytecode": hex, "selectors": { "<signature>": hex } } }
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const solc = createRequire(import.meta.url)("solc");
const folder = new URL("contracts/", import.meta.url);
const sources = Object.fromEntries(
  readdirSync(folder).filter((name) => name.endsWith(".sol"))
    .map((name) => [name, { content: readFileSync(new URL(name, folder), "utf8") }]));
const output = JSON.parse(solc.compile(JSON.stringify({
  language: "Solidity",
  sources,
  settings: {
    evmVersion: "cancun",
    outputSelection: { "*": { "*": ["evm.bytecode.object", "evm.methodIdentifiers"] } },
  },
})));
const errors = (output.errors ?? []).filter((entry) => entry.severity === "error");
if (errors.length > 0) {
  console.error(errors.map((entry) => entry.formattedMessage).join("\n"));
  process.exit(1);
}

const contracts = Object.fromEntries(
  Object.values(output.contracts).flatMap((file) => Object.entries(file))
    .map(([name, { evm }]) => [name, { bytecode: evm.bytecode.object, selectors: evm.methodIdentifiers }]));
const target = new URL("artifacts/", import.meta.url);
mkdirSync(target, { recursive: true });
writeFileSync(new URL("contracts.json.new", target), JSON.stringify(contracts, null, 2));
renameSync(new URL("contracts.json.new", target), new URL("contracts.json", target));
