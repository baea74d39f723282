package entra_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// tokenEndpoint answers token requests with one status and body, as an authority of its own.
func tokenEndpoint(t *testing.T, answer http.HandlerFunc) (*httptest.Server, entra.Authority) {
	t.Helper()
	var server *httptest.Server
	server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/openid-configuration") {
			fmt.Fprintf(w, `{"issuer":"%[1]s/%[2]s/v2.0","authorization_endpoint":"%[1]s/authorize","token_endpoint":"%[1]s/token","jwks_uri":"%[1]s/keys"}`, server.URL, tenantID)
			return
		}
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	authority, err := entra.ParseAuthority(server.URL + "/" + tenantID)
	if err != nil {
		t.Fatal(err)
	}
	return server, authority
}

const (
	theSecret    = "the-client-secret"
	theAssertion = "the.users.assertion"
)

func TestTokenErrors(t *testing.T) {
	t.Parallel()
	entraError := func(name, suberror, claims string, code int) string {
		return fmt.Sprintf(`{"error":%q,"suberror":%q,"claims":%q,"error_codes":[%d],
			"error_description":"AADSTS%[4]d: the-description.\r\nTrace ID: x","trace_id":"trace-1","correlation_id":"corr-1"}`, name, suberror, claims, code)
	}
	const claims = `{"access_token":{"capolids":{"essential":true,"values":["p"]}}}`
	tests := []struct {
		name   string
		status int
		header http.Header
		body   string
		want   entra.TokenError
	}{
		{"consent missing", 400, nil, entraError("invalid_grant", "consent_required", "", 65001),
			entra.TokenError{Kind: entra.Interaction, AADSTS: 65001, OAuthError: "invalid_grant", Suberror: "consent_required"}},
		{"second factor", 400, nil, entraError("interaction_required", "basic_action", claims, 50076),
			entra.TokenError{Kind: entra.Interaction, AADSTS: 50076, OAuthError: "interaction_required", Suberror: "basic_action", Claims: claims}},
		{"claims that are no JSON", 400, nil, entraError("interaction_required", "basic_action", "<script>", 50076),
			entra.TokenError{Kind: entra.Interaction, AADSTS: 50076, OAuthError: "interaction_required", Suberror: "basic_action", ClaimsError: challenge.ErrNoClaims}},
		{"claims that are no object", 400, nil, entraError("interaction_required", "basic_action", "[]", 50076),
			entra.TokenError{Kind: entra.Interaction, AADSTS: 50076, OAuthError: "interaction_required", Suberror: "basic_action", ClaimsError: challenge.ErrNoClaims}},
		{"claims without end", 400, nil, entraError("interaction_required", "basic_action", `{"a":"`+strings.Repeat("x", 9000)+`"}`, 50076),
			entra.TokenError{Kind: entra.Interaction, AADSTS: 50076, OAuthError: "interaction_required", Suberror: "basic_action", ClaimsError: challenge.ErrTooLong}},
		{"wrong assertion", 400, nil, entraError("invalid_grant", "", "", 500131),
			entra.TokenError{Kind: entra.Rejected, AADSTS: 500131, OAuthError: "invalid_grant"}},
		{"wrong secret", 401, nil, entraError("invalid_client", "", "", 7000215),
			entra.TokenError{Kind: entra.Rejected, AADSTS: 7000215, OAuthError: "invalid_client"}},
		{"throttled", 429, http.Header{"Retry-After": {"17"}}, `{"error":"temporarily_unavailable"}`,
			entra.TokenError{Kind: entra.Throttled, OAuthError: "temporarily_unavailable", RetryAfter: 17 * time.Second}},
		{"a fault", 503, nil, "", entra.TokenError{Kind: entra.Unavailable}},
		{"a proxy's page", 403, nil, "<html>token=abc</html>", entra.TokenError{Kind: entra.Malformed}},
		{"success that is no JSON", 200, nil, "access_token=abc", entra.TokenError{Kind: entra.Malformed}},
		{"success without a token", 200, nil, "{}", entra.TokenError{Kind: entra.Malformed}},
		{"an error that is no word", 400, nil, `{"error":"<script>alert(1)</script>","error_codes":[1]}`,
			entra.TokenError{Kind: entra.Rejected, AADSTS: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, authority := tokenEndpoint(t, func(w http.ResponseWriter, _ *http.Request) {
				for name, values := range test.header {
					w.Header()[name] = values
				}
				w.WriteHeader(test.status)
				_, _ = w.Write([]byte(test.body))
			})
			client := newClient(t, authority, server.Client())
			_, err := client.AcquireTokenOnBehalfOf(t.Context(), theAssertion, []string{"https://management.core.windows.net//.default"})
			if err == nil {
				t.Fatal("no error")
			}
			got := entra.AsTokenError(fmt.Errorf("wrapped: %w", err))
			if strings.HasPrefix(test.body, "{\"error\":\"i") && (got.TraceID != "trace-1" || !strings.Contains(got.Error(), "trace-1")) {
				t.Errorf("the trace id is %q, and the log has %q", got.TraceID, got)
			}
			stripped := *got
			stripped.TraceID = ""
			if got.Kind != entra.Malformed && got.Status == 0 {
				t.Error("no status")
			}
			stripped.Status = 0
			if stripped != test.want {
				t.Errorf("got  %+v\nwant %+v", stripped, test.want)
			}
			for _, hidden := range []string{theSecret, theAssertion, "the-description", "<html>", "<script>", "access_token=abc"} {
				if strings.Contains(fmt.Sprintf("%v %+v %#v", got, got, got), hidden) {
					t.Errorf("%q shows in %+v", hidden, got)
				}
			}
		})
	}
}

// TestHalfAnAnswer: what breaks off before an answer is an outage; what breaks off within a good one is no answer of Entra's.
func TestHalfAnAnswer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want entra.Kind
	}{
		"in the handshake": {&url.Error{Op: "Post", URL: "https://login.example", Err: io.ErrUnexpectedEOF}, entra.Unavailable},
		"in the answer":    {fmt.Errorf("reading: %w", fmt.Errorf("%w: %w", outbound.ErrCutShort, io.ErrUnexpectedEOF)), entra.Malformed},
	} {
		if got := entra.AsTokenError(test.err); got.Kind != test.want || got.Network != outbound.ConnectionReset {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestErrorsWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	server, authority := tokenEndpoint(t, func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(hang) })
	client := newClient(t, authority, server.Client())
	call := func(ctx context.Context) *entra.TokenError {
		_, err := client.AcquireTokenOnBehalfOf(ctx, theAssertion, []string{"scope"})
		return entra.AsTokenError(err)
	}
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if got := call(short); got.Kind != entra.Unavailable {
		t.Errorf("a deadline is %+v", got)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if got := call(gone); got.Kind != entra.Abandoned {
		t.Errorf("a caller that left is %+v", got)
	}
	if entra.AsTokenError(nil) != nil {
		t.Error("no error is an error")
	}
	if got := entra.AsTokenError(errors.New("declined scopes are present: secret")); got.Kind != entra.Malformed || strings.Contains(got.Error(), "secret") {
		t.Errorf("an unknown error is %+v", got)
	}

	_, err := client.AcquireTokenSilent(t.Context(), []string{"scope"}, confidential.WithSilentAccount(confidential.Account{HomeAccountID: "a.b"}))
	if got := entra.AsTokenError(err); got.Kind != entra.Interaction {
		t.Errorf("an empty cache is %+v (%v)", got, err)
	}
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		"-7":                            0,
		"soon":                          0,
		"99999999":                      24 * time.Hour,
		"Wed, 02 Jan 2030 03:04:15 GMT": 10 * time.Second,
		"Wed, 02 Jan 2030 03:04:00 GMT": 0,
	} {
		if got := entra.RetryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: %s, want %s", value, got, want)
		}
	}
}

func newClient(t *testing.T, authority entra.Authority, httpClient *http.Client) confidential.Client {
	t.Helper()
	settings := env.From(map[string]string{"API_CLIENT_SECRET": theSecret})
	client, err := entra.ReadCredential(settings, "API", authority).NewClient(authority, "client", httpClient)
	if err != nil {
		t.Fatal(err)
	}
	return client
}
