// The Model Context Protocol's TypeScript SDK against the API's tools, for several users at once. TestTypeScriptSDK starts it. It
// writes one JSON object a line: an address that a user has to visit, answered on standard input with the address that the browser
// was sent back to, and at last what each user got.

import { createInterface } from 'node:readline/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const settings = JSON.parse(process.env.SETTINGS);
const waiting = new Map(); // users at the browser
const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const { user, back } = JSON.parse(line);
  waiting.get(user)(new URL(back));
});

// Provider is what an application gives the SDK: who it is, and where it keeps things. Its client id is registered beforehand.
class Provider {
  redirectUrl = settings.redirect;
  clientMetadata = { redirect_uris: [settings.redirect] };
  claims = undefined; // that the next sign-in has to meet
  signIns = 0;

  constructor() {
    // Without this the SDK sends the address of the tools as the parameter resource.
    if (!settings.sendResource) this.validateResourceURL = async () => undefined;
  }
  clientInformation() { return { client_id: settings.client }; }
  state() { return crypto.randomUUID(); }
  saveTokens(tokens) { this.kept = tokens; }
  tokens() { return this.kept; }
  saveCodeVerifier(verifier) { this.verifier = verifier; }
  codeVerifier() { return this.verifier; }
  redirectToAuthorization(address) {
    // The SDK knows nothing of claims: without them the next token would be refused for the same reason.
    if (this.claims) address.searchParams.set('claims', this.claims);
    this.address = address;
  }
  // keepClaims is the fetch of the transport. It keeps what a challenge asks for.
  keepClaims = async (address, init) => {
    const response = await fetch(address, init);
    const claims = /\bclaims="([^"]+)"/.exec(response.headers.get('WWW-Authenticate') ?? '');
    if (claims) this.claims = atob(claims[1]);
    return response;
  };
}

async function signIn(user, provider, transport) {
  provider.signIns++;
  const back = await new Promise((resolve) => {
    waiting.set(user, resolve);
    console.log(JSON.stringify({ user, visit: provider.address.href }));
  });
  if (back.searchParams.get('state') !== provider.address.searchParams.get('state')) throw new Error('another state');
  if (!back.searchParams.has('code')) throw new Error(back.searchParams.get('error_description'));
  await transport.finishAuth(back.searchParams.get('code'));
}

async function run(user) {
  const provider = new Provider();
  const open = () => new StreamableHTTPClientTransport(new URL(settings.tools), { authProvider: provider, fetch: provider.keepClaims });
  const client = new Client({ name: 'test', version: '1' });
  let transport = open();
  // unauthorized does something, and again after a sign-in where the server asks for one.
  const unauthorized = async (attempt, again) => {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof UnauthorizedError)) throw error;
      await signIn(user, provider, transport);
      return again();
    }
  };
  await unauthorized(() => client.connect(transport), () => client.connect(transport = open()));
  const { tools } = await client.listTools();
  const call = (name) => unauthorized(() => client.callTool({ name }), () => client.callTool({ name }));
  const [list, who] = [await call('list_subscriptions'), await call('who_am_i')];
  for (let i = 0; i < settings.repeat; i++) { // while the others do the same
    const again = await call('list_subscriptions');
    if (JSON.stringify(again) !== JSON.stringify(list)) throw new Error('another list');
  }
  await client.close();
  return { tools: tools.map((tool) => tool.name), list: list.structuredContent, who: who.structuredContent, claims: provider.claims, signIns: provider.signIns };
}

await Promise.all(settings.users.map(async (user) => {
  const got = await run(user).catch((error) => ({ refused: error.message }));
  console.log(JSON.stringify({ user, done: true, ...got }));
}));
input.close();
