package devtenant_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// page is one of the tenant's own pages, as a browser gets it.
func page(t *testing.T, tenant *devtenant.Tenant, path string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tenant.BrowserURL()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	response, err := tenant.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	text := body(t, response)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d: %s", path, response.StatusCode, text)
	}
	return text
}

// askKeys has the tenant asked for its keys, with a header.
func askKeys(t *testing.T, tenant *devtenant.Tenant, header, value string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, tenant.Authority()+"/discovery/v2.0/keys", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set(header, value)
	response, err := tenant.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
}

// One id in one form, however it was sent: as traceparent or as a GUID, by a program, or by a browser and the pages after it.
func TestTraceID(t *testing.T) {
	t.Parallel()
	const id, asGUID = "4bf92f3577b34da6a3ce929d0e0e4736", "4BF92F35-77B3-4DA6-A3CE-929D0E0E4736"
	tenant := devtenant.Start(t)
	askKeys(t, tenant, "Traceparent", "00-"+id+"-00f067aa0ba902b7-01")
	askKeys(t, tenant, "Client-Request-Id", asGUID)
	answer(t, browser(tenant), authorizeURL(tenant, map[string]string{"client-request-id": asGUID}), "alice")
	asked := tenant.Requests()
	for _, request := range asked {
		if request.TraceID != id {
			t.Errorf("%s has the trace id %s", request.Endpoint, request.TraceID)
		}
	}
	if len(asked) != 5 {
		t.Errorf("%d requests, want two for keys and three for the sign-in", len(asked))
	}
	askKeys(t, tenant, "Traceparent", "00-nonsense-01")
	if got := tenant.Requests()[0].TraceID; len(got) != 32 || got == id {
		t.Errorf("without an id: %q", got)
	}
}

// The page has one group for each trace, names for ids, and a search that leaves whole groups.
func TestRequestsPage(t *testing.T) {
	t.Parallel()
	const first, second = "4bf92f3577b34da6a3ce929d0e0e4736", "0af7651916cd43dd8448eb211c80319c"
	tenant := devtenant.Start(t)
	if text := page(t, tenant, "/requests"); !strings.Contains(text, "Nothing yet") {
		t.Errorf("at first: %s", text)
	}
	answer(t, browser(tenant), authorizeURL(tenant, map[string]string{"client-request-id": first}), "alice")
	askKeys(t, tenant, "Traceparent", "00-"+second+"-00f067aa0ba902b7-01")
	for _, test := range []struct {
		name, query   string
		groups        int
		says, silence string
	}{
		{"all, the last first", "", 2, "by Subscriptions web UI", "Only trace"},
		{"a trace", "?trace=" + second, 1, "Signing keys read", "Account picked"},
		{"a trace as a GUID", "?trace=4bf92f35-77b3-4da6-a3ce-929d0e0e4736", 1, "Account picked", "Signing keys read"},
		{"a group whole, by one of its requests", "?q=ACCOUNT+picked", 1, "Browser sent to sign in", "Signing keys read"},
		{"a person", "?q=alice+archer", 1, first, second},
		{"words of two requests", "?q=keys+alice", 0, "Nothing of what is kept fits", first},
		{"what is no search", "?q=%3Cscript%3E", 0, "&lt;script&gt;", "<script>"},
		{"names of ids", "?q=callback", 1, `<span class="named">Subscriptions API</span>`, second},
	} {
		text := page(t, tenant, "/requests"+test.query)
		if got := strings.Count(text, `class="trace"`); got != test.groups || !strings.Contains(text, test.says) || strings.Contains(text, test.silence) {
			t.Errorf("%s: %d groups, want %d; says %q: %v; says %q: %v", test.name, got, test.groups,
				test.says, strings.Contains(text, test.says), test.silence, strings.Contains(text, test.silence))
		}
	}
	text := page(t, tenant, "/requests")
	if strings.Index(text, second) > strings.Index(text, first) || strings.Index(text, "Account picked") < strings.Index(text, "Browser sent to sign in") {
		t.Error("the last group is not first, or a group's first request isn't")
	}
	var asked struct{ Requests []struct{ TraceID string } }
	remotely(t, tenant, http.MethodGet, "/requests?trace="+second, "", 200, &asked)
	if len(asked.Requests) != 1 || asked.Requests[0].TraceID != second {
		t.Errorf("for programs: %+v", asked)
	}
}
