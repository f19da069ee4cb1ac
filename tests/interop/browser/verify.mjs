// The page that checks an issuer, in a real browser. stdin: {"origin", "folder", "root", "expect", "receipt", "cases":
// what is given to the page, one after the other}; stdout: the checks that it showed for each, as JSON. Screenshots go
// to the folder.
import { text } from "node:stream/consumers";
import { launch, told } from "./person.mjs";

const { origin, folder, root, expect, receipt, cases } = JSON.parse(await text(process.stdin));
const { browser, problems, findings, begin, look } = await launch({ origin, folder });

const shown = (page) => page.locator("#checks li").evaluateAll((items) =>
  items.map(({ dataset: { check, result, code } }) => ({ check, result, code })));

try {
  // From the broker itself, under a nonce of the browser's own.
  const page = await begin();
  await page.goto(`${origin}/verify`);
  await look(page, "verify");
  await page.getByLabel("Expected values").fill(expect);
  await page.getByLabel("Receipt").fill(receipt);
  await page.getByLabel("Another root certificate").setInputFiles(root);
  await page.getByRole("button", { name: "Fetch from this broker" }).click();
  const fetched = await told(page, "#result");
  const genuine = await shown(page);
  await look(page, "verify-genuine");

  // From files, as they were kept and as they were spoilt.
  const verdicts = [];
  for (const one of cases) {
    await page.goto(`${origin}/verify`);
    await page.getByLabel("Issuer", { exact: true }).fill(one.issuer);
    await page.getByLabel("Expected values").fill(one.expected);
    await page.getByLabel("Receipt").fill(one.receipt);
    await page.getByLabel("Judge as of").fill(one.at);
    await page.getByLabel("Files of").setInputFiles(one.files);
    if (one.root) await page.getByLabel("Another root certificate").setInputFiles(one.root);
    await page.getByRole("button", { name: "Check the files" }).click();
    await told(page, "#result");
    verdicts.push(await shown(page));
  }
  await look(page, "verify-refused");
  process.stdout.write(JSON.stringify({ fetched, genuine, verdicts, problems, findings }));
} finally {
  await browser.close();
}
