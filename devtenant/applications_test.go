package devtenant_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// The sample's other applications in the embedded tenant.
const (
	orders            = "de7e0000-0000-4000-8000-0000000000a3"
	console           = "de7e0000-0000-4000-8000-0000000000a4"
	daemon            = "de7e0000-0000-4000-8000-0000000000a5"
	daemonWithoutRole = "de7e0000-0000-4000-8000-0000000000a6"
	mcpClient         = "de7e0000-0000-4000-8000-0000000000a7"
)

// The API exchanges a user's token for Graph as it does for Resource Manager, and Graph answers who the user is.
func TestGraphOnBehalfOf(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	got := postToken(t, tenant, exchange(tenant.AccessToken("alice"), map[string]string{"scope": "https://graph.microsoft.com/User.Read"}))
	if got.Status != http.StatusOK {
		t.Fatalf("refused: %s", got.Description)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tenant.Settings()["API_GRAPH_URL"]+"/v1.0/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+got.AccessToken)
	response, err := tenant.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var me struct {
		DisplayName string `json:"displayName"`
	}
	if err := json.NewDecoder(response.Body).Decode(&me); err != nil || me.DisplayName != "Alice Archer" {
		t.Errorf("/me: %d %q (%v)", response.StatusCode, me.DisplayName, err)
	}
	refused(t, postToken(t, tenant, exchange(tenant.AccessToken("dave"), map[string]string{"scope": "https://graph.microsoft.com/User.Read"})), 65001)
}

// The API may ask the orders API for its three scopes, for everyone, and nobody else may.
func TestOrdersOnBehalfOf(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	scopes := tenant.Settings()["API_ORDERS_SCOPES"]
	got := postToken(t, tenant, exchange(tenant.AccessToken("dave"), map[string]string{"scope": scopes}))
	if got.Status != http.StatusOK {
		t.Fatalf("refused: %s", got.Description)
	}
	claims := claimsOf(t, got.AccessToken)
	if claims["aud"] != orders || claims["azp"] != api || claims["scp"] != "order.read order.write order.delete" || claims["ver"] != "2.0" {
		t.Errorf("the token for orders: %v", claims)
	}
	refused(t, postToken(t, tenant, exchange(tenant.AccessToken("dave"), map[string]string{"scope": strings.Replace(scopes, "order.read", "order.export", 1)})), 70011)
	if granted := tenant.Directory().GrantedScopes(webUI, orders, ""); len(granted) != 0 {
		t.Errorf("the web UI may ask for %v", granted)
	}
}

// The console signs in without a secret: by a loopback redirect on any port, and by a device code.
func TestConsole(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	settings := tenant.Settings()
	client, err := public.New(settings["CONSOLE_CLIENT_ID"], public.WithAuthority(settings["AUTHORITY"]), public.WithHTTPClient(tenant.Client()), public.WithInstanceDiscovery(false))
	if err != nil {
		t.Fatal(err)
	}
	scopes := []string{settings["CONSOLE_API_SCOPE"]}
	const loopback = "http://localhost:49152"
	agent := devtenant.NewUserAgent(tenant)
	agent.StopAt(loopback)
	redirected := answer(t, agent, authorizeURL(tenant, map[string]string{"client_id": console, "redirect_uri": loopback, "scope": scopes[0] + " openid profile offline_access"}), "alice")
	byCode, err := client.AcquireTokenByAuthCode(t.Context(), redirected.Get("code"), loopback, scopes, public.WithChallenge(verifier))
	if err != nil {
		t.Fatalf("by the browser: %d", tenant.Requests()[0].AADSTS)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	device, err := client.AcquireTokenByDeviceCode(ctx, scopes)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := devtenant.NewUserAgent(tenant).EnterDeviceCode(ctx, device.Result.VerificationURL, device.Result.UserCode, "bob"); err != nil {
		t.Fatal(err)
	}
	byDevice, err := device.AuthenticationResult(ctx)
	if err != nil {
		t.Fatalf("by the device code: %d", tenant.Requests()[0].AADSTS)
	}
	for name, token := range map[string]string{"browser": byCode.AccessToken, "device code": byDevice.AccessToken} {
		if claims := claimsOf(t, token); claims["azp"] != console || claims["azpacr"] != "0" || claims["scp"] != "access_as_user" || claims["aud"] != api {
			t.Errorf("by the %s: %v", name, claims)
		}
	}
}

// A program without a user has the roles that it was assigned, and none otherwise.
func TestDaemonRoles(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	for client, want := range map[string]string{daemon: "Subscriptions.Read.All", daemonWithoutRole: ""} {
		secret := map[string]string{daemon: "daemon-for-development-only", daemonWithoutRole: "daemon-without-role-for-development-only"}[client]
		got := postToken(t, tenant, map[string]string{"grant_type": "client_credentials", "client_id": client, "client_secret": secret, "scope": apiDefault})
		if got.Status != http.StatusOK {
			t.Fatalf("%s: %s", client, got.Description)
		}
		for how, token := range map[string]string{"token endpoint": got.AccessToken, "Go": tenant.ApplicationToken(client, api)} {
			claims := claimsOf(t, token)
			roles, _ := claims["roles"].([]any)
			if claims["idtyp"] != "app" || claims["scp"] != nil || claims["azp"] != client || claims["aud"] != api {
				t.Errorf("%s: %v", how, claims)
			}
			if want == "" && claims["roles"] != nil || want != "" && (len(roles) != 1 || roles[0] != want) {
				t.Errorf("%s of %s: roles %v, want %q", how, client, claims["roles"], want)
			}
		}
	}
}

func TestNewClientCertificate(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	content, err := tenant.NewClientCertificate(daemon)
	if err != nil {
		t.Fatal(err)
	}
	certificates, key, err := confidential.CertFromPEM(content, "")
	if err != nil {
		t.Fatal(err)
	}
	credential, err := confidential.NewCredFromCert(certificates, key)
	if err != nil {
		t.Fatal(err)
	}
	got, err := confidentialClient(t, tenant, daemon, credential).AcquireTokenByCredential(t.Context(), []string{apiDefault})
	if err != nil || claimsOf(t, got.AccessToken)["azpacr"] != "2" {
		t.Errorf("the daemon with its certificate: %d", tenant.Requests()[0].AADSTS)
	}
}

// An agent's client has a scope of its own, and not the web UI's.
func TestMCPClient(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	settings := tenant.Settings()
	const callback = "http://localhost:8090/callback"
	ask := func(user, scope string) (*devtenant.UserAgent, map[string]string) {
		agent := devtenant.NewUserAgent(tenant)
		agent.StopAt(callback)
		got := answer(t, agent, authorizeURL(tenant, map[string]string{"client_id": mcpClient, "redirect_uri": callback, "scope": scope}), user)
		return agent, map[string]string{
			"grant_type": "authorization_code", "client_id": mcpClient, "code": got.Get("code"), "redirect_uri": callback, "code_verifier": verifier, "scope": scope,
		}
	}
	agent, form := ask("dave", settings["CONSOLE_MCP_SCOPE"]+" offline_access")
	if strings.Join(agent.Pages, " ") != "sign-in" {
		t.Errorf("pages %v: the client is pre-authorized", agent.Pages)
	}
	got := postToken(t, tenant, form)
	if claims := claimsOf(t, got.AccessToken); claims["scp"] != "mcp.access" || claims["azp"] != mcpClient || claims["aud"] != api {
		t.Errorf("the agent's token: %v", claims)
	}
	if agent, _ := ask("dave", apiScope); strings.Join(agent.Pages, " ") != "sign-in consent" {
		t.Errorf("pages %v: access_as_user is not the agent's without a question", agent.Pages)
	}
	// By /.default dave is asked for what the API needs downstream as well: it counts the client among its known ones.
	if agent, _ := ask("dave", apiDefault); strings.Join(agent.Pages, " ") != "sign-in consent" {
		t.Errorf("pages %v: /.default should ask for the API, too", agent.Pages)
	}
}

func TestUserToken(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	claims, err := tenant.VerifyToken(tenant.UserToken("alice", console, orders, []string{"order.read"}), orders)
	if err != nil || claims["scp"] != "order.read" || claims["azp"] != console || claims["azpacr"] != "0" {
		t.Errorf("%v (%v)", claims, err)
	}
	if user, _ := tenant.Directory().User("alice"); claims["oid"] != user.ID {
		t.Errorf("oid %v", claims["oid"])
	}
	if _, err := tenant.VerifyToken(tenant.UserToken("alice", console, orders, nil), directory.GraphAppID); err == nil {
		t.Error("good for Graph, too")
	}
}
