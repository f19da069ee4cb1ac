"use strict";
// Checks the receipt of the page in this browser: inclusion, the checkpoint that everybody is shown, and the signature
// of the ledger's key. Needs bytes.js and ledger.js.
(() => {
  const load = async (path) => {
    const answer = await fetch(path, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) throw new Error(`${path} was not answered`);
    return answer.text();
  };

  // True when signed; null where this browser cannot check it.
  async function expectSignature(checkpoint, vkey) {
    const key = await readVkey(vkey);
    const isNamed = key?.name === checkpoint.origin
      && checkpoint.signatures.some((one) => one.name === key.name && one.id === key.id);
    if (!isNamed) throw new Error("the checkpoint is not signed by the ledger's key");
    const signed = await isSigned(checkpoint, key);
    if (signed === false) throw new Error("the signature of the checkpoint is wrong");
    return signed;
  }

  async function check({ record, canonical }) {
    const receipt = readReceipt(document.getElementById("receipt").textContent);
    if (!receipt) throw new Error("the receipt is malformed");
    const { index, checkpoint } = receipt;
    const [note, vkey] = await Promise.all([load("../../ledger/checkpoint"), load("../../ledger/vkey")]);
    const shown = readCheckpoint(note);
    if (JSON.parse(canonical).record_id !== record) throw new Error("the hashed entry is another one");
    if (await rootOf(utf8Of(canonical), receipt) !== checkpoint.root)
      throw new Error("the proof does not lead to the root");
    if (checkpoint.origin !== shown?.origin || (checkpoint.size === shown.size && checkpoint.root !== shown.root))
      throw new Error("everybody else is shown another checkpoint");
    const signed = await expectSignature(checkpoint, vkey);
    const where = `entry ${index} is in the tree of size ${checkpoint.size} with the root ${checkpoint.root}`;
    const same = checkpoint.size === shown.size ? "; everybody is shown the same checkpoint" : "";
    return `Checked: ${where}${same}; ${signed ? "its signature holds" : "this browser cannot check its signature"}.`;
  }

  async function run() {
    const line = document.getElementById("check");
    try {
      if (!globalThis.crypto?.subtle) throw new Error("this page was not loaded over https");
      line.textContent = await check(line.dataset);
      line.classList.add("good");
    } catch (error) {
      line.textContent = `Not as it should be: ${error.message}.`;
      line.classList.add("bad");
    }
  }

  run();
})();
