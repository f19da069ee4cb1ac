// People in real browsers, on the account page: a wallet of the browser, passkeys, links, other browsers, a provider.
// stdin: {"origin", "folder", "key": the wallet's, "provider": its origin, "claim": what is linked}; stdout: what they
// saw, as JSON. Screenshots go to the folder.
import { text } from "node:stream/consumers";
import { Wallet } from "ethers";
import { addAuthenticator, heading, headings, launch, told } from "./person.mjs";

const { origin, folder, key, provider, claim } = JSON.parse(await text(process.stdin));
const { browser, problems, findings, begin, look } = await launch({ origin, folder, elsewhere: [provider] });
const signer = new Wallet(key);

// What a wallet's extension puts into pages. It asks its person, who may decline.
async function addWallet(page) {
  const person = { declines: false };
  await page.exposeFunction("walletAnswers", async (method, params) => {
    if (person.declines) return { declined: true };
    switch (method) {
      case "eth_requestAccounts": return [signer.address];
      case "eth_chainId": return "0x1";
      case "personal_sign": return signer.signMessage(Buffer.from(params[0].slice(2), "hex"));
      default: throw new Error(`${method} was not expected`);
    }
  });
  await page.addInitScript(() => {
    window.ethereum = {
      request: async ({ method, params }) => {
        const answer = await window.walletAnswers(method, params);
        if (answer.declined) throw Object.assign(new Error("User rejected the request."), { code: 4001 });
        return answer;
      },
    };
  });
  return person;
}

async function signInByWallet(page) {
  await page.goto(`${origin}/sign-in`);
  await page.getByRole("button", { name: "Sign with a wallet" }).click();
  await page.waitForURL(`${origin}/account`);
}

const press = async (page, name) => {
  await page.getByRole("button", { name }).click();
  await page.waitForLoadState();
};

const seen = {};
try {
  // A wallet: declined first, then signed.
  const page = await begin({ refusals: [401] });
  const person = await addWallet(page);
  person.declines = true;
  await page.goto(`${origin}/sign-in`);
  await page.getByRole("button", { name: "Sign with a wallet" }).click();
  seen.declined = await told(page, "#result");
  person.declines = false;
  await signInByWallet(page);
  seen.byWallet = await page.getByRole("definition").allInnerTexts();
  await look(page, "account-linked");

  // The claim is unlinked; the proven link stays.
  await press(page, `Unlink ${claim}`);
  await page.getByRole("heading", { name: claim }).waitFor({ state: "detached" });
  seen.linked = await headings(page);

  // Another browser of the same person.
  const second = await begin();
  await addWallet(second);
  await signInByWallet(second);
  await page.reload();
  seen.browsers = (await headings(page)).slice(0, 2);
  await look(page, "account-two-browsers");
  await press(page, /^End Chrome or Chromium/);
  await second.goto(`${origin}/account`);
  seen.ended = second.url();
  await signInByWallet(second);
  await page.reload();
  await press(page, "Sign out everywhere else");
  await second.goto(`${origin}/account`);
  seen.endedWithAll = second.url();

  // A passkey of this device: added with the keyboard, used, and removed.
  await addAuthenticator(page);
  await page.getByLabel("What you call a new passkey").fill("My <laptop>");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "My <laptop>" }).waitFor();
  await look(page, "account-with-passkey");
  await page.getByLabel("What you call a new passkey").fill("Twice");
  await page.keyboard.press("Enter");
  seen.twice = await told(page, "#passkey-result");
  await look(page, "account-passkey-refused");
  await press(page, "Sign out");
  await page.goto(`${origin}/sign-in`);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.waitForURL(`${origin}/account`);
  seen.byPasskey = await page.getByRole("definition").allInnerTexts();
  await press(page, "Remove My <laptop>");
  await page.getByRole("heading", { name: "My <laptop>" }).waitFor({ state: "detached" });
  await press(page, "Sign out");
  await page.goto(`${origin}/sign-in`);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  seen.removed = await told(page, "#result");

  // An OpenID provider: in a window of its own, and the page goes on by itself.
  const carol = await begin();
  await carol.goto(`${origin}/sign-in`);
  await carol.getByRole("button", { name: /^Continue with/ }).click();
  await carol.waitForURL(`${origin}/sign-in/wait`);
  await look(carol, "sign-in-waiting-provider");
  const [window] = await Promise.all([
    carol.context().waitForEvent("page"),
    carol.getByRole("link", { name: /^Open/ }).click(),
  ]);
  await window.locator("input[name=login]").fill("carol");
  await window.locator("input[name=password]").fill("anything");
  await window.locator("button[type=submit]").click();
  await window.locator("button[type=submit]").click();
  await window.waitForURL(/\/auth\/oauth2\/callback\?/);
  seen.callback = await heading(window);
  await look(window, "openid-done-for-page");
  await carol.waitForURL(`${origin}/account`);
  seen.byProvider = await carol.getByRole("definition").allInnerTexts();
  await window.getByRole("link", { name: "Go on in this browser" }).click();
  await window.waitForURL(`${origin}/account`);
  process.stdout.write(JSON.stringify({ ...seen, problems, findings }));
} finally {
  await browser.close();
}
