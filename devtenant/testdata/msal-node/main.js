// MSAL for Node against devtenant: sign-in, silent, on-behalf-of by secret and by certificate, and an app-only token.
// TestMSALNode starts it. It writes one JSON object a line: first the address to visit, then, once the authorization
// code has come in on standard input, what it got.

import { createInterface } from 'node:readline/promises';
import { ConfidentialClientApplication, CryptoProvider } from '@azure/msal-node';

const settings = JSON.parse(process.env.SETTINGS);

function application(clientId, credential) {
  const authority = settings.AUTHORITY;
  return new ConfidentialClientApplication({
    auth: { clientId, authority, knownAuthorities: [new URL(authority).host], clientCapabilities: ['CP1'], ...credential },
  });
}

function say(value) {
  console.log(JSON.stringify(value));
}

const webUI = application(settings.WEBUI_CLIENT_ID, { clientSecret: settings.WEBUI_CLIENT_SECRET });
const redirectUri = settings.WEBUI_REDIRECT_URI;
const apiDefault = settings.WEBUI_API_SCOPE.replace(/\/[^/]+$/, '/.default');

const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
say({ visit: await webUI.getAuthCodeUrl({ scopes: [apiDefault], redirectUri, codeChallenge: challenge, codeChallengeMethod: 'S256', state: 's' }) });

const input = createInterface({ input: process.stdin });
const code = await input.question('');
input.close();

const signedIn = await webUI.acquireTokenByCode({ scopes: [apiDefault], redirectUri, code, codeVerifier: verifier });
const silent = await webUI.acquireTokenSilent({ scopes: [settings.WEBUI_API_SCOPE], account: signedIn.account });
const renewed = await webUI.acquireTokenSilent({ scopes: [settings.WEBUI_API_SCOPE], account: signedIn.account, forceRefresh: true });

const scopes = ['https://management.azure.com/user_impersonation'];
const bySecret = application(settings.API_CLIENT_ID, { clientSecret: settings.API_CLIENT_SECRET });
const exchanged = await bySecret.acquireTokenOnBehalfOf({ oboAssertion: signedIn.accessToken, scopes });

const byCertificate = application(settings.API_CLIENT_ID, {
  clientCertificate: { thumbprintSha256: settings.THUMBPRINT, privateKey: settings.PRIVATE_KEY },
});
const certified = await byCertificate.acquireTokenOnBehalfOf({ oboAssertion: signedIn.accessToken, scopes });
const appOnly = await byCertificate.acquireTokenByClientCredential({ scopes: ['https://management.azure.com/.default'] });

let refusal = {};
try {
  await bySecret.acquireTokenOnBehalfOf({ oboAssertion: settings.CAROLS_TOKEN, scopes });
} catch (error) {
  refusal = { name: error.name, code: error.errorCode, claims: error.claims, numbers: error.errorNo };
}

say({
  user: signedIn.account.username,
  homeAccountId: signedIn.account.homeAccountId,
  silentFromCache: silent.fromCache && silent.accessToken === signedIn.accessToken,
  renewed: !renewed.fromCache && renewed.accessToken !== signedIn.accessToken,
  exchanged: exchanged.accessToken,
  certified: certified.accessToken,
  appOnly: appOnly.accessToken,
  refusal,
});
