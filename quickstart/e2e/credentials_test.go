package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// tokenFile is a federated token in a file, which its issuer replaces in one step.
type tokenFile struct {
	t    *testing.T
	path string
}

func newTokenFile(t *testing.T) tokenFile {
	file := tokenFile{t, filepath.Join(t.TempDir(), "token")}
	file.put("not.yet.issued")
	return file
}

func (f tokenFile) put(token string) {
	f.t.Helper()
	if err := os.WriteFile(f.path+".new", []byte(token), 0o600); err != nil {
		f.t.Fatal(err)
	}
	if err := os.Rename(f.path+".new", f.path); err != nil {
		f.t.Fatal(err)
	}
}

func (f tokenFile) remove() {
	f.t.Helper()
	if err := os.Remove(f.path); err != nil {
		f.t.Fatal(err)
	}
}

// TestFederatedFiles: no secret anywhere, and the files change while both tiers run. Each way in which a token can be wrong
// is an error with a name of its own, at sign-in and at the exchange, and over once the file is right again.
func TestFederatedFiles(t *testing.T) {
	t.Parallel()
	ofWebUI, ofAPI := newTokenFile(t), newTokenFile(t)
	s := start(t, func(o *stack.Options) {
		o.Settings = map[string]string{
			"WEBUI_CLIENT_SECRET": "", "WEBUI_CLIENT_ASSERTION_FILE": ofWebUI.path,
			"API_CLIENT_SECRET": "", "AZURE_FEDERATED_TOKEN_FILE": ofAPI.path, // as on AKS, where the API has no setting of its own
		}
	})
	issue := func(file tokenFile, subject string) {
		t.Helper()
		file.put(s.Tenant.FederatedToken(devtenant.KubernetesIssuer, subject))
	}
	reissue := func() {
		t.Helper()
		issue(ofWebUI, devtenant.WebUISubject)
		issue(ofAPI, devtenant.APISubject)
	}
	reissue()
	_, body := signIn(t, s, "alice")
	if got := subscriptionsOn(body); got != 3 {
		t.Fatalf("alice sees %d subscriptions, want 3:\n%s", got, body)
	}

	t.Run("renewal", func(t *testing.T) {
		throw(t, s, "short-lived") // token A is so short that the page after signing in needs another
		reissue()
		if _, body := signIn(t, s, "grace"); subscriptionsOn(body) != 250 {
			t.Errorf("grace sees %d subscriptions", subscriptionsOn(body))
		}
		if s.Tenant.Count("token:refresh_token") == 0 {
			t.Error("nothing was renewed")
		}
		s.Tenant.ClearSwitches()
	})

	tests := []struct {
		name  string
		spoil func(file tokenFile, subject string)
		code  string
	}{
		{"missing", func(f tokenFile, _ string) { f.remove() }, apperror.NoCredential},
		{"empty", func(f tokenFile, _ string) { f.put("") }, apperror.NoCredential},
		{"expired", func(f tokenFile, subject string) {
			f.put(s.Tenant.FederatedToken(devtenant.KubernetesIssuer, subject, func(claims map[string]any) { claims["exp"] = s.Tenant.Now().Unix() - 3600 }))
		}, "client_assertion_expired"},
		{"wrong subject", func(f tokenFile, _ string) { issue(f, "system:serviceaccount:default:default") }, "federated_subject_mismatch"},
		{"wrong issuer", func(f tokenFile, subject string) { f.put(s.Tenant.FederatedToken("another-cluster", subject)) }, "federated_issuer_mismatch"},
		{"wrong audience", func(f tokenFile, subject string) {
			f.put(s.Tenant.FederatedToken(devtenant.KubernetesIssuer, subject, func(claims map[string]any) { claims["aud"] = "https://kubernetes.default.svc" }))
		}, "federated_audience_mismatch"},
		{"another issuer's key", func(f tokenFile, subject string) {
			token := s.Tenant.FederatedToken(devtenant.KubernetesIssuer, subject)
			f.put(token[:strings.LastIndex(token, ".")+1] + "c2lnbmF0dXJl")
		}, "client_assertion_not_verified"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			failure := apperror.Get(test.code)
			test.spoil(ofAPI, devtenant.APISubject)
			if _, err := callAPI(t.Context(), s, s.Tenant.AccessToken("alice")); err == nil || !strings.Contains(err.Error(), `"code":"`+test.code+`"`) {
				t.Errorf("the exchange: %v, want %s", err, test.code)
			}
			issue(ofAPI, devtenant.APISubject)
			if names, err := callAPI(t.Context(), s, s.Tenant.AccessToken("alice")); err != nil || len(names) != 3 {
				t.Errorf("the exchange, once the file is right again: %d subscriptions, %v", len(names), err)
			}

			test.spoil(ofWebUI, devtenant.WebUISubject)
			agent := devtenant.NewUserAgent(s.Tenant)
			response, err := agent.SignIn(t.Context(), s.WebUI.URL+"/account/login", "alice")
			if err != nil {
				t.Fatal(err)
			}
			if body := text(t, response); response.StatusCode != failure.Status || !strings.Contains(body, test.code) {
				t.Errorf("signing in: status %d, want %d and %s:\n%s", response.StatusCode, failure.Status, test.code, body)
			}
			issue(ofWebUI, devtenant.WebUISubject)
			signIn(t, s, "alice")
		})
	}
}

// TestManagedIdentities: the platform's endpoint gives both tiers what they prove themselves with, once for all requests.
func TestManagedIdentities(t *testing.T) {
	// MSAL keeps an identity's token for the whole process: each identity is used against one tenant.
	const (
		ofWebUI = "de7e0000-0000-4000-8000-0000000000a8"
		ofAPI   = "de7e0000-0000-4000-8000-0000000000a9"
		ofOther = "de7e0000-0000-4000-8000-0000000000aa"
	)
	with := func(t *testing.T, webUI, api string) *stack.Stack {
		t.Helper()
		t.Setenv("IDENTITY_ENDPOINT", "http://not.known.yet") // MSAL looks at the start where it is, and at each use what it is
		t.Setenv("IDENTITY_HEADER", "not known yet")
		tenant := directory.Default()
		if _, err := tenant.CreateManagedIdentity("id-other", "", ofOther); err != nil {
			t.Fatal(err)
		}
		s := start(t, func(o *stack.Options) {
			o.Tenant = func(options *devtenant.Options) { options.Directory = tenant }
			o.Settings = map[string]string{
				"WEBUI_CLIENT_SECRET": "", "WEBUI_CLIENT_MANAGED_IDENTITY": webUI, "API_CLIENT_SECRET": "", "API_CLIENT_MANAGED_IDENTITY": api,
			}
		})
		for name, value := range s.Tenant.ManagedIdentityEnvironment() {
			t.Setenv(name, value)
		}
		return s
	}
	t.Run("each has its own", func(t *testing.T) {
		s := with(t, ofWebUI, ofAPI)
		throw(t, s, "short-lived")
		agent, body := signIn(t, s, "alice")
		if got := subscriptionsOn(body); got != 3 {
			t.Fatalf("alice sees %d subscriptions, want 3:\n%s", got, body)
		}
		response, err := agent.Get(t.Context(), s.WebUI.URL+"/") // renews
		if got := subscriptionsOn(page(t, response, err)); got != 3 {
			t.Errorf("alice sees %d subscriptions after the renewal", got)
		}
		if got := s.Tenant.Count("managed-identity"); got != 2 {
			t.Errorf("the endpoint was asked %d times for two identities", got)
		}
		if s.Tenant.Count("token:refresh_token") == 0 {
			t.Error("nothing was renewed")
		}
	})
	t.Run("one that isn't assigned", func(t *testing.T) {
		s := with(t, ofWebUI, "11111111-2222-3333-4444-555555555555")
		if _, err := callAPI(t.Context(), s, s.Tenant.AccessToken("alice")); err == nil || !strings.Contains(err.Error(), `"code":"`+apperror.NoCredential+`"`) {
			t.Errorf("error is %v, want %s", err, apperror.NoCredential)
		}
	})
	t.Run("one that the registration doesn't trust", func(t *testing.T) {
		s := with(t, ofWebUI, ofOther)
		if _, err := callAPI(t.Context(), s, s.Tenant.AccessToken("alice")); err == nil || !strings.Contains(err.Error(), `"code":"federated_subject_mismatch"`) {
			t.Errorf("error is %v, want federated_subject_mismatch", err)
		}
	})
}
