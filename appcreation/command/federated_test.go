package command_test

import (
	"crypto/rand"
	"crypto/rsa"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

const (
	clusterIssuer  = "https://westeurope.oic.prod-aks.azure.com/11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000/"
	apiIdentity    = "11111111-1111-1111-1111-111111111111,aaaaaaaa-1111-1111-1111-111111111111"
	webUIIdentity  = "22222222-2222-2222-2222-222222222222,aaaaaaaa-2222-2222-2222-222222222222"
	exchangeTokens = "api://AzureADTokenExchange"
)

func aks(o *command.Options) {
	o.Federated = command.Federated{Kind: "aks", Issuer: clusterIssuer, Namespace: "shop"}
}

func github(file string) func(*command.Options) {
	return func(o *command.Options) {
		o.Federated = command.Federated{Kind: "github", Repository: "octo-org/octo.repo", AssertionFile: file}
	}
}

func managedIdentity(o *command.Options) {
	o.Federated = command.Federated{Kind: "managed-identity", APIIdentity: apiIdentity, WebUIIdentity: webUIIdentity}
}

func unfederated(o *command.Options) { o.Federated.Kind = "none" }

// trusted are an application's federated credentials as "name issuer subject audience".
func (f *fixture) trusted(role desired.Role) []string {
	var list []string
	for _, c := range f.directory.FederatedCredentials(f.made(role).ID) {
		list = append(list, strings.Join([]string{c.Name, c.Issuer, c.Subject, strings.Join(c.Audiences, ",")}, " "))
	}
	return list
}

func TestFederated(t *testing.T) {
	t.Parallel()
	tenant := func(f *fixture) string { return f.url + "/" + f.directory.TenantID() + "/v2.0" }
	tests := []struct {
		name            string
		change          func(*command.Options)
		api, webUI      func(*fixture) string
		setting, values string // of API and web UI, separated by a space
	}{
		{"aks", aks,
			func(*fixture) string {
				return "aks " + clusterIssuer + " system:serviceaccount:shop:api " + exchangeTokens
			},
			func(*fixture) string {
				return "aks " + clusterIssuer + " system:serviceaccount:shop:webui " + exchangeTokens
			},
			"_CLIENT_ASSERTION_FILE", "/var/run/secrets/azure/tokens/azure-identity-token /var/run/secrets/azure/tokens/azure-identity-token"},
		{"github", github("token.jwt"),
			func(*fixture) string {
				return "github https://token.actions.githubusercontent.com repo:octo-org/octo.repo:environment:production " + exchangeTokens
			},
			func(*fixture) string {
				return "github https://token.actions.githubusercontent.com repo:octo-org/octo.repo:environment:production " + exchangeTokens
			},
			"_CLIENT_ASSERTION_FILE", "token.jwt token.jwt"},
		{"managed identity", managedIdentity,
			func(f *fixture) string {
				return "managed-identity " + tenant(f) + " aaaaaaaa-1111-1111-1111-111111111111 " + exchangeTokens
			},
			func(f *fixture) string {
				return "managed-identity " + tenant(f) + " aaaaaaaa-2222-2222-2222-222222222222 " + exchangeTokens
			},
			"_CLIENT_MANAGED_IDENTITY", "11111111-1111-1111-1111-111111111111 22222222-2222-2222-2222-222222222222"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.configure(adminConsent, test.change)
			wantTrust := func() {
				t.Helper()
				for role, want := range map[desired.Role]string{desired.API: test.api(f), desired.WebUI: test.webUI(f)} {
					if got := f.trusted(role); !slices.Equal(got, []string{want}) {
						t.Errorf("the %s trusts %q, want %q", role, got, want)
					}
					if app := f.made(role); len(app.PasswordCredentials)+len(app.KeyCredentials) != 0 {
						t.Errorf("the %s has a secret or a certificate as well", role)
					}
				}
			}
			wantTrust()
			env := f.env()
			if got := env["API"+test.setting] + " " + env["WEBUI"+test.setting]; got != test.values || env["API_CLIENT_SECRET"]+env["WEBUI_CLIENT_SECRET"] != "" {
				t.Errorf("development.env has %q and the secrets %q, %q", got, env["API_CLIENT_SECRET"], env["WEBUI_CLIENT_SECRET"])
			}
			f.configure(adminConsent) // nothing to say again
			if writes := f.writes(); len(writes) > 0 {
				t.Errorf("the second run wrote %v", writes)
			}
			f.configure(adminConsent, test.change)
			if writes := f.writes(); len(writes) > 0 {
				t.Errorf("the second run with the flags wrote %v", writes)
			}
			if found := f.doctor(); len(found) > 0 {
				t.Errorf("doctor finds %v", found)
			}
			f.configure(unfederated)
			if f.trusted(desired.API) != nil || f.trusted(desired.WebUI) != nil || f.env()["API_CLIENT_SECRET"] == "" || f.env()["API"+test.setting] != "" {
				t.Errorf("after going back the API trusts %q, and its setting is %q", f.trusted(desired.API), f.env()["API"+test.setting])
			}
		})
	}
}

// TestFederatedTakesThePlaceOfASecret: an application that had one loses it, and keeps what others trust.
func TestFederatedTakesThePlaceOfASecret(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.configure(adminConsent)
	others := directory.FederatedIdentityCredential{Name: "a-colleagues", Issuer: "https://issuer.example", Subject: "somebody", Audiences: []string{exchangeTokens}}
	if _, err := f.directory.AddFederatedCredential(f.made(desired.API).ID, others); err != nil {
		t.Fatal(err)
	}
	f.configure(adminConsent, managedIdentity)
	if left := len(f.made(desired.API).PasswordCredentials); left != 0 {
		t.Errorf("the API has %d secrets left", left)
	}
	f.configure(adminConsent, unfederated)
	if got := f.trusted(desired.API); len(got) != 1 || !strings.HasPrefix(got[0], "a-colleagues ") {
		t.Errorf("the API trusts %q", got)
	}
}

func TestDoctorComparesFederatedCredentials(t *testing.T) {
	t.Parallel()
	alter := func(change func(*directory.FederatedIdentityCredential)) func(*fixture) {
		return func(f *fixture) {
			app := f.made(desired.API).ID
			if err := f.directory.UpdateFederatedCredential(app, f.directory.FederatedCredentials(app)[0].ID, change); err != nil {
				f.t.Fatal(err)
			}
		}
	}
	token := func(iss, sub, aud string) func(*fixture) {
		return func(f *fixture) {
			f.write("token.jwt", signedToken(f.t, jwt.Claims{Issuer: iss, Subject: sub, Audience: jwt.Audience{aud}}))
		}
	}
	const subject = "repo:octo-org/octo.repo:environment:production"
	tests := []struct {
		name   string
		alter  func(*fixture)
		want   []string
		writes string // by configure without flags
	}{
		{"all is well", token(desired.GitHubIssuer, subject, exchangeTokens), nil, ""},
		{"no file here", func(*fixture) {}, nil, ""},
		{"another issuer trusted", alter(func(c *directory.FederatedIdentityCredential) { c.Issuer += "/" }), []string{"api-federated-issuer"}, "PATCH"},
		{"another audience trusted", alter(func(c *directory.FederatedIdentityCredential) { c.Audiences = []string{"https://github.com/octo-org"} }), []string{"api-federated-audience"}, "PATCH"},
		{"a subject of no workflow", alter(func(c *directory.FederatedIdentityCredential) { c.Subject = "octo-org/octo.repo" }), []string{"api-federated-subject"}, ""},
		{"taken away", func(f *fixture) {
			app := f.made(desired.API).ID
			if err := f.directory.RemoveFederatedCredential(app, f.directory.FederatedCredentials(app)[0].ID); err != nil {
				f.t.Fatal(err)
			}
		}, []string{"api-federated-missing"}, ""},
		{"a token of another issuer", token("https://issuer.example", subject, exchangeTokens), []string{"api-federated-issuer", "webui-federated-issuer"}, ""},
		{"a token of another environment", token(desired.GitHubIssuer, "repo:octo-org/octo.repo:environment:test", exchangeTokens), []string{"api-federated-subject", "webui-federated-subject"}, ""},
		{"a token for something else", token(desired.GitHubIssuer, subject, "sts.amazonaws.com"), []string{"api-federated-audience", "webui-federated-audience"}, ""},
		{"no token", func(f *fixture) { f.write("token.jwt", "<html>") }, []string{"api-federated-token", "webui-federated-token"}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.configure(adminConsent, github(filepath.Join(f.folder, "token.jwt")))
			test.alter(f)
			if got := f.doctor(); !slices.Equal(got, test.want) && len(got)+len(test.want) > 0 {
				t.Errorf("doctor finds %v, want %v", got, test.want)
			}
			f.configure(adminConsent)
			var methods []string
			for _, write := range f.writes() {
				methods = append(methods, write.method)
			}
			if got := strings.Join(methods, " "); got != test.writes {
				t.Errorf("configure sends %q, want %q", got, test.writes)
			}
		})
	}
}

func TestFederatedFlagsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	for want, federated := range map[string]command.Federated{
		`--federated is "gcp"`:              {Kind: "gcp"},
		`--issuer is ""`:                    {Kind: "aks"},
		`--issuer is "http://issuer"`:       {Kind: "aks", Issuer: "http://issuer"},
		`--repository is "octo"`:            {Kind: "github", Repository: "octo", AssertionFile: "token"},
		"--assertion-file is missing":       {Kind: "github", Repository: "octo-org/octo-repo"},
		`--api-identity is "id-api"`:        {Kind: "managed-identity", APIIdentity: "id-api", WebUIIdentity: webUIIdentity},
		`--webui-identity is ""`:            {Kind: "managed-identity", APIIdentity: apiIdentity},
		"--certificate and --federated are": {Kind: "aks", Issuer: clusterIssuer},
	} {
		f := newFixture(t)
		_, err := command.Configure(t.Context(), f.run(func(o *command.Options) {
			o.Federated = federated
			if strings.HasPrefix(want, "--certificate") {
				certificate(o)
			}
		}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one with %s", err, want)
		}
		if writes := f.writes(); len(writes) > 0 {
			t.Errorf("%s: wrote %v", want, writes)
		}
	}
}

func signedToken(t testing.TB, claims jwt.Claims) string {
	t.Helper()
	claims.Expiry = jwt.NewNumericDate(time.Now().Add(time.Hour))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: rsaKey(t)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func rsaKey(t testing.TB) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
