package explain

import (
	"bytes"
	"encoding/base64"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/signin"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

// block is where a golden file gets a new line: pages have none of their own, and nobody could read what changed.
var block = regexp.MustCompile(`<(section|div|h2|h3|p|ol|li|table|thead|tbody|tr|th|td|svg)[ >]`)

const told = `"explain":{"steps":[{"name":"validation","milliseconds":0.2,"cached":false},{"name":"exchange","milliseconds":7.5,"cached":false},
	{"name":"resource_manager","milliseconds":3,"cached":false,"pages":2}],
	"token":{"aud":"https://management.core.windows.net/","iss":"https://sts.windows.net/aaaaaaaa-0000-4000-8000-000000000000/","ver":"1.0",
	"scp":"user_impersonation","appid":"bbbbbbbb-0000-4000-8000-000000000002","oid":"cccccccc-0000-4000-8000-000000000001","tid":"aaaaaaaa-0000-4000-8000-000000000000","exp":1767358800}}`

// TestSections compares what is added to a page: with what the API tells in development, and without.
func TestSections(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	payload := fmt.Sprintf(`{"aud":"bbbbbbbb-0000-4000-8000-000000000002","iss":"https://login.microsoftonline.com/aaaaaaaa-0000-4000-8000-000000000000/v2.0","ver":"2.0",
		"scp":"access_as_user","azp":"bbbbbbbb-0000-4000-8000-000000000001","oid":"cccccccc-0000-4000-8000-000000000001","tid":"aaaaaaaa-0000-4000-8000-000000000000","exp":%d}`, now.Add(70*time.Minute).Unix())
	tokenA := "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".c2lnbmF0dXJl"
	for _, test := range []struct {
		name   string
		answer string
		cached bool
	}{
		{"list", `{"value":[],` + told + `}`, true},
		{"list-in-production", `{"value":[]}`, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			seen := &figures{
				about: subjectOf("/"),
				page: app.PageInfo{
					Session: session.Record{SignedIn: now.Add(-3 * time.Minute), User: session.User{TenantID: "aaaaaaaa-0000-4000-8000-000000000000", ObjectID: "cccccccc-0000-4000-8000-000000000001", Name: "Alice Archer"}}, TokenTook: 400 * time.Microsecond,
					Token: signin.Token{Value: secret.New(tokenA), Cached: test.cached},
				},
				apiTook: 12 * time.Millisecond, answer: parse([]byte(test.answer)),
			}
			var got bytes.Buffer
			if err := section(seen, &experiments{}, func() time.Time { return now }).Render(t.Context(), &got); err != nil {
				t.Fatal(err)
			}
			for _, part := range strings.Split(tokenA, ".")[1:] {
				if strings.Contains(got.String(), part) {
					t.Error("the page holds a part of the token")
				}
			}
			golden(t, test.name, block.ReplaceAll(got.Bytes(), []byte("\n$0")))
		})
	}
}

// TestPlan is the section for visitors.
func TestPlan(t *testing.T) {
	t.Parallel()
	cfg := app.Config{}
	Plug(&cfg)
	var got bytes.Buffer
	if err := cfg.Hooks.SignedOut.Render(t.Context(), &got); err != nil {
		t.Fatal(err)
	}
	golden(t, "signed-out", block.ReplaceAll(got.Bytes(), []byte("\n$0")))
}

// TestHooks: what the API tells in the course of a page is below that page.
func TestHooks(t *testing.T) {
	t.Parallel()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"value":[],`+told+`}`) }))
	t.Cleanup(api.Close)
	cfg := app.Config{Development: true, RedirectURI: &url.URL{Path: "/account/callback"}}
	Plug(&cfg)
	client := http.Client{Transport: cfg.Hooks.Transport(http.DefaultTransport)}
	for range 2 { // nothing of one page is on another
		ctx, extra := cfg.Hooks.PageBegins(t.Context(), app.PageInfo{})
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, api.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(response.Body); err != nil || response.Body.Close() != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		if err := extra.Section.Render(t.Context(), &got); err != nil || strings.Count(got.String(), `took">7.5 ms`) != 1 {
			t.Errorf("%v, %s", err, got.String())
		}
	}
}

// TestProductionTellsNothingOfTheAPI: neither a page nor an error page says where in the network the API is, or what it answered.
func TestProductionTellsNothingOfTheAPI(t *testing.T) {
	t.Parallel()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"value":[],`+told+`}`) }))
	t.Cleanup(api.Close)
	for _, development := range []bool{true, false} {
		cfg := app.Config{Development: development, RedirectURI: &url.URL{Path: "/account/callback"}}
		Plug(&cfg)
		ctx, page := cfg.Hooks.PageBegins(t.Context(), app.PageInfo{})
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, api.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := (&http.Client{Transport: cfg.Hooks.Transport(http.DefaultTransport)}).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(response.Body); err != nil || response.Body.Close() != nil {
			t.Fatal(err)
		}
		failed := cfg.Hooks.Failed(ctx, apperror.New(apperror.APIUnavailable, nil))
		for name, extra := range map[string]templates.Extra{"page": page, "error page": failed} {
			var got bytes.Buffer
			if err := extra.Section.Render(t.Context(), &got); err != nil {
				t.Fatal(err)
			}
			if tells := strings.Contains(got.String(), request.Host) || strings.Contains(got.String(), "7.5 ms"); tells != development {
				t.Errorf("development %v: the %s tells of the API: %v", development, name, tells)
			}
		}
	}
}

// TestProductionHasNoExperiments: what is for development has no route and watches nothing there.
func TestProductionHasNoExperiments(t *testing.T) {
	t.Parallel()
	for _, development := range []bool{true, false} {
		cfg := app.Config{Development: development, RedirectURI: &url.URL{Path: "/account/callback"}}
		Plug(&cfg)
		if got := len(cfg.Hooks.Actions) > 0 && len(cfg.Hooks.Middleware) > 0 && cfg.Hooks.Identity != nil && cfg.Hooks.Store != nil; got != development {
			t.Errorf("development %v: the hooks are %+v", development, cfg.Hooks)
		}
		if !development && (cfg.Hooks.Actions != nil || cfg.Hooks.Middleware != nil || cfg.Hooks.Identity != nil || cfg.Hooks.Store != nil) {
			t.Errorf("production has %+v", cfg.Hooks)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden.html")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test ./webui/explain -update writes it)", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got\n%s", file, got)
	}
}

// TestExplanationsOfAnswers: what isn't an explanation is none, and an answer that is too long for the copy is shown without.
func TestExplanationsOfAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		body  string
		steps int
	}{
		"an answer":            {`{"value":[],` + told + `}`, 3},
		"a problem":            {`{"type":"about:blank","status":401,` + told + `}`, 3},
		"in production":        {`{"value":[]}`, 0},
		"null":                 {`{"explain":null}`, 0},
		"of another shape":     {`{"explain":[1]}`, 0},
		"a word of a value":    {`{"value":["\"explain\""]}`, 0},
		"cut short":            {`{"value":[],` + told, 0},
		"longer than the copy": {`{"value":["` + strings.Repeat("x", maxCopy) + `"],` + told + `}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			seen := &figures{}
			body := &copied{ReadCloser: io.NopCloser(strings.NewReader(test.body)), seen: seen, started: time.Now(), copies: true}
			read, err := io.ReadAll(body)
			if err != nil || string(read) != test.body || body.Close() != nil {
				t.Fatal("the answer isn't handed on as it is")
			}
			steps := 0
			if seen.answer != nil {
				steps = len(seen.answer.Steps)
			}
			if steps != test.steps {
				t.Errorf("%d steps, want %d", steps, test.steps)
			}
			if body.copy.Len() > maxCopy+64<<10 {
				t.Errorf("the copy has %d bytes", body.copy.Len())
			}
		})
	}
}

// TestCallsOutsideOfPages go through untouched.
func TestCallsOutsideOfPages(t *testing.T) {
	t.Parallel()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://api/", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer := &http.Response{Body: http.NoBody}
	got, err := transport{next: roundTrip(func(*http.Request) (*http.Response, error) { return answer, nil }), development: true}.RoundTrip(request)
	if err != nil || got.Body != http.NoBody {
		t.Errorf("%v, %v", got, err)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (r roundTrip) RoundTrip(request *http.Request) (*http.Response, error) { return r(request) }
