// An operator in a real browser: reads the page of a KMS without keys, takes the way that is asked for, and finishes.
//   node operator.mjs URL bootstrap DOMAIN [WRONG_DOMAIN]
//   node operator.mjs URL onboard DOMAIN SOURCE_URL
// stdout: what the operator saw, as JSON. Uses CHROMIUM, or /usr/bin/chromium.
import { chromium } from "playwright-core";

const [url, way, domain, extra] = process.argv.slice(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    // A refusal is an answer of ours, and browsers log its status as an error.
    if (message.type() === "error" && !message.text().includes("status of 400")) problems.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(url)) problems.push(`asked ${request.url()}`);
  });
  await page.goto(url);

  const facts = page.getByRole("definition").locator("code");
  await facts.first().waitFor();
  const seen = {
    title: await page.title(),
    heading: await page.getByRole("heading", { level: 1 }).textContent(),
    machine: await facts.allTextContents(),
    terms: await page.locator("#machine dt").allTextContents(),
    finishable: await page.getByRole("button", { name: "Finish and start the KMS" }).isEnabled(),
  };

  await page.getByRole("radio", { name: way === "onboard" ? /Onboard/ : /Bootstrap/ }).check();
  const go = page.getByRole("button", { name: way === "onboard" ? "Fetch the keys" : "Make new keys" });
  if (way === "onboard") await page.getByLabel("Address of the running KMS").fill(extra);
  if (way === "bootstrap" && extra) {
    await page.getByLabel("Domain of this KMS").fill(extra);
    await go.click();
    seen.refusal = await page.getByRole("alert").filter({ hasText: "domain" }).textContent();
  }

  await page.getByLabel("Domain of this KMS").fill(domain);
  await page.keyboard.press("Enter");
  const done = page.locator("#done-text");
  const error = page.locator("#keys-error");
  await done.or(error).filter({ visible: true }).first().waitFor();
  if (await error.isVisible()) throw new Error(await error.textContent());
  seen.done = await done.textContent();
  seen.result = await page.locator("#result code").allTextContents();

  // Keys that are stored are still known after a reload.
  await page.reload();
  await done.waitFor();
  await facts.first().waitFor();
  seen.afterReload = {
    lead: await page.locator("#lead").textContent(),
    done: await done.textContent(),
    result: await page.locator("#result code").allTextContents(),
    asksAgain: await page.locator("#form").isVisible(),
  };

  await page.getByRole("button", { name: "Finish and start the KMS" }).click();
  await page.locator("#finished").waitFor();
  seen.finished = await page.locator("#finished").textContent();
  seen.problems = problems;
  process.stdout.write(JSON.stringify(seen));
} finally {
  await browser.close();
}
