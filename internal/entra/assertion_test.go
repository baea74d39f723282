package entra_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// recorder keeps the forms that a token endpoint got.
type recorder struct {
	mu    sync.Mutex
	forms []url.Values
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	_ = request.ParseForm()
	r.mu.Lock()
	r.forms = append(r.forms, request.PostForm)
	r.mu.Unlock()
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write([]byte(`{"error":"invalid_grant","error_codes":[65001]}`))
}

func (r *recorder) all() []url.Values {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]url.Values(nil), r.forms...)
}

// exchanger returns a function that exchanges a token once with a new MSAL client, as the API does, and what Entra got.
func exchanger(t *testing.T, settings map[string]string) (exchange func() *entra.TokenError, got *recorder) {
	t.Helper()
	got = &recorder{}
	server, authority := tokenEndpoint(t, got.ServeHTTP)
	reader := env.From(settings)
	cloud, _ := entra.ParseAuthority(settings["AUTHORITY"])
	credential := entra.ReadCredential(reader, "API", cloud)
	if err := reader.Err(); err != nil {
		t.Fatal(err)
	}
	return func() *entra.TokenError {
		client, err := credential.NewClient(authority, "client", server.Client())
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.AcquireTokenOnBehalfOf(t.Context(), theAssertion, []string{"scope"})
		return entra.AsTokenError(err)
	}, got
}

func TestAFederatedFileIsReadAtEachUse(t *testing.T) {
	t.Parallel()
	// As Kubernetes does: the file is a link to the newest one, which changes in one step.
	dir := t.TempDir()
	file := filepath.Join(dir, "token")
	project := func(token string) {
		write(t, filepath.Join(dir, token), token+"\n")
		if err := os.Symlink(token, file+".new"); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file+".new", file); err != nil {
			t.Fatal(err)
		}
	}
	project("a.first.token")
	exchange, got := exchanger(t, map[string]string{"API_CLIENT_ASSERTION_FILE": file})
	exchange()
	project("a.second.token")
	exchange()
	forms := got.all()
	if len(forms) != 2 {
		t.Fatalf("Entra was asked %d times, want 2", len(forms))
	}
	for i, want := range []string{"a.first.token", "a.second.token"} {
		if forms[i].Get("client_assertion") != want || forms[i].Has("client_secret") ||
			forms[i].Get("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
			t.Errorf("request %d has the client assertion %q of type %q", i+1, forms[i].Get("client_assertion"), forms[i].Get("client_assertion_type"))
		}
	}
}

func TestAFederatedFileThatGoesBad(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(t *testing.T, file string)
		want  string
	}{
		{"missing", func(t *testing.T, file string) { remove(t, file) }, "can't be read"},
		{"empty", func(t *testing.T, file string) { write(t, file, "\n") }, "is empty"},
		{"longer than a token", func(t *testing.T, file string) { write(t, file, strings.Repeat("a", 20_000)) }, "longer than the 16384 bytes"},
		{"half written", func(t *testing.T, file string) { write(t, file, "a.first") }, "holds no signed JWT"},
		{"a folder", func(t *testing.T, file string) {
			remove(t, file)
			if err := os.Mkdir(file, 0o700); err != nil {
				t.Fatal(err)
			}
		}, "is no file"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "token")
			write(t, file, "a.first.token")
			exchange, got := exchanger(t, map[string]string{"AZURE_FEDERATED_TOKEN_FILE": file})
			test.spoil(t, file)
			refused := exchange()
			if refused.Kind != entra.NoCredential || !strings.HasPrefix(refused.Reason, "AZURE_FEDERATED_TOKEN_FILE ") || !strings.Contains(refused.Error(), test.want) {
				t.Errorf("error is %v, want one with %q", refused, test.want)
			}
			if forms := got.all(); len(forms) != 0 {
				t.Errorf("Entra was asked all the same: %v", forms)
			}
			if strings.Contains(refused.Error(), "a.first") {
				t.Errorf("the token shows in %v", refused)
			}
			// It comes back, as after a kubelet's restart.
			_ = os.RemoveAll(file)
			write(t, file, "a.second.token")
			if again := exchange(); again.AADSTS != 65001 {
				t.Errorf("with the file in place again: %v", again)
			}
		})
	}
}

func remove(t *testing.T, file string) {
	t.Helper()
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
}
