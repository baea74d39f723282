// @azure/identity against devtenant: its credentials for services and for people. TestAzureIdentityNode starts it. It writes
// one JSON object a line: first the device's code to type in, then the tokens of each credential.

import {
  ClientAssertionCredential, ClientCertificateCredential, ClientSecretCredential, DeviceCodeCredential, OnBehalfOfCredential,
  UsernamePasswordCredential,
} from '@azure/identity';

const settings = JSON.parse(process.env.SETTINGS);
const { TENANT: tenantId, API_CLIENT_ID: clientId, API_CLIENT_SECRET: clientSecret } = settings;
const options = { authorityHost: settings.AUTHORITY_HOST, disableInstanceDiscovery: true };
const scope = 'https://management.azure.com/.default';
const certificate = { certificate: settings.PEM };

const credentials = {
  secret: new ClientSecretCredential(tenantId, clientId, clientSecret, options),
  certificate: new ClientCertificateCredential(tenantId, clientId, certificate, options),
  assertion: new ClientAssertionCredential(tenantId, clientId, async () => settings.ASSERTION, options),
  onBehalfOf: new OnBehalfOfCredential({ ...options, tenantId, clientId, clientSecret, userAssertionToken: settings.TOKEN_A }),
  password: new UsernamePasswordCredential(tenantId, settings.AZURE_CLI, 'alice@devtenant.example', 'alice-for-development-only', options),
  deviceCode: new DeviceCodeCredential({
    ...options, tenantId, clientId: settings.AZURE_CLI,
    userPromptCallback: ({ userCode, verificationUri }) => console.log(JSON.stringify({ userCode, verificationUri })),
  }),
};

const tokens = {};
for (const [name, credential] of Object.entries(credentials)) {
  tokens[name] = (await credential.getToken(scope)).token;
}

let refusal = {};
try {
  await new ClientSecretCredential(tenantId, clientId, 'wrong', options).getToken(scope);
} catch (error) {
  refusal = { message: error.message };
}
console.log(JSON.stringify({ tokens, refusal }));
