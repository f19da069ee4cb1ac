// A person in a real browser, with the links of mails: looks, confirms, and tries once more.
// stdin: {"links": four, "raced", "paged", "scriptless", "redirected", "folder"}; stdout: what the person saw, as JSON.
// Screenshots go to the folder. Uses CHROMIUM, or /usr/bin/chromium.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { chromium } from "playwright-core";

const { links, raced, paged, scriptless, redirected, folder } = JSON.parse(await text(process.stdin));
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const origin = new URL(raced).origin;
const problems = [];
const findings = [];

async function open(link, options = {}) {
  const context = await browser.newContext({ locale: "en-GB", timezoneId: "Europe/Berlin", ...options });
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    // A refusal is an answer of ours, and browsers log its status as an error.
    if (message.type() === "error" && !message.text().includes("status of 401")) problems.push(message.text());
  });
  page.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) problems.push(`asked ${request.url()}`);
    if (request.headers().referer) problems.push(`sent a referrer to ${request.url()}`);
  });
  await page.goto(link);
  return page;
}

async function look(page, name) {
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
  await page.evaluate(axe);
  const { violations, passes } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"] }));
  if (passes.length < 10) findings.push(`${name}: only ${passes.length} rules had anything to check`);
  findings.push(...violations.map((one) => `${name}: ${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`));
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (wide > 0) findings.push(`${name}: ${wide} px wider than the window`);
}

const result = (page) => page.getByRole("status");
const settled = (page) => result(page).filter({ hasText: /./ }).waitFor();
const button = (page) => page.getByRole("button", { name: "Confirm sign-in" });

const seen = { asked: [], done: [], again: [] };
try {
  // What fetches links ahead of people, and a browser without scripts: nothing is used up.
  const fetched = await (await browser.newContext()).request.get(links[0]);
  seen.prefetched = fetched.status();
  const plain = await open(scriptless, { javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
  seen.scriptless = await plain.locator("noscript").innerText();
  await plain.screenshot({ path: `${folder}/sign-in-without-script.png`, fullPage: true });

  const looks = ["light", "dark"].flatMap((colorScheme) => [360, 1280].map((width) => ({ colorScheme, width })));
  for (const [i, { colorScheme, width }] of looks.entries()) {
    const options = { colorScheme, viewport: { width, height: 740 } };
    const page = await open(links[i], options);
    await button(page).waitFor();
    seen.asked.push({
      address: page.url(),
      heading: await page.getByRole("heading", { level: 1 }).innerText(),
      facts: await page.getByRole("definition").allInnerTexts(),
      paper: await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
    });
    await look(page, `sign-in-asks-${colorScheme}-${width}`);
    if (i % 2 === 0) {
      await button(page).click();
    } else {
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
    }
    await settled(page);
    seen.done.push({
      text: await result(page).innerText(),
      focus: await page.evaluate(() => document.activeElement.id),
      buttons: await page.getByRole("button").count(),
    });
    await look(page, `sign-in-done-${colorScheme}-${width}`);

    const second = await open(links[i], options);
    await settled(second);
    seen.again.push({ text: await result(second).innerText(), buttons: await second.getByRole("button").count() });
    await look(second, `sign-in-used-${colorScheme}-${width}`);
  }

  // One who began on the broker's own page.
  const own = await open(paged, { viewport: { width: 360, height: 740 } });
  await button(own).waitFor();
  seen.paged = { note: await own.locator(".note:visible").innerText() };
  await button(own).click();
  await settled(own);
  seen.paged.text = await result(own).innerText();
  seen.paged.onward = await own.getByRole("link", { name: "Go on in this browser" }).evaluate((link) => link.href);
  await look(own, "sign-in-done-for-page-light-360");

  const empty = await open(`${origin}/auth/email/landing`);
  await settled(empty);
  seen.empty = await result(empty).innerText();

  // Whatever gets into the page without the nonce does not run, and nothing leaves for elsewhere.
  const other = await (await browser.newContext()).newPage();
  await other.goto(`${origin}/auth/email/landing`);
  seen.injected = await other.evaluate(async () => {
    const blocked = [];
    document.addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
    const attempts = [
      () => document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = 1" })),
      () => { document.body.innerHTML = "<img src=x onerror='window.ran = 1'>"; },
      () => document.body.setAttribute("onclick", "window.ran = 1"),
      () => { window.setTimeout("window.ran = 1", 0); },
      () => document.head.append(Object.assign(document.createElement("link"),
        { rel: "stylesheet", href: "https://elsewhere.example/a.css" })),
      () => document.body.append(Object.assign(new Image(), { src: "https://elsewhere.example/a.png" })),
      () => document.body.append(Object.assign(document.createElement("iframe"), { src: "https://elsewhere.example/" })),
    ];
    for (const attempt of attempts) try { attempt(); } catch { blocked.push("thrown"); }
    await fetch("https://elsewhere.example/").catch(() => blocked.push("fetch"));
    document.body.click();
    await new Promise((later) => setTimeout(later, 300));
    return { ran: window.ran ?? null, blocked: [...new Set(blocked)].sort() };
  });

  // A page to go to afterwards: the one address elsewhere, and only once it is confirmed.
  const leaving = await (await browser.newContext()).newPage();
  await leaving.goto(redirected);
  await button(leaving).click();
  await leaving.waitForURL((url) => url.pathname === "/healthz");
  seen.redirected = { address: leaving.url(), referrer: await leaving.evaluate(() => document.referrer) };

  // Two browsers at once.
  const both = await Promise.all([open(raced), open(raced)]);
  await Promise.all(both.map((page) => button(page).waitFor()));
  await Promise.all(both.map((page) => button(page).click()));
  await Promise.all(both.map(settled));
  seen.raced = await Promise.all(both.map((page) => result(page).innerText()));
  process.stdout.write(JSON.stringify({ ...seen, problems, findings }));
} finally {
  await browser.close();
}
