// A person with a passkey in a real browser: Chromium's virtual authenticator makes one and signs in with it.
// stdin: {"origin", "session"}; stdout: what the broker answered, as JSON. Uses CHROMIUM, or /usr/bin/chromium.
import { text } from "node:stream/consumers";
import { chromium } from "playwright-core";

const { origin, session } = JSON.parse(await text(process.stdin));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});

async function device(page, options = {}) {
  const client = await page.context().newCDPSession(page);
  await client.send("WebAuthn.enable");
  const { authenticatorId } = await client.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true,
      hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true, ...options,
    },
  });
  return { client, authenticatorId };
}

// Both run in the page, as a page of a client would.
const register = (page, session) => page.evaluate(async (session) => {
  const post = async (path, body) => {
    const headers = { "content-type": "application/json", ...(session ? { authorization: `Bearer ${session}` } : {}) };
    const answer = await fetch(path, { method: "POST", headers, body: body && JSON.stringify(body) });
    return { status: answer.status, ...(await answer.json()) };
  };
  const asked = await post("/v1/auth/passkey/register/start");
  if (asked.status !== 200) return asked;
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked.public_key);
  try {
    const { id, response } = (await navigator.credentials.create({ publicKey })).toJSON();
    return await post("/v1/auth/passkey/register/verify", {
      label: "Chromium",
      attestation: {
        credential_id: id, attestation_object: response.attestationObject, client_data_json: response.clientDataJSON,
      },
    });
  } catch (error) {
    return { status: 0, error: error.name };
  }
}, session);

const signIn = (page) => page.evaluate(async () => {
  const post = async (path, body) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(path, { method: "POST", headers, body: body && JSON.stringify(body) });
    return { status: answer.status, ...(await answer.json()) };
  };
  const asked = await post("/v1/auth/passkey/start");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked.public_key);
  try {
    const { id, response } = (await navigator.credentials.get({ publicKey })).toJSON();
    return await post("/v1/auth/passkey/verify", {
      challenge: asked.challenge,
      assertion: {
        credential_id: id, authenticator_data: response.authenticatorData, client_data_json: response.clientDataJSON,
        signature: response.signature, user_handle: response.userHandle,
      },
    });
  } catch (error) {
    return { status: 0, error: error.name };
  }
});

const seen = {};
try {
  const page = await browser.newPage();
  await page.goto(`${origin}/healthz`);
  const { client, authenticatorId } = await device(page);
  seen.registered = await register(page, session);
  seen.signedIn = [await signIn(page), await signIn(page)];
  seen.credentials = (await client.send("WebAuthn.getCredentials", { authenticatorId })).credentials
    .map(({ isResidentCredential, rpId, signCount }) => ({ isResidentCredential, rpId, signCount }));
  // The same device once more, for the same actor: it says itself that it has one.
  seen.again = await register(page, session);
  await client.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  seen.unverified = await signIn(page);

  // Another person's browser, with a device that cannot verify anybody.
  const other = await (await browser.newContext()).newPage();
  await other.goto(`${origin}/healthz`);
  await device(other, { hasUserVerification: false, isUserVerified: false });
  seen.incapable = await register(other, null);
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify(seen));
