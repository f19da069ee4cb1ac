"use strict";
// Checks the receipt of the page in this browser: inclusion (RFC 9162 §2.1.3.2), the checkpoint that everybody is
// shown, and the signature of the ledger's key (C2SP signed-note, Ed25519).
(() => {
  const bytes = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const base64 = (array) => btoa(String.fromCharCode(...array));
  const load = async (path) => {
    const answer = await fetch(path, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) throw new Error(`${path} was not answered`);
    return answer.text();
  };

  async function sha256(...parts) {
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
    return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  }

  const leafOf = (entry) => sha256(Uint8Array.of(0), entry);
  const nodeOf = (left, right) => sha256(Uint8Array.of(1), left, right);

  function read(receipt) {
    const split = receipt.indexOf("\n\n");
    const [head, at, ...path] = receipt.slice(0, split).split("\n");
    const note = receipt.slice(split + 2);
    if (head !== "c2sp.org/tlog-proof@v1" || !/^index [0-9]+$/.test(at)) throw new Error("the receipt is malformed");
    return { index: BigInt(at.slice(6)), path: path.map(bytes), ...readNote(note) };
  }

  function readNote(note) {
    const end = note.indexOf("\n\n") + 1;
    const [origin, size, root] = note.slice(0, end).split("\n");
    return { text: note.slice(0, end), signatures: note.slice(end + 1), origin, size: BigInt(size), root };
  }

  async function rootOf(entry, { index, size, path }) {
    if (index >= size) throw new Error("the entry lies outside the tree");
    let [first, last, hash] = [index, size - 1n, await leafOf(entry)];
    for (const sibling of path) {
      if (last === 0n) throw new Error("the proof is too long");
      if (first & 1n || first === last) {
        hash = await nodeOf(sibling, hash);
        while (!(first & 1n) && first !== 0n) [first, last] = [first >> 1n, last >> 1n];
      } else {
        hash = await nodeOf(hash, sibling);
      }
      [first, last] = [first >> 1n, last >> 1n];
    }
    if (last !== 0n) throw new Error("the proof is too short");
    return base64(hash);
  }

  // True when signed; null where this browser cannot check Ed25519.
  async function isSigned({ text, signatures, origin }, vkey) {
    const [name, id, material] = vkey.trim().split(/\+(.*?)\+(.*)/s);
    const line = signatures.split("\n").find((one) => {
      if (!one.startsWith(`\u2014 ${name} `)) return false;
      const start = bytes(one.slice(name.length + 3)).slice(0, 4);
      return Array.from(start, (byte) => byte.toString(16).padStart(2, "0")).join("") === id;
    });
    if (name !== origin || !line) throw new Error("the checkpoint is not signed by the ledger's key");
    let key;
    try {
      key = await crypto.subtle.importKey("raw", bytes(material).slice(1), { name: "Ed25519" }, false, ["verify"]);
    } catch {
      return null;
    }
    const signature = bytes(line.slice(name.length + 3)).slice(4);
    const holds = await crypto.subtle.verify("Ed25519", key, signature, new TextEncoder().encode(text));
    if (!holds) throw new Error("the signature of the checkpoint is wrong");
    return true;
  }

  async function check({ record, canonical }) {
    const receipt = read(document.getElementById("receipt").textContent);
    const [note, vkey] = await Promise.all([load("../../ledger/checkpoint"), load("../../ledger/vkey")]);
    const shown = readNote(note);
    if (JSON.parse(canonical).record_id !== record) throw new Error("the hashed entry is another one");
    if (await rootOf(new TextEncoder().encode(canonical), receipt) !== receipt.root)
      throw new Error("the proof does not lead to the root");
    if (receipt.origin !== shown.origin || (receipt.size === shown.size && receipt.root !== shown.root))
      throw new Error("everybody else is shown another checkpoint");
    const signed = await isSigned(receipt, vkey);
    const where = `entry ${receipt.index} is in the tree of size ${receipt.size} with the root ${receipt.root}`;
    const same = receipt.size === shown.size ? "; everybody is shown the same checkpoint" : "";
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
