package explain

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// plugged is the configuration of a web UI whose authority is at an address, with that authority's certificate, PEM.
func plugged(t *testing.T, authority string, certificate []byte, development bool) app.Config {
	t.Helper()
	parsed, err := entra.ParseAuthority(authority)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := app.Config{Development: development, Authority: parsed, RedirectURI: &url.URL{Path: "/account/callback"}, TrustedCAFile: file}
	Plug(&cfg)
	return cfg
}

// TestStripTellsTheSwitches: pages say what is switched on, and error pages lead to their switch.
func TestStripTellsTheSwitches(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	cfg := plugged(t, tenant.Authority(), tenant.CertificatePEM(), true)
	if err := tenant.Switch("arm-unavailable", devtenant.Times(0)); err != nil {
		t.Fatal(err)
	}
	extra := cfg.Hooks.Failed(t.Context(), &apperror.Error{Code: apperror.ResourceUnavailable, Upstream: apperror.ResourceUnavailable})
	var got bytes.Buffer
	if err := extra.Strip.Render(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	if err := extra.Section.Render(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	link := `href="` + tenant.BrowserURL() + `/switches#arm-unavailable"`
	if strings.Count(got.String(), link) != 2 || strings.Count(got.String(), brokeHere) != 1 || !strings.Contains(got.String(), "hop 4 of 4") || !extra.Open {
		t.Errorf("%s", got.String())
	}
	var again bytes.Buffer
	if err := cfg.Hooks.Failed(t.Context(), &apperror.Error{Code: apperror.NotFound}).Strip.Render(t.Context(), &again); err != nil || again.Len() == 0 {
		t.Errorf("%v, the next page has no strip", err)
	}
}

// TestPagesWithoutDevtenant: in production nobody is asked, and where the authority isn't devtenant, or doesn't answer, the page is as
// it would be.
func TestPagesWithoutDevtenant(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"another authority": func(w http.ResponseWriter, _ *http.Request) { http.NotFound(w, nil) },
		"other JSON":        func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{}`)) },
		"no answer in time": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"too long": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(bytes.Repeat([]byte(" "), 4<<20))
		},
	} {
		for _, development := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				asked := make(chan struct{}, 10)
				front := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked <- struct{}{}; answer(w, r) }))
				t.Cleanup(front.Close)
				cfg := plugged(t, front.URL+"/tenant", certificateOf(front.Certificate()), development)
				extra := cfg.Hooks.Failed(t.Context(), &apperror.Error{Code: apperror.ResourceUnavailable})
				var got bytes.Buffer
				if err := extra.Strip.Render(t.Context(), &got); err != nil || got.Len() > 0 {
					t.Errorf("%v, the strip is %s", err, got.String())
				}
				if err := extra.Section.Render(t.Context(), &got); err != nil || strings.Contains(got.String(), "devtenant") || !strings.Contains(got.String(), brokeHere) {
					t.Errorf("%v, the section is %s", err, got.String())
				}
				if (len(asked) > 0) != development || extra.Open != development {
					t.Errorf("asked %d times", len(asked))
				}
			})
		}
	}
}

// TestTheAuthorityLeadsNowhereElse: the web UI follows none of its redirects, and no page leads to an address of it that isn't one of the web.
func TestTheAuthorityLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) }))
	t.Cleanup(other.Close)
	for _, test := range []struct{ name, switches, authorize string }{
		{"a redirect", "", ""},
		{"a script", `"<a>"`, "javascript://x/%0aalert(1)"},
		{"no host", `"<a>"`, "/authorize"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			front := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				switch {
				case test.switches == "":
					http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
				case r.URL.Path == "/switches":
					_, _ = fmt.Fprintf(w, `{"switches":[{"name":%s,"on":{}}]}`, test.switches)
				default:
					_, _ = fmt.Fprintf(w, `{"authorization_endpoint":%q}`, test.authorize)
				}
			}))
			t.Cleanup(front.Close)
			cfg := plugged(t, front.URL+"/tenant", certificateOf(front.Certificate()), true)
			var got bytes.Buffer
			if err := cfg.Hooks.Failed(t.Context(), &apperror.Error{Code: apperror.NotFound}).Strip.Render(t.Context(), &got); err != nil || got.Len() > 0 {
				t.Errorf("%v, the strip is %s", err, got.String())
			}
			if elsewhere.Load() > 0 {
				t.Error("the redirect was followed")
			}
		})
	}
}

func certificateOf(certificate *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw})
}

// TestHopsOfAFailure: what comes behind the broken one wasn't reached, and a failure of no hop draws none.
func TestHopsOfAFailure(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		why  apperror.Error
		want []string
	}{
		"the exchange": {apperror.Error{Code: apperror.ConsentRequired, Upstream: apperror.ConsentRequired}, []string{"", "", brokeHere, notReached}},
		"sign-in":      {apperror.Error{Code: apperror.ConsentDeclined}, []string{brokeHere, notReached, notReached, notReached}},
		"no page":      {apperror.Error{Code: apperror.NotFound}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, one := range brokenHops(t.Context(), &test.why, time.Now()) {
				got = append(got, one.Outcome)
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
