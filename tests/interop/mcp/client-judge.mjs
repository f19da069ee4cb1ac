// The MCP SDK's own OAuth client: it knows a protected MCP server and nothing else, finds the broker from there, has the
// person consent, and calls a tool.
//
// Reads from stdin {resource, clientId, redirectUri, cookie}. Prints what the tool said, and how the token is bound.
import { readFileSync } from 'node:fs';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';

const { resource, clientId, redirectUri, cookie } = JSON.parse(readFileSync(0, 'utf8'));
const kept = {};
const provider = {
  redirectUrl: redirectUri,
  clientMetadata: { client_name: 'judge', redirect_uris: [redirectUri], grant_types: ['authorization_code', 'refresh_token'] },
  clientInformation: () => ({ client_id: clientId }),
  state: () => 'a-state',
  tokens: () => kept.tokens,
  saveTokens: tokens => { kept.tokens = tokens; },
  saveCodeVerifier: verifier => { kept.verifier = verifier; },
  codeVerifier: () => kept.verifier,
  redirectToAuthorization: url => { kept.asked = url; },
};

const connect = async () => {
  const client = new Client({ name: 'judge', version: '1.0.0' });
  const transport = new StreamableHTTPClientTransport(new URL(resource), { authProvider: provider });
  try {
    await client.connect(transport);
    return { client, transport };
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    return { transport };
  }
};

// The person's browser, without one.
const browser = (url, options = {}) => fetch(url, { ...options, redirect: 'manual', headers: { ...options.headers, cookie } });
const consentTo = async asked => {
  const sent = await browser(asked);
  const consent = new URL(sent.headers.get('location'), asked);
  const page = await (await browser(consent)).text();
  const decided = await browser(new URL('consent', consent), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      form_token: /name="form_token" value="([^"]+)"/.exec(page)[1],
      request: consent.searchParams.get('request'),
      decision: 'approve',
    }),
  });
  return new URL(decided.headers.get('location'));
};

const first = await connect();
const back = await consentTo(kept.asked);
await first.transport.finishAuth(back.searchParams.get('code'));
const { client } = await connect();
const said = await client.callTool({ name: 'whoami', arguments: {} });
const tools = await client.listTools();

// The next one is fetched with the refresh token alone.
const before = kept.tokens.access_token;
kept.tokens = { ...kept.tokens, access_token: 'no longer good' };
const again = await (await connect()).client.callTool({ name: 'whoami', arguments: {} });

console.log(JSON.stringify({
  said: said.content[0].text,
  again: again.content[0].text,
  tools: tools.tools.map(tool => tool.name),
  asked: Object.fromEntries(kept.asked.searchParams),
  token: before,
  refreshed: kept.tokens.access_token !== before,
}));
process.exit(0);
