// What every person in a real browser does: opens pages, looks at them, and notes what is wrong with them.
// Uses CHROMIUM, or /usr/bin/chromium.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const looks = ["light", "dark"].flatMap((colorScheme) => [360, 1280].map((width) => ({ colorScheme, width })));

// Screenshots go to the folder. Elsewhere is where the pages may lead besides the broker itself.
export async function launch({ origin, folder, elsewhere = [] }) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  const problems = [];
  const findings = [];
  const papers = {};
  const known = [origin, ...elsewhere];

  // A page in a browser of its own, or in that of a context. Refusals that are expected: browsers log their status as an error.
  async function begin({ refusals = [], context } = {}) {
    context ??= await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Berlin" });
    const page = await context.newPage();
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (message) => {
      if (message.type() === "error" && !refusals.some((one) => message.text().includes(`status of ${one}`)))
        problems.push(message.text());
    });
    page.on("request", (request) => {
      if (!known.includes(new URL(request.url()).origin)) problems.push(`asked ${request.url()}`);
      if (request.headers().referer) problems.push(`sent a referrer to ${request.url()}`);
    });
    return page;
  }

  // Every page in light and dark, narrow and wide.
  async function look(page, name) {
    if ((await page.content()).includes("eyJ")) findings.push(`${name}: holds what looks like a token`);
    papers[name] = [];
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
      papers[name].push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor));
    }
  }

  return { browser, problems, findings, papers, begin, look };
}

export const heading = (page) => page.getByRole("heading", { level: 1 }).innerText();
export const headings = (page) => page.getByRole("heading", { level: 3 }).allInnerTexts();

// What an element says once it says anything.
export async function told(page, selector) {
  await page.locator(selector).filter({ hasText: /./ }).waitFor();
  return page.locator(selector).innerText();
}

// Chromium's own device for passkeys.
export async function addAuthenticator(page) {
  const client = await page.context().newCDPSession(page);
  await client.send("WebAuthn.enable");
  await client.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true,
      hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
    },
  });
}
