"use strict";
// The page around the checks: reads what a person gives, and shows what was found.
(() => {
  const form = document.getElementById("demands");
  const result = document.getElementById("result");
  const names = ["discovery.json", "jwks.json", "evidence.json", "checkpoint.txt"];
  const words = { ok: "ok", failed: "FAIL", not_checked: "not checked" };
  let busy = false;

  const valueOf = (id) => document.getElementById(id).value.trim();

  async function load(path, orNothing = false) {
    const answer = await fetch(path, { cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer" });
    if (answer.ok) return answer.text();
    if (orNothing && answer.status === 404) return "";
    const said = orNull(JSON.parse, await answer.text());
    throw new Error(said?.message ?? `${path} was not answered`);
  }

  async function fetched() {
    const nonce = hexOf(crypto.getRandomValues(new Uint8Array(32)));
    const [discovery, jwks, evidence, checkpoint] = await Promise.all([
      load(".well-known/openid-configuration"), load(".well-known/jwks.json"),
      load(`.well-known/issuer-attestation?nonce=${nonce}`), load("ledger/checkpoint", true),
    ]);
    return { discovery, jwks, evidence, checkpoint, nonce };
  }

  async function given() {
    const files = new Map(await Promise.all(Array.from(document.getElementById("files").files, async (file) =>
      [file.name, textOf(new Uint8Array(await file.arrayBuffer()))])));
    const missing = names.find((name) => !files.has(name));
    if (missing) throw new Error(`choose the files of brokerctl issuer verify --save: ${missing} is missing`);
    const [discovery, jwks, evidence, checkpoint] = names.map((name) => files.get(name));
    return { discovery, jwks, evidence, checkpoint, nonce: files.get("nonce.txt")?.trim() ?? null };
  }

  async function rootCertificate() {
    const [file] = document.getElementById("root").files;
    if (!file) return bytesOfBase64(form.dataset.root);
    const bytes = new Uint8Array(await file.arrayBuffer());
    return bytes[0] === 0x30 ? bytes : readPem(new TextDecoder("latin1").decode(bytes))[0] ?? bytes;
  }

  function receipt() {
    const text = document.getElementById("receipt").value;
    if (text.trim() === "") return null;
    const answer = text.trimStart().startsWith("{") ? orNull(parseJson, text) : null;
    if (!answer) return { text, entry: null };
    const entry = answer.entry === undefined ? null : bytesOfBase64(answer.entry);
    return { text: String(answer.receipt ?? ""), entry };
  }

  function demands() {
    const at = valueOf("at");
    const now = at === "" ? Date.now() / 1000 : Date.parse(at) / 1000;
    const hours = Number(valueOf("oldest"));
    if (Number.isNaN(now)) throw new Error("the time is not of a form such as 2026-06-01T00:00:00Z");
    if (!(hours > 0)) throw new Error("the oldest evidence is a number of hours");
    const expectations = valueOf("expected").split("\n").map((line) => line.trim()).filter((line) => line !== "")
      .map((line) => {
        const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
        if (!name) throw new Error(`"${line}" is not NAME=VALUE`);
        return [name, value];
      });
    return { issuer: valueOf("issuer"), expectations, oldest: now - 3600 * hours, now, receipt: receipt() };
  }

  function line(tag, ...parts) {
    const element = document.createElement(tag);
    element.append(...parts);
    return element;
  }

  function show({ checks, measured }) {
    document.getElementById("checks").replaceChildren(...checks.map((one) => {
      const item = line("li", line("strong", `${one.check}: ${words[one.result]}`),
        line("p", one.code === null ? one.detail : `${one.code}: ${one.detail}`));
      Object.assign(item.dataset, { check: one.check, result: one.result, code: one.code ?? "" });
      if (one.result !== "not_checked") item.firstChild.className = one.result === "ok" ? "good" : "bad";
      return item;
    }));
    const list = document.getElementById("measured");
    list.hidden = !measured;
    list.replaceChildren(...Object.entries(measured ?? {}).map(([name, value]) => {
      const hash = line("dd", value);
      hash.className = "hash";
      return line("div", line("dt", name), hash);
    }));
    if (checks.some((one) => one.result === "failed"))
      tell("bad", "Refused: this is not proven to be the issuer’s machine, keys and ledger.");
    else if (checks.every((one) => one.result === "ok"))
      tell("good", "The measured code holds the issuer’s keys and its ledger’s.");
    else
      tell("", "What was checked holds, but not all was checked.");
  }

  function tell(look, text) {
    result.className = `result ${look}`;
    result.textContent = text;
    result.focus();
  }

  async function run(read) {
    if (busy) return;
    busy = true;
    document.getElementById("checks").replaceChildren();
    document.getElementById("measured").hidden = true;
    try {
      if (!globalThis.crypto?.subtle) throw new Error("this page was not loaded over https");
      const wanted = demands();
      show(await verifyIssuer(await read(), wanted, await rootCertificate()));
    } catch (error) {
      tell("bad", `Not checked: ${error.message}.`);
    } finally {
      busy = false;
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(fetched);
  });
  document.getElementById("check").addEventListener("click", () => run(given));
})();
