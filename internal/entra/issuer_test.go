package entra_test

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// TestFieldCase14TheFoundIssuerIsNamed: with the expected one and, where it is one of Entra's, what AUTHORITY would be.
func TestFieldCase14TheFoundIssuerIsNamed(t *testing.T) {
	t.Parallel()
	fake := startTenant(t)
	good := fake.issuer
	const other = "99999999-2222-3333-4444-555555555555"
	tests := []struct {
		name, issuer string
		authority    string // the advice; "" for none
	}{
		{"the government cloud's", "https://login.microsoftonline.us/" + tenantID + "/v2.0", "https://login.microsoftonline.us/" + tenantID},
		{"China's", "https://login.partner.microsoftonline.cn/" + tenantID + "/v2.0", "https://login.partner.microsoftonline.cn/" + tenantID},
		{"an external tenant's", "https://" + tenantID + ".ciamlogin.com/" + tenantID + "/v2.0", "https://" + tenantID + ".ciamlogin.com/" + tenantID},
		{"another tenant's", strings.Replace(good, tenantID, other, 1), strings.TrimSuffix(strings.Replace(good, tenantID, other, 1), "/v2.0")},
		{"another port's", strings.Replace(good, "https://127.0.0.1", "https://127.0.0.1:1", 1), ""},
		{"a version 1.0 token's", "https://sts.windows.net/" + tenantID + "/", ""},
		{"everybody's template", strings.Replace(good, tenantID, "{tenantid}", 1), ""},
		{"a domain's", strings.Replace(good, tenantID, "contoso.onmicrosoft.com", 1), ""},
		{"http", strings.Replace(good, "https", "http", 1), ""},
		{"v1", strings.TrimSuffix(good, "v2.0"), ""},
		{"a trailing slash", good + "/", ""},
		{"a query", good + "?x=1", ""},
		{"a user", strings.Replace(good, "https://", "https://hunter2@", 1), ""},
		{"B2C's", "https://contoso.b2clogin.com/tfp/" + tenantID + "/b2c_1_signin/v2.0/", ""},
		{"none", "", ""},
		{"lines and colours", "https://x\u001b[31m\n2026 forged line/" + tenantID + "/v2.0", ""},
		{"look-alike letters", "https://login.micrоsoftonline.com/" + tenantID + "/v2.0", ""},
		{"a long one", "https://" + strings.Repeat("x", 5000) + "/" + tenantID + "/v2.0", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fake.set(func() { fake.issuer = test.issuer })
			_, err := fake.provider(t, entra.ProviderOptions{}).Metadata(t.Context())
			mismatch, ok := errors.AsType[*entra.IssuerError](err)
			if !ok {
				t.Fatalf("error is %v", err)
			}
			if mismatch.Authority != test.authority {
				t.Errorf("AUTHORITY would be %q, want %q", mismatch.Authority, test.authority)
			}
			text := err.Error()
			if mismatch.Expected != good || !strings.Contains(text, good) || !strings.Contains(text, "AUTHORITY") {
				t.Errorf("the expected issuer or the setting is missing in %s", text)
			}
			if found := test.issuer[:min(len(test.issuer), 9)]; !strings.Contains(text, found) {
				t.Errorf("the issuer that was found is missing in %s", text)
			}
			if len(text) > 700 || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("not one short line of ASCII: %q", text)
			}
		})
	}
	fake.set(func() { fake.issuer = good })
	metadata, err := fake.provider(t, entra.ProviderOptions{}).Metadata(t.Context())
	if err != nil || metadata.TenantID() != tenantID {
		t.Errorf("the good document: %v, tenant %q", err, metadata.TenantID())
	}
}

func TestAnAuthorityByItsDomain(t *testing.T) {
	t.Parallel()
	fake := startTenant(t)
	authority, err := entra.ParseAuthority(fake.server.URL + "/contoso.onmicrosoft.com")
	if err != nil {
		t.Fatal(err)
	}
	if metadata, err := entra.NewProvider(fake.server.Client(), authority, entra.ProviderOptions{}).Metadata(t.Context()); err != nil || metadata.TenantID() != tenantID {
		t.Errorf("%v, tenant %q", err, metadata.TenantID())
	}
	fake.set(func() { fake.issuer = "https://login.microsoftonline.us/" + tenantID + "/v2.0" })
	_, err = entra.NewProvider(fake.server.Client(), authority, entra.ProviderOptions{}).Metadata(t.Context())
	if err == nil || !strings.Contains(err.Error(), "/<tenant id>/v2.0") || !strings.Contains(err.Error(), "login.microsoftonline.us") {
		t.Errorf("error is %v", err)
	}
}

// TestFieldCase14TheLogSaysSo: not that the tenant can't be reached.
func TestFieldCase14TheLogSaysSo(t *testing.T) {
	t.Parallel()
	fake, log := startTenant(t), make(lines, 10)
	fake.issuer = "https://login.microsoftonline.us/" + tenantID + "/v2.0"
	fake.provider(t, entra.ProviderOptions{}).WarmUp(t.Context(), 10*time.Second, slog.New(slog.NewTextHandler(log, nil)))()
	line := <-log
	for _, part := range []string{"AUTHORITY is not the tenant's address", "login.microsoftonline.us", fake.server.URL} {
		if !strings.Contains(line, part) {
			t.Errorf("%q is missing in %s", part, line)
		}
	}
}

// TestFieldCase13TheLogNamesTheNetworksTrouble: on the way to the tenant, with the setting to look at.
func TestFieldCase13TheLogNamesTheNetworksTrouble(t *testing.T) {
	t.Parallel()
	const hunter2 = "hunter2"
	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	t.Cleanup(untrusted.Close)
	broken := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		_, _ = connection.Write([]byte("220 " + hunter2 + "\r\n\r\n"))
		_ = connection.Close()
	}))
	t.Cleanup(broken.Close)
	gone := httptest.NewTLSServer(http.NotFoundHandler())
	gone.Close()
	tests := []struct {
		name   string
		server *httptest.Server
		client *http.Client
		want   []string
	}{
		{"a proxy that inspects TLS", untrusted, http.DefaultClient, []string{string(outbound.UnknownAuthority), "TRUSTED_CA_FILE"}},
		{"nobody there", gone, gone.Client(), []string{string(outbound.ConnectionRefused)}},
		{"something else there", broken, broken.Client(), []string{string(outbound.NotHTTP)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			authority, err := entra.ParseAuthority(test.server.URL + "/" + tenantID)
			if err != nil {
				t.Fatal(err)
			}
			log := make(lines, 10)
			entra.NewProvider(test.client, authority, entra.ProviderOptions{}).WarmUp(t.Context(), 10*time.Second, slog.New(slog.NewTextHandler(log, nil)))()
			line := <-log
			for _, part := range append(test.want, authority.String()) {
				if !strings.Contains(line, part) {
					t.Errorf("%q is missing in %s", part, line)
				}
			}
			if strings.Contains(line, hunter2) {
				t.Error("the line holds what the server sent")
			}
		})
	}
}

// TestFieldCase15KeysOfAnApplication: an application with claims mapping signs with keys of its own.
func TestFieldCase15KeysOfAnApplication(t *testing.T) {
	t.Parallel()
	const clientID = "22222222-2222-3333-4444-555555555555"
	tenants, own := newSigner(t, "tenant"), newSigner(t, "own")
	fake := startTenant(t)
	fake.keys, fake.appKeys = set(tenants.jwk(t, nil)), set(own.jwk(t, nil))
	tests := []struct {
		name, clientID string
		signer         signer
		want           error
	}{
		{"the application's key", clientID, own, nil},
		{"the tenant's key, for that application", clientID, tenants, entra.ErrUnknownKey},
		{"the application's key, asked for by nobody", "", own, entra.ErrUnknownKey},
		{"the tenant's key, asked for by nobody", "", tenants, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := fake.provider(t, entra.ProviderOptions{ClientID: test.clientID}).VerifySignature(t.Context(), test.signer.sign(t))
			if !errors.Is(err, test.want) {
				t.Errorf("error is %v, want %v", err, test.want)
			}
		})
	}
	t.Run("for any other application the id changes nothing", func(t *testing.T) {
		same := startTenant(t)
		same.keys = set(tenants.jwk(t, nil))
		same.appKeys = same.keys
		if _, err := same.provider(t, entra.ProviderOptions{ClientID: clientID}).VerifySignature(t.Context(), tenants.sign(t)); err != nil {
			t.Error(err)
		}
	})
}

// TestFieldCase07ByteOrderMarkBeforeKeys: wherever a document of the tenant begins with one.
func TestFieldCase07ByteOrderMarkBeforeKeys(t *testing.T) {
	t.Parallel()
	good := newSigner(t, "good")
	server := httptest.NewTLSServer(nil)
	t.Cleanup(server.Close)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/keys") {
			fmt.Fprint(w, "\ufeff"+set(good.jwk(t, nil)))
			return
		}
		fmt.Fprintf(w, "\ufeff"+`{"issuer":"%[1]s/%[2]s/v2.0","authorization_endpoint":"%[1]s/a","token_endpoint":"%[1]s/t","jwks_uri":"%[1]s/keys"}`, server.URL, tenantID)
	})
	authority, err := entra.ParseAuthority(server.URL + "/" + tenantID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entra.NewProvider(server.Client(), authority, entra.ProviderOptions{}).VerifySignature(t.Context(), good.sign(t)); err != nil {
		t.Error(err)
	}
}
