package e2e

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu      sync.Mutex
	content bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.content.String()
}

// TestNothingSecretIsLogged drives the sample through its ways, at the most talkative level, and looks for what must
// never be in a log.
func TestNothingSecretIsLogged(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			var log buffer
			s := start(t, func(o *stack.Options) {
				o.Log = &log
				o.Settings = map[string]string{"LOG_LEVEL": "debug", "LOG_FORMAT": format}
			})
			var pages []string
			var secrets []string
			for _, user := range []string{"alice", "bob", "dave", "erin"} {
				agent := devtenant.NewUserAgent(s.Tenant)
				response, err := agent.SignIn(t.Context(), s.WebUI.URL+"/account/login", user)
				if err != nil {
					t.Fatal(err)
				}
				pages = append(pages, text(t, response))
				for _, cookie := range agent.Cookies(s.WebUI.URL) {
					secrets = append(secrets, cookie.Value)
				}
				if _, err := agent.Post(t.Context(), s.WebUI.URL+"/account/logout", url.Values{}); err != nil {
					t.Fatal(err)
				}
			}
			// What is wrong is logged, too: a bad token, a bad callback.
			token := s.Tenant.AccessToken("alice")
			for _, bad := range []string{token, token + "x", strings.ToUpper(token)} {
				_, _ = callAPI(t.Context(), s, bad)
				secrets = append(secrets, bad)
			}
			secrets = append(secrets, "the-code-of-nobody", "the-state-of-nobody")
			response, err := http.Get(s.WebUI.URL + "/account/callback?code=the-code-of-nobody&state=the-state-of-nobody")
			if err != nil {
				t.Fatal(err)
			}
			pages = append(pages, text(t, response))
			for _, name := range []string{"WEBUI_CLIENT_SECRET", "API_CLIENT_SECRET", "WEBUI_SESSION_KEY"} {
				secrets = append(secrets, s.Settings[name])
			}

			logged := log.String()
			if strings.Count(logged, "\n") < 20 {
				t.Fatalf("the log is suspiciously short:\n%s", logged)
			}
			for _, place := range append(pages, logged) {
				for _, hidden := range secrets {
					if hidden != "" && strings.Contains(place, hidden) {
						t.Errorf("%q shows in:\n%s", hidden, around(place, hidden))
					}
				}
				// A JWT, a code or a state in a query (those are long; code=50057 is a link to an explanation), a client assertion.
				for _, pattern := range []string{`eyJ[\w-]{10,}\.`, `[?&](code|state|nonce|code_verifier)=[^\s"&]{12,}`, `client_assertion=\S`} {
					if match := regexp.MustCompile(pattern).FindString(place); match != "" {
						t.Errorf("%q shows in:\n%s", match, around(place, match))
					}
				}
			}
		})
	}
}

// around returns the line that a text stands in.
func around(place, text string) string {
	for line := range strings.Lines(place) {
		if strings.Contains(line, text) {
			return line
		}
	}
	return ""
}
