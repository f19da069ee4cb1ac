"use strict";

const element = (id) => document.getElementById(id);

/** Calls one RPC of the onboard service; throws an Error whose message is the service's own words. */
async function call(method, request) {
  let response;
  try {
    response = await fetch(`/prpc/Onboard.${method}?json`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(request),
    });
  } catch {
    throw new Error("The KMS does not answer. Is it still running, and is this page's address right?");
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function show(id, text) {
  element(id).textContent = text;
  element(id).hidden = false;
}

const hide = (...ids) => ids.forEach((id) => { element(id).hidden = true; });

/** Adds a name with its value and a button that copies the value. */
function addFact(list, name, value) {
  if (!value) return;
  const term = document.createElement("dt");
  const fact = document.createElement("dd");
  const text = document.createElement("code");
  const copy = document.createElement("button");
  term.textContent = name;
  text.textContent = value;
  copy.type = "button";
  copy.className = "quiet";
  copy.textContent = "Copy";
  copy.setAttribute("aria-label", `Copy ${name}`);
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(value);
      copy.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text);
      copy.textContent = "Selected";
    }
  });
  fact.append(text, copy);
  list.append(term, fact);
}

/** A policy without a chain names no contract, or the zero address. */
const contractOf = (address) => (/^(0x)?0*$/i.test(address ?? "") ? "" : address);

async function askMachine() {
  hide("machine-error", "machine-retry", "machine");
  element("machine-wait").hidden = false;
  try {
    const facts = await call("GetAttestationInfo", {});
    const list = element("machine");
    list.replaceChildren();
    addFact(list, "MR aggregated (kms.mrAggregated)", facts.mr_aggregated);
    addFact(list, "Device id (kms.devices)", facts.device_id);
    addFact(list, "OS image hash (osImages)", facts.os_image_hash);
    addFact(list, "Kind of machine", facts.tee_variant);
    addFact(list, "Ethereum RPC", facts.eth_rpc_url);
    addFact(list, "KMS contract", contractOf(facts.kms_contract_address));
    list.hidden = false;
    if (facts.site_name) {
      show("site", facts.site_name);
      document.title = `KMS setup: ${facts.site_name}`;
    }
  } catch (fault) {
    show("machine-error", fault.message);
    element("machine-retry").hidden = false;
  } finally {
    element("machine-wait").hidden = true;
  }
}

const way = () => document.querySelector("input[name=way]:checked").value;

function chooseWay() {
  const onboard = way() === "onboard";
  element("source-row").hidden = !onboard;
  element("go").textContent = onboard ? "Fetch the keys" : "Make new keys";
  hide("keys-error");
}

function keysAreThere(text, facts) {
  hide("form", "choice", "keys-error");
  element("lead").textContent = "The keys of this KMS are stored. It starts once you finish.";
  element("done").hidden = false;
  element("done-text").textContent = text;
  for (const [name, value] of facts) addFact(element("result"), name, value);
  element("finish").disabled = false;
  element("finish").focus();
}

const publicKeys = (made) => [
  ["Key provider id (--key-provider-id)", made.ca_pubkey],
  ["KMS signing key (k256_pubkey)", made.k256_pubkey],
];

/** After a reload, or when somebody else was faster: keys that are stored are not asked for again. */
async function askState() {
  try {
    const response = await fetch("/state");
    const state = await response.json();
    if (state.keys_stored) keysAreThere("The keys are stored already. Finish below.", publicKeys(state));
  } catch {
    // The next thing that the operator does says what is wrong.
  }
}

async function makeKeys(event) {
  event.preventDefault();
  hide("keys-error");
  const domain = element("domain").value.trim();
  const source = element("source").value.trim();
  const onboard = way() === "onboard";
  if (!domain) return show("keys-error", "Type the domain of this KMS first.");
  if (onboard && !source) return show("keys-error", "Type the address of the running KMS first.");

  element("go").disabled = true;
  show("keys-wait", onboard ? "Fetching the keys; this can take a minute…" : "Making the keys…");
  try {
    if (onboard) {
      await call("Onboard", { source_url: source, domain });
      keysAreThere("The keys of the running KMS are stored. Finish below.", []);
    } else {
      const made = await call("Bootstrap", { domain });
      keysAreThere("The keys are stored. Keep the key provider id: deployments name it.", publicKeys(made));
    }
  } catch (fault) {
    show("keys-error", fault.message);
    await askState();
  } finally {
    element("go").disabled = false;
    hide("keys-wait");
  }
}

async function finish() {
  hide("finish-error");
  element("finish").disabled = true;
  try {
    const response = await fetch("/finish");
    if (!response.ok) {
      show("finish-error", await response.text());
      element("finish").disabled = false;
      return;
    }
    show("finished", "Done. The KMS is starting on this port; this page will not answer again.");
  } catch {
    show("finish-error", "The KMS did not answer. It may be starting already: try GetMeta on the same port.");
    element("finish").disabled = false;
  }
}

document.querySelectorAll("input[name=way]").forEach((input) => input.addEventListener("change", chooseWay));
element("form").addEventListener("submit", makeKeys);
element("finish").addEventListener("click", finish);
element("machine-retry").addEventListener("click", askMachine);
askState();
askMachine();
