// A single-page application: it signs in by a redirect, and gets and renews a token for the sample's API.

async function run() {
  const settings = await (await fetch('/settings.json')).json();
  const application = new msal.PublicClientApplication({
    auth: {
      clientId: settings.clientId, authority: settings.authority, knownAuthorities: [new URL(settings.authority).host],
      redirectUri: `${location.origin}/`, postLogoutRedirectUri: `${location.origin}/`,
    },
  });
  await application.initialize();
  const scopes = [settings.scope];
  document.getElementById('sign-in').addEventListener('click', () => application.loginRedirect({ scopes }));
  document.getElementById('sign-out').addEventListener('click', () => application.logoutRedirect());

  const signedIn = await application.handleRedirectPromise();
  if (!signedIn) {
    document.getElementById('result').textContent = JSON.stringify({ accounts: application.getAllAccounts().length });
    return;
  }
  const { account } = signedIn;
  const silent = await application.acquireTokenSilent({ scopes, account });
  const renewed = await application.acquireTokenSilent({ scopes, account, forceRefresh: true });
  document.getElementById('result').textContent = JSON.stringify({
    user: account.username, token: renewed.accessToken,
    fromCache: silent.fromCache && silent.accessToken === signedIn.accessToken,
    renewed: !renewed.fromCache && renewed.accessToken !== signedIn.accessToken,
  });
}

run().catch((error) => { document.getElementById('problem').textContent = String(error); });
