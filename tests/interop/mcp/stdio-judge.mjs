// The MCP SDK's own client drives a server of standard input and output: it lists the tools and calls them. Arguments: the
// program with its own, as JSON; the service that prints its environment; the one that is slow. The answer holds each
// message of the server as it came.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

const [program, leak, slow] = process.argv.slice(2);
const [command, ...args] = JSON.parse(program);
const transport = new StdioClientTransport({ command, args, env: process.env, stderr: 'inherit' });
const client = new Client({ name: 'judge', version: '1.0.0' });
const heard = [];
const connected = client.connect(transport);
const deliver = transport.onmessage;
transport.onmessage = message => { heard.push(JSON.stringify(message)); deliver(message); };
await connected;

const { tools } = await client.listTools();
const whoami = await client.callTool({ name: 'agentkeys.whoami', arguments: {} });
const explained = await client.callTool({ name: 'agentkeys.explain', arguments: { role: 'vault' } });

const progress = [];
const leaked = await client.callTool(
  { name: 'agentkeys.provision', arguments: { service: leak } }, undefined, { onprogress: told => progress.push(told.message) });

// Cancelled once it runs; the client is told by its own library, and the server goes on answering.
const stop = new AbortController();
const cancelled = await client.callTool(
  { name: 'agentkeys.provision', arguments: { service: slow } }, undefined,
  { signal: stop.signal, onprogress: told => { if (told.message.includes('runs for')) stop.abort('enough'); } })
  .then(() => 'answered', fault => String(fault.message ?? fault));
const unknown = await client.callTool({ name: 'no.such.tool', arguments: {} }).then(() => 0, fault => fault.code);
const after = await client.callTool({ name: 'agentkeys.whoami', arguments: {} });

console.log(JSON.stringify({
  version: client.getServerVersion(), capabilities: client.getServerCapabilities(),
  tools: tools.map(tool => tool.name), whoami, explained, leaked, progress, cancelled, unknown, after, heard,
}));
await client.close();
