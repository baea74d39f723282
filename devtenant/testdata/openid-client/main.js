// openid-client against devtenant: authorization code with PKCE, renewal without scope, userinfo, the hybrid flow and an
// app-only token. TestOpenIDClient starts it. It writes one JSON object a line: each address to visit, answered on
// standard input with the address that the browser was sent back to, and at last what it got.

import { createInterface } from 'node:readline/promises';
import * as client from 'openid-client';

const settings = JSON.parse(process.env.SETTINGS);
const input = createInterface({ input: process.stdin });
const lines = input[Symbol.asyncIterator]();

async function visit(address) {
  console.log(JSON.stringify({ visit: address.href }));
  return new URL((await lines.next()).value);
}

const issuer = new URL(`${settings.AUTHORITY}/v2.0`);
const discover = () => client.discovery(issuer, settings.WEBUI_CLIENT_ID, settings.WEBUI_CLIENT_SECRET);
const redirect_uri = settings.WEBUI_REDIRECT_URI;
const scope = 'openid profile email offline_access';

async function signIn(config) {
  const verifier = client.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [client.randomState(), client.randomNonce()];
  const back = await visit(client.buildAuthorizationUrl(config, {
    redirect_uri, scope, state: expectedState, nonce: expectedNonce,
    code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256',
  }));
  return client.authorizationCodeGrant(config, back, { pkceCodeVerifier: verifier, expectedState, expectedNonce, idTokenExpected: true });
}

const config = await discover();
const tokens = await signIn(config);
const claims = tokens.claims();
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
const userInfo = await client.fetchUserInfo(config, renewed.access_token, claims.sub);

const hybridConfig = await discover();
client.useCodeIdTokenResponseType(hybridConfig);
const hybrid = await signIn(hybridConfig);

const appOnly = await client.clientCredentialsGrant(config, { scope: 'https://management.azure.com/.default' });

let refusal = {};
try {
  await client.refreshTokenGrant(config, 'made-up');
} catch (error) {
  refusal = { error: error.error, code: error.code, description: error.error_description };
}

console.log(JSON.stringify({
  user: claims.preferred_username,
  scope: tokens.scope,
  renewed: Boolean(renewed.id_token) && renewed.access_token !== tokens.access_token,
  renewedScope: renewed.scope,
  email: userInfo.email,
  hybrid: hybrid.claims().preferred_username,
  appOnly: appOnly.access_token,
  refusal,
}));
input.close();
