// A person in a real browser who signs in at an OpenID provider and comes back to the broker.
// stdin: {"address", "other", "folder"}; stdout: what the person saw, as JSON. Screenshots go to the folder. Uses
// CHROMIUM, or /usr/bin/chromium.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { chromium } from "playwright-core";

const { address, other, folder } = JSON.parse(await text(process.stdin));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const findings = [];

async function look(page, name) {
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  if (passes.length < 5) findings.push(`${name}: only ${passes.length} rules had anything to check`);
  findings.push(...violations.map((one) => `${name}: ${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) findings.push(`${name}: ${wide} px wider than the window`);
}

const told = async (page) => ({
  heading: await page.getByRole("heading", { level: 1 }).innerText(),
  facts: await page.getByRole("definition").allInnerTexts(),
});

const seen = {};
try {
  const page = await (await browser.newContext({ colorScheme: "light", viewport: { width: 360, height: 740 } })).newPage();
  await page.goto(address);
  // The provider's own pages: any name, any word, then consent.
  await page.locator("input[name=login]").fill("carol");
  await page.locator("input[name=password]").fill("anything");
  await page.locator("button[type=submit]").click();
  await page.locator("button[type=submit]").click();
  await page.waitForURL(/\/auth\/oauth2\/callback\?/);
  seen.done = await told(page);
  await look(page, "openid-done-light-360");
  await page.reload();
  seen.again = await told(page);
  await look(page, "openid-used-light-360");

  const dark = await (await browser.newContext({ colorScheme: "dark", viewport: { width: 1280, height: 740 } })).newPage();
  await dark.goto(other);
  await dark.getByRole("link", { name: /cancel/i }).click();
  await dark.waitForURL(/\/auth\/oauth2\/callback\?/);
  seen.cancelled = await told(dark);
  await look(dark, "openid-cancelled-dark-1280");
} finally {
  await browser.close();
}
process.stdout.write(JSON.stringify({ ...seen, findings }));
