// A person in a real browser, on the broker's own pages. Somebody else confirms the mail meanwhile.
// stdin: {"origin", "folder"}; stdout: what the person saw, as JSON. Screenshots go to the folder.
// Uses CHROMIUM, or /usr/bin/chromium.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { chromium } from "playwright-core";

const { origin, folder } = JSON.parse(await text(process.stdin));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const problems = [];
const findings = [];
const looks = ["light", "dark"].flatMap((colorScheme) => [360, 1280].map((width) => ({ colorScheme, width })));

async function begin() {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Berlin" });
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) problems.push(`asked ${request.url()}`);
    if (request.headers().referer) problems.push(`sent a referrer to ${request.url()}`);
  });
  return page;
}

// Every page in light and dark, narrow and wide.
async function look(page, name) {
  if ((await page.content()).includes("eyJ")) findings.push(`${name}: holds what looks like a token`);
  for (const { colorScheme, width } of looks) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 740 });
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}-${width}.png`, fullPage: true });
    await page.evaluate(axe);
    const { violations, passes } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
    if (passes.length < 10) findings.push(`${name}: only ${passes.length} rules had anything to check`);
    findings.push(...violations.map((one) =>
      `${name}-${colorScheme}-${width}: ${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wide > 0) findings.push(`${name}-${width}: ${wide} px wider than the window`);
    if (name === "home") seen.papers.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
  }
}

const heading = (page) => page.getByRole("heading", { level: 1 }).innerText();
const summary = async (page) => {
  await page.locator("#summary").filter({ hasText: /./ }).waitFor();
  return page.locator("#summary").innerText();
};

const seen = { papers: [] };
try {
  const page = await begin();
  await page.goto(`${origin}/`);
  await look(page, "home");
  await page.getByRole("link", { name: "Sign in" }).click();
  await look(page, "sign-in-page");

  // By mail, with the keyboard alone; the page goes on by itself.
  await page.getByLabel("Your mailbox").fill("alice@example.org");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/(sign-in\/wait|account)$/);
  await page.waitForURL(`${origin}/account`);
  seen.summary = await summary(page);
  seen.check = await page.locator(".check").first().innerText();
  seen.readable = await page.evaluate(() => document.cookie + Object.keys(localStorage) + Object.keys(sessionStorage));
  await look(page, "account");

  // What gets into the page without the nonce does not run.
  const other = await page.context().newPage();
  await other.goto(`${origin}/account`);
  seen.injected = await other.evaluate(async () => {
    const attempts = [
      () => document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = 1" })),
      () => { document.body.innerHTML = "<img src=x onerror='window.ran = 1'>"; },
      () => document.body.setAttribute("onclick", "window.ran = 1"),
    ];
    for (const attempt of attempts) try { attempt(); } catch { /* that is what is asked for */ }
    document.body.click();
    await new Promise((later) => setTimeout(later, 300));
    return window.ran ?? null;
  });
  await other.close();

  // An entry that somebody changed on its way is told.
  const changed = await page.context().newPage();
  await changed.route(`${origin}/account`, async (route) => {
    const answer = await route.fetch();
    const spoil = (entry) => entry.replace("session_token", "session_tokem");
    const body = (await answer.text()).replace(/data-canonical="([^"]*)"/, spoil);
    await route.fulfill({ response: answer, body });
  });
  await changed.goto(`${origin}/account`);
  seen.spoilt = await summary(changed);
  await changed.close();

  // Another site sends the form that signs out.
  const elsewhere = await page.context().newPage();
  await elsewhere.goto(`${origin.replace("localhost", "127.0.0.1")}/healthz`);
  const [answer] = await Promise.all([
    elsewhere.waitForResponse((one) => one.url() === `${origin}/account/sign-out`),
    elsewhere.evaluate((action) => {
      const form = Object.assign(document.createElement("form"), { method: "post", action });
      document.body.append(form);
      form.submit();
    }, `${origin}/account/sign-out`),
  ]);
  seen.forged = answer.status();
  await elsewhere.close();
  await page.reload();
  seen.afterForgery = await heading(page);

  await page.getByRole("button", { name: "Sign out" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`${origin}/`);
  seen.left = page.url();
  await page.goto(`${origin}/account`);
  seen.afterLeaving = page.url();

  // With a passkey that Chromium's virtual authenticator makes, for an actor of its own.
  const keyed = await begin();
  const client = await keyed.context().newCDPSession(keyed);
  await client.send("WebAuthn.enable");
  await client.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true,
      hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
  await keyed.goto(`${origin}/sign-in`);
  await keyed.evaluate(async () => {
    const post = async (path, body) => (await fetch(path, {
      method: "POST", headers: { "content-type": "application/json" }, body: body && JSON.stringify(body),
    })).json();
    const asked = await post("v1/auth/passkey/register/start");
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked.public_key);
    const { id, response } = (await navigator.credentials.create({ publicKey })).toJSON();
    await post("v1/auth/passkey/register/verify", {
      label: "Chromium",
      attestation: {
        credential_id: id, attestation_object: response.attestationObject, client_data_json: response.clientDataJSON,
      },
    });
  });
  await keyed.getByRole("button", { name: "Use a passkey" }).click();
  await keyed.waitForURL(`${origin}/account`);
  await summary(keyed);
  seen.byPasskey = await heading(keyed);
  await look(keyed, "account-passkey");
  process.stdout.write(JSON.stringify({ ...seen, problems, findings }));
} finally {
  await browser.close();
}
