package wire_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/wire"
)

// hidden begins every value that must not be shown.
const hidden = "HIDDEN"

// TestTokenRequests: a request is shown without what is secret in it, and goes on as it is; so does its answer.
func TestTokenRequests(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sent   url.Values
		status int
		answer string
		want   []wire.Field // some of those that are shown
		token  string
	}{
		"on behalf of": {
			sent: url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "requested_token_use": {"on_behalf_of"},
				"assertion": {hidden}, "client_secret": {hidden}, "client_assertion": {hidden}, "scope": {"a/.default"}, "of_tomorrow": {hidden}},
			status: http.StatusOK, answer: `{"access_token":"HIDDEN-B","refresh_token":"HIDDEN","id_token":"HIDDEN","expires_in":3599,"of_tomorrow":"HIDDEN"}`,
			want: []wire.Field{{Name: "requested_token_use", Value: "on_behalf_of"}, {Name: "assertion", Value: "[token A]"}, {Name: "client_secret", Value: "[redacted]"},
				{Name: "scope", Value: "a/.default"}, {Name: "expires_in", Value: "3599"}, {Name: "access_token", Value: "[a new token]"}},
			token: "HIDDEN-B",
		},
		"a code": {
			sent:   url.Values{"grant_type": {"authorization_code"}, "code": {hidden}, "code_verifier": {hidden}},
			status: http.StatusOK, answer: `{"access_token":"HIDDEN-A"}`, want: []wire.Field{{Name: "grant_type", Value: "authorization_code"}}, token: "HIDDEN-A",
		},
		"a refusal": {
			sent:   url.Values{"grant_type": {"refresh_token"}, "refresh_token": {hidden}},
			status: http.StatusBadRequest, answer: `{"error":"invalid_grant","error_description":"HIDDEN","error_codes":[50173]}`,
			want: []wire.Field{{Name: "error", Value: "invalid_grant"}, {Name: "error_codes", Value: "[50173]"}},
		},
		"no JSON": {sent: url.Values{"grant_type": {"refresh_token"}}, status: http.StatusBadGateway, answer: "<html>" + hidden},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			entra := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if got, _ := io.ReadAll(r.Body); string(got) != test.sent.Encode() {
					t.Errorf("the request goes on as %s", got)
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.answer)
			}))
			t.Cleanup(entra.Close)
			var shown wire.Request
			var token secret.Digest
			client := http.Client{Transport: wire.TokenRequests{Next: http.DefaultTransport, Now: time.Now, Seen: func(_ context.Context, r wire.Request, d secret.Digest) { shown, token = r, d }}}
			response, err := client.PostForm(entra.URL+"/token?x="+hidden, test.sent)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if got, err := io.ReadAll(response.Body); err != nil || string(got) != test.answer {
				t.Errorf("the answer comes as %s, %v", got, err)
			}
			text, err := json.Marshal(shown)
			if err != nil || strings.Contains(string(text), hidden) {
				t.Errorf("%v, it shows %s", err, text)
			}
			if shown.Status != test.status || shown.URL != entra.URL+"/token" || token != secret.New(test.token).Digest() {
				t.Errorf("it shows %s", text)
			}
			for _, field := range test.want {
				if !slices.Contains(slices.Concat(shown.Sent, shown.Answer), field) {
					t.Errorf("%v is missing in %s", field, text)
				}
			}
			if verifier := test.sent.Get("code_verifier"); verifier != "" && shown.Challenge != oauth2.S256ChallengeFromVerifier(verifier) {
				t.Errorf("its challenge is %q", shown.Challenge)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }

// TestTokenRequestsThatFail: no answer, and one that breaks off, stay what they are.
func TestTokenRequestsThatFail(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		body io.Reader // nil: no answer
		want error
	}{
		"no answer": {nil, broken},
		"cut short": {io.MultiReader(strings.NewReader(`{"access_`), failing{broken}), broken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := 0
			client := http.Client{Transport: wire.TokenRequests{Now: time.Now, Seen: func(context.Context, wire.Request, secret.Digest) { seen++ },
				Next: roundTrip(func(*http.Request) (*http.Response, error) {
					if test.body == nil {
						return nil, broken
					}
					return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(test.body)}, nil
				})}}
			response, err := client.PostForm("http://entra/token", url.Values{"grant_type": {"x"}})
			if err == nil {
				_, err = io.ReadAll(response.Body)
				_ = response.Body.Close()
			}
			if !errors.Is(err, test.want) || seen != 1 {
				t.Errorf("%v, seen %d times", err, seen)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestCallsAndAuthorizations: what goes through addresses and headers is shown by the same list.
func TestCallsAndAuthorizations(t *testing.T) {
	t.Parallel()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://user:HIDDEN@management/subscriptions?api-version=2022-12-01&$skiptoken=HIDDEN", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+hidden)
	call := wire.Call(request, &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {hidden}}}, "token B", time.Now())
	address, err := url.Parse("https://entra/authorize?code_challenge=abc&state=HIDDEN&nonce=HIDDEN&login_hint=HIDDEN&response_type=code")
	if err != nil {
		t.Fatal(err)
	}
	authorization := wire.Authorization(address, time.Now())
	text, err := json.Marshal([]wire.Request{call, authorization, wire.Call(request, nil, "token B", time.Now())})
	if err != nil || strings.Contains(string(text), hidden) {
		t.Errorf("%v, it shows %s", err, text)
	}
	for _, want := range []string{`"Bearer [token B]"`, `"2022-12-01"`, `"application/json"`, `"https://entra/authorize"`, `"https://management/subscriptions"`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s is missing in %s", want, text)
		}
	}
	if authorization.Challenge != "abc" {
		t.Errorf("the challenge is %q", authorization.Challenge)
	}
}

// TestRecentIsBounded: the oldest goes first.
func TestRecentIsBounded(t *testing.T) {
	t.Parallel()
	recent := wire.NewRecent[int, string]()
	for key := range 501 {
		recent.Add(key, "first")
	}
	recent.Add(500, "second")
	if _, ok := recent.Get(0); ok {
		t.Error("the oldest is still there")
	}
	if got, ok := recent.Get(1); !ok || got != "first" {
		t.Errorf("the next is %q, %v", got, ok)
	}
	if got, _ := recent.Get(500); got != "second" {
		t.Errorf("the last is %q", got)
	}
}
