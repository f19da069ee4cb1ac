"use strict";
// Takes the token out of the address, shows what it is for, and sends it when the person confirms. Not before.
(() => {
  const found = /^#t=([A-Za-z0-9_-]+)$/.exec(location.hash);
  history.replaceState(null, "", location.pathname + location.search);
  const token = found && found[1];
  const part = (id) => document.getElementById(id);
  const [ask, result, button] = ["ask", "result", "confirm"].map(part);
  const again = "Ask for a new link where you asked for this one.";
  let beganOnPage = false;
  let step = look;
  let busy = false;

  // The page may stand below a path, so addresses are relative to it.
  async function send(what) {
    const answer = await fetch(`../../v1/auth/email/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
    });
    return { status: answer.status, body: await answer.json().catch(() => ({})) };
  }

  function tell(text, kind) {
    result.textContent = text;
    result.className = `result ${kind}`;
    if (kind) result.focus();
  }

  function end(text, kind) {
    ask.hidden = true;
    button.hidden = true;
    tell(text, kind);
  }

  function offer(label, next) {
    step = next;
    button.textContent = label;
    button.hidden = false;
  }

  async function look() {
    const { status, body } = await send("preview");
    if (status === 401) return end(`This link is not valid: it was used already, or has expired. ${again}`, "bad");
    if (status !== 200) return retry(status, look);
    part("mailbox").textContent = body.email;
    part("device").textContent = body.device_label ?? "did not say its name";
    part("code").textContent = body.compare_code;
    beganOnPage = body.began_on_page;
    if (beganOnPage) part("where").textContent = "the page where you began";
    const asked = part("asked");
    asked.dateTime = body.requested_at_iso;
    asked.textContent = new Date(body.requested_at_iso).toLocaleString(undefined, {
      dateStyle: "medium", timeStyle: "long",
    });
    ask.hidden = false;
    tell("", "");
    offer("Confirm sign-in", confirm);
  }

  async function confirm() {
    const { status, body } = await send("verify");
    if (status === 401) return end(`${body.message ?? "The link is not valid."} ${again}`, "bad");
    if (status !== 200) return retry(status, confirm);
    document.title = "Verified";
    part("title").textContent = "Verified";
    end(beganOnPage ? "Verified — go back to the page where you began" : "Verified — return to your terminal", "good");
    part("onward").hidden = !beganOnPage;
    if (result.dataset.redirect) location.replace(result.dataset.redirect);
  }

  function retry(status, next) {
    const why = status === 429 ? "Too many attempts; wait a minute." : "The broker did not answer as it should.";
    tell(`${why} The link is still good.`, "bad");
    offer("Try again", next);
  }

  async function run() {
    if (busy) return;
    busy = true;
    button.setAttribute("aria-disabled", "true");
    try {
      await step();
    } catch {
      retry(0, step);
    } finally {
      busy = false;
      button.removeAttribute("aria-disabled");
    }
  }

  button.addEventListener("click", run);
  if (token) run();
  else end(`This address holds no sign-in link. Open the link from your mail once more, whole. ${again}`, "bad");
})();
