// A small MCP server that is protected by the broker, with the SDK's own parts: it tells who its authorization server is
// (RFC 9728), takes tokens that are for itself alone, and asks the broker about each (RFC 7662). Its one tool says whose the
// token is. First line: where it listens. Argument: the issuer.
import express from 'express';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js';
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js';

const issuer = process.argv[2];
const app = express();
app.use(express.json());
const listener = app.listen(0, '127.0.0.1', () => {
  const resource = `http://127.0.0.1:${listener.address().port}/mcp`;
  const metadata = `http://127.0.0.1:${listener.address().port}/.well-known/oauth-protected-resource/mcp`;

  app.get('/.well-known/oauth-protected-resource/mcp', (_, answer) =>
    answer.json({ resource, authorization_servers: [issuer], scopes_supported: ['openid', 'offline_access'] }));

  const verifier = {
    async verifyAccessToken(token) {
      const told = await fetch(`${issuer}/oauth/introspect`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ token }),
      });
      const said = told.ok ? await told.json() : { active: false };
      if (!said.active || said.aud !== resource) throw new InvalidTokenError('not a token for this server');
      return { token, clientId: said.client_id, scopes: (said.scope ?? '').split(' '), expiresAt: said.exp, extra: { sub: said.sub } };
    },
  };

  app.post('/mcp', requireBearerAuth({ verifier, resourceMetadataUrl: metadata }), async (request, answer) => {
    const server = new McpServer({ name: 'protected', version: '1.0.0' });
    server.registerTool('whoami', { description: 'Whose the token is' }, async extra =>
      ({ content: [{ type: 'text', text: extra.authInfo.extra.sub }] }));
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    await server.connect(transport);
    await transport.handleRequest(request, answer, request.body);
  });
  console.log(JSON.stringify({ resource }));
});
process.stdin.on('end', () => process.exit(0)).resume();
