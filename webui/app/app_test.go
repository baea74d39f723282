package app_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestRoutesAreInTheTable(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, match := range regexp.MustCompile(`(?m)^//\t(GET|POST|PUT|PATCH|DELETE) +(/\S*)  (.*)$`).FindAllStringSubmatch(string(source), -1) {
		documented = append(documented, match[1]+" "+match[2])
		if strings.Contains(match[3], "(HEAD too)") {
			documented = append(documented, "HEAD "+match[2])
		}
	}
	registered := s.webUI.Routes()
	slices.Sort(documented)
	slices.Sort(registered)
	if !slices.Equal(documented, registered) {
		t.Errorf("doc.go says %q, the router %q", documented, registered)
	}
}

// TestEveryCaseHasATest: each number of the list of cases is in the name of a test or of a row.
func TestEveryCaseHasATest(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../*/*_test.go")
	if err != nil || len(files) < 10 {
		t.Fatal(files, err)
	}
	var all strings.Builder
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(source)
	}
	for number := 1; number <= 48; number++ {
		if !regexp.MustCompile(fmt.Sprintf(`"case %02d: |func TestCase%02d|cases? [0-9 ,and]*\b%d\b`, number, number, number)).MatchString(all.String()) {
			t.Errorf("case %d has no test", number)
		}
	}
}

// TestABrowserThatStopsListening: a page that is ready is sent all the same, and the log has no fault.
func TestABrowserThatStopsListening(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	ctx, leave := context.WithCancel(t.Context())
	leave()
	answer := httptest.NewRecorder()
	s.webUI.Handler().ServeHTTP(answer, httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil))
	if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "</html>") {
		t.Errorf("%d %s", answer.Code, answer.Body)
	}
}

func TestAPanicIsAPage(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	front := httptest.NewServer(s.webUI.Panicking(errors.New("secret words of a panic")))
	t.Cleanup(front.Close)
	for range 2 { // the process lives
		response, err := http.Get(front.URL + "/panic?code=secret-code")
		if err != nil {
			t.Fatal(err)
		}
		got := s.browser(t).read(response, nil)
		got.want(t, http.StatusInternalServerError, "internal_error")
		if got.header.Get("Content-Security-Policy") == "" {
			t.Error("the page has no Content-Security-Policy")
		}
		golden(t, "internal_error", []byte(got.body))
	}
	if log := s.log.String(); strings.Contains(log, "secret") || !strings.Contains(log, "a handler panicked") {
		t.Errorf("the log is %s", log)
	}
}

func TestHead(t *testing.T) {
	t.Parallel()
	v := startStack(t, options{}).visitor(t)
	for _, path := range []string{"/", "/static/style.css", "/healthz", "/readyz"} {
		if got := v.send(http.MethodHead, path); got.status != http.StatusOK || got.body != "" {
			t.Errorf("%s: %d, %d bytes", path, got.status, len(got.body))
		}
	}
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	v := startStack(t, options{}).visitor(t)
	for path, contentType := range map[string]string{"/static/style.css": "text/css; charset=utf-8", "/static/favicon.svg": "image/svg+xml"} {
		got := v.get(path)
		if got.status != http.StatusOK || got.header.Get("Content-Type") != contentType || got.header.Get("ETag") == "" {
			t.Errorf("%s: %d, %v", path, got.status, got.header)
		}
		if again := v.get(path, "If-None-Match", got.header.Get("ETag")); again.status != http.StatusNotModified {
			t.Errorf("%s, unchanged: %d", path, again.status)
		}
	}
	for _, path := range []string{"/static/", "/static/nothing", "/static/../server.go", "/static/..%2fserver.go", "/static//style.css", "/static/style.css/", "/static/%00"} {
		v.get(path).want(t, http.StatusNotFound, "not_found")
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	good := startStack(t, options{}).settings
	if _, err := readConfig(good); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, setting, value string }{
		{"no tenant", "AUTHORITY", ""},
		{"every tenant", "AUTHORITY", "https://login.microsoftonline.com/consumers"},
		{"a client id that is a name", "WEBUI_CLIENT_ID", "my web ui"},
		{"no secret", "WEBUI_CLIENT_SECRET", ""},
		{"no callback", "WEBUI_REDIRECT_URI", ""},
		{"a callback at another path", "WEBUI_REDIRECT_URI", "http://localhost:8000/callback"},
		{"a callback with a query", "WEBUI_REDIRECT_URI", "http://localhost:8000/account/callback?x=1"},
		{"no place to go after signing out", "WEBUI_POST_LOGOUT_REDIRECT_URI", "/"},
		{"a key that is too short", "WEBUI_SESSION_KEY", "c2hvcnQ="},
		{"a key that isn't base64", "WEBUI_SESSION_KEY", "ReplaceWithRandomBytes"},
		{"no API", "WEBUI_API_URL", "localhost:8001"},
		{"a scope without its App ID URI", "WEBUI_API_SCOPE", "access_as_user"},
		{"two scopes", "WEBUI_API_SCOPE", "api://x/a api://x/b"},
		{"the default scope", "WEBUI_API_SCOPE", "api://x/.default"},
		{"an App ID URI without a scope", "WEBUI_API_SCOPE", "api://x/"},
		{"a level that doesn't exist", "LOG_LEVEL", "loud"},
		{"an address without a port", "WEBUI_ADDR", "localhost"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			settings := maps.Clone(good)
			settings[test.setting] = test.value
			_, err := readConfig(settings)
			if err == nil || !strings.Contains(err.Error(), "\n  "+test.setting+" ") {
				t.Errorf("the error is %v, want one about %s", err, test.setting)
			}
		})
	}
	t.Run("all at once", func(t *testing.T) {
		_, err := readConfig(map[string]string{})
		for _, name := range []string{"AUTHORITY", "WEBUI_CLIENT_ID", "WEBUI_CLIENT_SECRET", "WEBUI_REDIRECT_URI", "WEBUI_POST_LOGOUT_REDIRECT_URI", "WEBUI_SESSION_KEY", "WEBUI_API_URL", "WEBUI_API_SCOPE"} {
			if err == nil || !strings.Contains(err.Error(), "\n  "+name+" ") {
				t.Errorf("the error doesn't name %s: %v", name, err)
			}
		}
	})
}
