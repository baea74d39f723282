package server_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/server"
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
		t.Fatalf("%v (go test ./webui/server -update writes it)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got\n%s", file, got)
	}
}

const (
	listOfTwo = `{"value":[
		{"id":"/subscriptions/1","subscriptionId":"11111111-0000-4000-8000-000000000001","displayName":"Production","state":"Enabled","tenantId":"aaaaaaaa-0000-4000-8000-000000000000"},
		{"id":"/subscriptions/2","subscriptionId":"11111111-0000-4000-8000-000000000002","displayName":"<script>alert(1)</script>","state":"\"><b>","tenantId":"aaaaaaaa-0000-4000-8000-000000000000"}
	],"count":2`
	trail = `,"trail":{"steps":[{"name":"door","milliseconds":0.2,"cached":false},{"name":"exchange","milliseconds":7.5,"cached":false},
		{"name":"resource-manager","milliseconds":3,"cached":false,"pages":2}],
		"token":{"aud":"https://management.core.windows.net/","iss":"https://sts.windows.net/aaaaaaaa-0000-4000-8000-000000000000/","ver":"1.0",
		"scp":"user_impersonation","appid":"bbbbbbbb-0000-4000-8000-000000000002","oid":"cccccccc-0000-4000-8000-000000000001","tid":"aaaaaaaa-0000-4000-8000-000000000000","exp":1767358800}}`
)

// TestPages compares whole pages.
func TestPages(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	user := session.Record{
		User:     session.User{TenantID: "aaaaaaaa-0000-4000-8000-000000000000", ObjectID: "cccccccc-0000-4000-8000-000000000001", Name: "Alice Archer", Username: "alice@contoso.example"},
		SignedIn: now.Add(-3 * time.Minute),
	}
	payload := fmt.Sprintf(`{"aud":"bbbbbbbb-0000-4000-8000-000000000002","iss":"https://login.microsoftonline.com/aaaaaaaa-0000-4000-8000-000000000000/v2.0","ver":"2.0",
		"scp":"access_as_user","azp":"bbbbbbbb-0000-4000-8000-000000000001","oid":"cccccccc-0000-4000-8000-000000000001","tid":"aaaaaaaa-0000-4000-8000-000000000000","exp":%d}`, now.Add(70*time.Minute).Unix())
	tokenA := "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2lnbmF0dXJl"
	for _, test := range []struct {
		name   string
		answer string
		cached bool
	}{
		{"list", listOfTwo + trail + "}", true},
		{"list-in-production", listOfTwo + "}", false},
		{"empty", `{"value":[],"count":0}`, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := server.RenderList([]byte(test.answer), tokenA, user, test.cached, now)
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range strings.Split(tokenA, ".")[1:] {
				if bytes.Contains(got, []byte(part)) {
					t.Error("the page holds a part of the token")
				}
			}
			golden(t, test.name, got)
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
		"sign_in_mismatch":   func(v *visitor) page { return v.get("/account/callback") },
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
	user := session.Record{User: session.User{Name: `<img src=x onerror=alert(1)>`, Username: `"><script>alert(1)</script>`}}
	got, err := server.RenderList([]byte(listOfTwo+"}"), "", user, false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if page := string(got); strings.Contains(page, "<script") || strings.Contains(page, "<img") {
		t.Error("a name is markup")
	}
}
