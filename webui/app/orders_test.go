package app_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	orders "github.com/Azure-Samples/ms-identity-go-on-behalf-of/orders/app"
)

// TestOrdersPage: over the whole chain, from the form to the orders API and back.
func TestOrdersPage(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	made := s.ordersAPI(t)
	front := httptest.NewServer(made)
	t.Cleanup(front.Close)
	v := s.visitor(t)
	v.signIn("alice")
	if got := v.get("/orders"); got.status != http.StatusNotFound || got.code() != "not_configured" {
		t.Errorf("switched off: %d %s", got.status, got.code())
	}
	if strings.Contains(v.get("/").body, `href="/orders"`) {
		t.Error("switched off: a page leads there")
	}
	s.settings["API_ORDERS_URL"] = front.URL
	s.restartAPI(t)

	if got := v.get("/orders"); got.status != 200 || !strings.Contains(got.body, "There are none yet") {
		t.Fatalf("at first: %d %s", got.status, got.code())
	}
	if got := v.post("/orders", "item=%3Cb%3ETea&quantity=2", "Sec-Fetch-Site", "cross-site"); got.status != 403 || got.code() != "cross_site" {
		t.Errorf("from another site: %d %s", got.status, got.code())
	}
	if got := v.post("/orders", "item=%3Cb%3ETea&quantity=2", "Sec-Fetch-Site", "same-origin"); got.status != 303 || got.header.Get("Location") != "/orders" {
		t.Fatalf("placed: %d %s", got.status, got.code())
	}
	got := v.get("/orders")
	if !strings.Contains(got.body, "&lt;b&gt;Tea") || strings.Contains(got.body, "<b>Tea") {
		t.Errorf("the order isn't shown as text")
	}
	if got := v.post("/orders", "item=Tea&quantity=many", "Sec-Fetch-Site", "same-origin"); got.status != 400 || got.code() != "orders_rejected" {
		t.Errorf("a bad quantity: %d %s", got.status, got.code())
	} else if !strings.Contains(got.body, `value="Tea"`) || !strings.Contains(got.body, `value="many"`) || !strings.Contains(got.body, `role="alert"`) || !strings.Contains(got.body, "&lt;b&gt;Tea") {
		t.Errorf("a bad quantity: what was typed, why it isn't taken, or the other orders are gone:\n%s", got.body)
	}
	if got := v.post("/orders", "item="+strings.Repeat("x", 9000), "Sec-Fetch-Site", "same-origin"); got.status != 400 || got.code() != "bad_request" {
		t.Errorf("a long form: %d %s", got.status, got.code())
	}
	for _, id := range []string{"..", ".", "../subscriptions", "a/b", "x\r\nHost: y", "none"} {
		if got := v.post("/orders", "delete="+url.QueryEscape(id), "Sec-Fetch-Site", "same-origin"); got.status != 404 || got.code() != "orders_not_found" {
			t.Errorf("deleted %q: %d %s", id, got.status, got.code())
		}
	}
	_, rest, _ := strings.Cut(got.body, `name="delete" value="`)
	id, _, _ := strings.Cut(rest, `"`)
	front.Close()
	if got := v.post("/orders", "item=Tea&quantity=2", "Sec-Fetch-Site", "same-origin"); got.status != 502 || got.code() != "orders_unavailable" || !strings.Contains(got.body, `value="Tea"`) || strings.Contains(got.body, "There are none yet") {
		t.Errorf("the orders API is away: %d %s:\n%s", got.status, got.code(), got.body)
	}
	front = httptest.NewServer(made)
	t.Cleanup(front.Close)
	s.settings["API_ORDERS_URL"] = front.URL
	s.restartAPI(t)
	if got := v.post("/orders", "delete="+id, "Sec-Fetch-Site", "same-origin"); got.status != 303 {
		t.Errorf("deleted: %d %s", got.status, got.code())
	}
	if got := v.get("/orders"); !strings.Contains(got.body, "There are none yet") {
		t.Error("the order is still there")
	}
}

// ordersAPI is the orders API, for the stack's tenant.
func (s *stack) ordersAPI(t *testing.T) http.Handler {
	t.Helper()
	cfg, err := orders.ReadConfig(env.From(s.settings))
	if err != nil {
		t.Fatal(err)
	}
	made, err := orders.New(t.Context(), cfg, telemetry.NewLogger(io.Discard, "text", "info"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = made.Close() })
	return made.Handler()
}

// TestOrdersWithoutTheScope: what token B may not do is said from end to end, and the rest goes on.
func TestOrdersWithoutTheScope(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	front := httptest.NewServer(s.ordersAPI(t))
	t.Cleanup(front.Close)
	s.settings["API_ORDERS_URL"] = front.URL
	registered, ok := s.tenant.Directory().ApplicationByAppID(s.settings["ORDERS_CLIENT_ID"])
	if !ok {
		t.Fatal("the tenant has no orders API")
	}
	_, err := s.tenant.Directory().UpdateApplication(registered.ID, func(a *directory.Application) error {
		a.API.PreAuthorizedApplications[0].DelegatedPermissionIDs = []string{a.API.OAuth2PermissionScopes[0].ID} // order.read
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.settings["API_ORDERS_SCOPES"], _, _ = strings.Cut(s.settings["API_ORDERS_SCOPES"], " ")
	s.restartAPI(t)
	v := s.visitor(t)
	v.signIn("alice")
	if got := v.get("/orders"); got.status != 200 {
		t.Fatalf("reading: %d %s", got.status, got.code())
	}
	for _, form := range []string{"item=Tea&quantity=2", "delete=none"} {
		got := v.post("/orders", form, "Sec-Fetch-Site", "same-origin")
		if got.status != 403 || got.code() != "orders_forbidden" || !strings.Contains(got.body, "scope") {
			t.Errorf("%s: %d %s:\n%s", form, got.status, got.code(), got.body)
		}
	}
}

// TestAnOrderThatGotNoAnswer: a user who has waited for the API once doesn't wait for it again, to be told.
func TestAnOrderThatGotNoAnswer(t *testing.T) {
	t.Parallel()
	for _, code := range []string{apperror.OrdersRejected, "orders_unavailable", apperror.ProviderUnavailable} {
		var again atomic.Int32
		s := startStack(t, options{api: withoutProfile(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost {
				problemOfAPI(apperror.Get(code).Status, code)(w, r)
				return
			}
			if r.URL.Path == "/orders" {
				again.Add(1)
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"value":[]}`)
		}))})
		v := s.visitor(t)
		v.signIn("alice")
		got := v.post("/orders", "item=Tea&quantity=2", "Sec-Fetch-Site", "same-origin")
		if !strings.Contains(got.body, `value="Tea"`) || (again.Load() > 0) != (code == apperror.OrdersRejected) {
			t.Errorf("%s: page %d %s, and the API is asked %d times more", code, got.status, got.code(), again.Load())
		}
	}
}

// TestAPageOfAProxyIsNoSuccess: what isn't the API's answer doesn't pass for an order that was placed, or one that was deleted.
func TestAPageOfAProxyIsNoSuccess(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{api: withoutProfile(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!doctype html><title>Please sign in to the network</title>")
	}))})
	v := s.visitor(t)
	v.signIn("alice")
	for _, form := range []string{"item=Tea&quantity=2", "delete=one"} {
		if got := v.post("/orders", form, "Sec-Fetch-Site", "same-origin"); got.status != 502 || got.code() != apperror.APIMalformed {
			t.Errorf("%s: %d %s", form, got.status, got.code())
		}
	}
}

// post sends a form, as a page of the web UI does.
func (v *visitor) post(path, form string, header ...string) page {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.stack.url+path, strings.NewReader(form))
	if err != nil {
		v.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	return v.do(request)
}
