// A person in a real browser, on the broker's own pages. Somebody else confirms the mail meanwhile.
// stdin: {"origin", "folder"}; stdout: what the person saw, as JSON. Screenshots go to the folder.
import { text } from "node:stream/consumers";
import { addAuthenticator, heading, launch, told } from "./person.mjs";

const { origin, folder } = JSON.parse(await text(process.stdin));
const { browser, problems, findings, papers, begin, look } = await launch({ origin, folder });

const seen = {};
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
  seen.readable = await page.evaluate(() => document.cookie + Object.keys(localStorage) + Object.keys(sessionStorage));
  await look(page, "account");

  // The receipt of its session, checked by the page of that entry.
  await page.getByRole("link", { name: /with its receipt/ }).click();
  seen.check = await told(page, "#check");
  const entry = page.url();
  await look(page, "entry");
  await page.getByRole("link", { name: "Your account" }).click();
  await page.waitForURL(`${origin}/account`);

  // What goes wrong is told on a page.
  const lost = await begin({ refusals: [404], context: page.context() });
  await lost.goto(`${entry.slice(0, -1)}${entry.endsWith("0") ? 1 : 0}`);
  seen.lost = await heading(lost);
  await look(lost, "problem");
  await lost.close();

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
  await changed.route(entry, async (route) => {
    const answer = await route.fetch();
    const spoil = (canonical) => canonical.replace("session_token", "session_tokem");
    const body = (await answer.text()).replace(/data-canonical="([^"]*)"/, spoil);
    await route.fulfill({ response: answer, body });
  });
  await changed.goto(entry);
  seen.spoilt = await told(changed, "#check");
  await look(changed, "entry-changed");
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
  await addAuthenticator(keyed);
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
  seen.byPasskey = await heading(keyed);
  await look(keyed, "account-passkey");
  process.stdout.write(JSON.stringify({ ...seen, papers: papers.home, problems, findings }));
} finally {
  await browser.close();
}
