// The script of the page that checks an issuer, without the page. stdin: {"source": the broker's folder, "question"}; a
// question has quotes with their verdicts, an envelope, a statement, or a JSON text. stdout: the answer as JSON.
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";

const { source, question } = JSON.parse(await text(process.stdin));
const scripts = [
  "Pages/bytes.js", "Pages/ledger.js",
  ...["certificates", "collateral", "quote", "envelope", "issuer"].map((name) => `IssuerEvidence/Verifier/${name}.js`),
].map((name) => readFileSync(`${source}/${name}`, "utf8"));
const names = "{ Refusal, hash, hexOf, parseJson, readEnvelope, statementOf, utf8Of, verifyEnvelope, verifyQuote }";
const page = new Function(`${scripts.join("\n")}\nreturn ${names};`)();
const bytes = (path) => new Uint8Array(readFileSync(path));

function collateralOf(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}

async function verdictOf(verify) {
  try {
    return { code: "", ...await verify() };
  } catch (wrong) {
    if (!(wrong instanceof page.Refusal)) throw wrong;
    return { code: wrong.code };
  }
}

// SGX quotes are not for the page.
async function judge(quotes) {
  const differences = [];
  let judged = 0;
  for (const one of quotes) {
    const [quote, collateral, root] = [bytes(one.quote), collateralOf(one.collateral), bytes(one.root)];
    const others = JSON.parse(readFileSync(one.expected, "utf8")).other_times ?? [];
    for (const { now, strict } of [one, ...others]) {
      const verdict = await verdictOf(() => page.verifyQuote(quote, collateral, root, now));
      if (verdict.code === "NOT_A_TD") continue;
      const agrees = strict.ok
        ? verdict.status === strict.status && `${verdict.advisories}` === `${[...strict.advisories].sort()}`
        : verdict.code === (strict.error ?? strict.code);
      judged++;
      const found = verdict.code || verdict.status;
      if (!agrees) differences.push(`${one.id} at ${now}: ${JSON.stringify(strict)} but ${found}`);
    }
  }
  return { differences, judged };
}

async function answer() {
  if (question.quotes) return judge(question.quotes);
  if (question.envelope) {
    const { envelope, collateral, root, now } = question;
    return verdictOf(() =>
      page.verifyEnvelope(page.readEnvelope(bytes(envelope)), collateralOf(collateral), bytes(root), now));
  }
  if (question.statement) {
    const statement = { ...question.statement, nonce: Uint8Array.from(question.statement.nonce) };
    const reportData = await page.hash("SHA-512", page.utf8Of("oidc-issuer:"), page.statementOf(statement));
    return { reportData: page.hexOf(reportData) };
  }
  try {
    page.parseJson(question.json);
    return { isRead: true };
  } catch {
    return { isRead: false };
  }
}

const replacer = (_, value) => typeof value === "bigint" ? `${value}` : value;
process.stdout.write(JSON.stringify(await answer(), replacer));
