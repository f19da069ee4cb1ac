// The peers of scripts/bench.sh: node oidc-provider as its documentation sets it up for client credentials, handing out
// ES256 JWT access tokens for one resource, with its in-memory storage.
//
//   node provider.mjs PORT [LEDGER]
//
// With LEDGER it keeps Broker's promise the simple way: a row is on the disk (SQLite, write-ahead log, synchronous=FULL)
// before the token is signed. That needs Node 22.5 or newer.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import Provider from "oidc-provider";

const port = Number(process.argv[2]);
const record = process.argv[3] ? await openLedger(process.argv[3]) : () => {};
const audience = "urn:bench";
const scope = "mint";
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

async function openLedger(path) {
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE tokens (id INTEGER PRIMARY KEY, record_id TEXT NOT NULL, client TEXT NOT NULL, minted_at INTEGER NOT NULL)`);
  const insert = database.prepare("INSERT INTO tokens (record_id, client, minted_at) VALUES (?, ?, ?)");
  return (client) => insert.run(randomUUID(), client, Math.floor(Date.now() / 1000));
}

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: "bench",
    client_secret: "bench-secret",
    grant_types: ["client_credentials"],
    redirect_uris: [],
    response_types: [],
    id_token_signed_response_alg: "ES256",
  }],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "ES256", use: "sig" }] },
  // A scope of the resource must be known to the provider as well.
  scopes: [scope],
  ttl: { ClientCredentials: 300 },
  // Called for each token before it is signed; the commit returns after the row is on the disk.
  extraTokenClaims: (_, token) => {
    record(token.clientId);
  },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      getResourceServerInfo: () => ({
        audience,
        scope,
        accessTokenFormat: "jwt",
        accessTokenTTL: 300,
        jwt: { sign: { alg: "ES256" } },
      }),
    },
  },
});
provider.listen(port, "127.0.0.1", () => console.log(`listening on ${port}`));
