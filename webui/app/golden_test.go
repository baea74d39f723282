package app_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

var shownTraceID = regexp.MustCompile(`<code class="copy">[0-9a-f]{32}</code>`)

// block is where a golden file gets a new line: pages have none of their own, and nobody could read what changed.
var block = regexp.MustCompile(`<(html|head|meta|title|link|body|header|main|footer|section|article|div|h1|h2|h3|p|ol|ul|li|table|thead|tbody|tr|th|td|details|summary|pre|svg|dl|form)[ >]`)

// golden compares a page with testdata/<name>.golden.html.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	got = shownTraceID.ReplaceAll(got, []byte(`<code class="copy">(the trace id)</code>`))
	got = bytes.ReplaceAll(got, []byte(apperror.DocsURL), []byte("(DocsURL)")) // whoever clones the sample has their own
	got = block.ReplaceAll(got, []byte("\n$0"))
	file := filepath.Join("testdata", name+".golden.html")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test ./webui/app -update writes it)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got\n%s", file, got)
	}
}

// listOfTwo is an answer of the API whose names are markup.
const listOfTwo = `{"value":[
		{"id":"/subscriptions/1","subscriptionId":"11111111-0000-4000-8000-000000000001","displayName":"Production","state":"Enabled","tenantId":"aaaaaaaa-0000-4000-8000-000000000000"},
		{"id":"/subscriptions/2","subscriptionId":"11111111-0000-4000-8000-000000000002","displayName":"<script>alert(1)</script>","state":"\"><b>","tenantId":"aaaaaaaa-0000-4000-8000-000000000000"}
	],"count":2}`

// TestPages compares whole pages. What is explained below the list has its own golden files in webui/explain.
func TestPages(t *testing.T) {
	t.Parallel()
	user := session.User{TenantID: "aaaaaaaa-0000-4000-8000-000000000000", ObjectID: "cccccccc-0000-4000-8000-000000000001", Name: "Alice Archer", Username: "alice@contoso.example"}
	for name, answer := range map[string]string{"list": listOfTwo, "empty": `{"value":[],"count":0}`} {
		t.Run(name, func(t *testing.T) {
			got, err := app.RenderList([]byte(answer), user)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, name, got)
		})
	}
	t.Run("signed-out", func(t *testing.T) {
		golden(t, "signed-out", []byte(startStack(t, options{}).visitor(t).get("/").body))
	})
}

// TestErrorPages compares the pages of some errors that need no more than a request.
func TestErrorPages(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	for name, open := range map[string]func(*visitor) page{
		"sign_in_expired":    func(v *visitor) page { return v.get("/account/callback?state=x&code=y") },
		"sign_in_mismatch":   func(v *visitor) page { return v.get("/account/callback?code=x") },
		"not_found":          func(v *visitor) page { return v.get("/nowhere") },
		"method_not_allowed": func(v *visitor) page { return v.send("DELETE", "/") },
		"cross_site":         func(v *visitor) page { return v.send("POST", "/account/logout", "Sec-Fetch-Site", "cross-site") },
		"bad_request":        func(v *visitor) page { return v.get("/account/frontchannel-logout") },
		"consent_declined": func(v *visitor) page {
			return v.get("/account/callback?error=access_denied&error_description=AADSTS65004%3A+declined&state=" + v.begin("/account/login").Get("state"))
		},
		"identity_provider_unavailable": func(v *visitor) page {
			return v.get("/account/callback?error=server_error&state=" + v.begin("/account/login").Get("state"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := open(s.visitor(t))
			if got.code() != name {
				t.Errorf("the code is %q", got.code())
			}
			golden(t, name, []byte(got.body))
		})
	}
}

// TestCase46MarkupInNames: what Azure's users call their subscriptions is text.
func TestCase46MarkupInNames(t *testing.T) {
	t.Parallel()
	user := session.User{Name: `<img src=x onerror=alert(1)>`, Username: `"><script>alert(1)</script>`}
	got, err := app.RenderList([]byte(listOfTwo), user)
	if err != nil {
		t.Fatal(err)
	}
	if page := string(got); strings.Contains(page, "<script") || strings.Contains(page, "<img") {
		t.Error("a name is markup")
	}
}
