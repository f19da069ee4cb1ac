// The least MCP server of standard input and output that the MCP SDK can be: one tool. What brokerctl's first answer is
// measured against.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

const server = new McpServer({ name: 'peer', version: '1.0.0' });
server.registerTool('whoami', { description: 'Nobody' }, async () => ({ content: [{ type: 'text', text: 'nobody' }] }));
await server.connect(new StdioServerTransport());
