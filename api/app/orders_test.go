package app_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
	orders "github.com/Azure-Samples/ms-identity-go-on-behalf-of/orders/app"
)

// startWithOrders starts the API in front of the development tenant and the orders API. only are the scopes that the API asks for, by
// their names; none are all.
func startWithOrders(t *testing.T, only ...string) (*devtenant.Tenant, *api) {
	t.Helper()
	return startWithDevtenantSettings(t, func(settings map[string]string) {
		cfg, err := orders.ReadConfig(env.From(settings))
		if err != nil {
			t.Fatal(err)
		}
		made, err := orders.New(t.Context(), cfg, telemetry.NewLogger(io.Discard, "text", "info"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = made.Close() })
		front := httptest.NewServer(made.Handler())
		t.Cleanup(front.Close)
		settings["API_ORDERS_URL"] = front.URL
		if len(only) > 0 {
			settings["API_ORDERS_SCOPES"] = strings.Join(slices.DeleteFunc(strings.Fields(settings["API_ORDERS_SCOPES"]), func(scope string) bool {
				return !slices.Contains(only, scope[strings.LastIndex(scope, "/")+1:])
			}), " ")
		}
	})
}

func ordersIn(t *testing.T, got answer) (ids []string) {
	t.Helper()
	var list struct{ Value []struct{ ID, Item string } }
	if err := json.Unmarshal([]byte(got.body), &list); err != nil || got.status != 200 || list.Value == nil {
		t.Fatalf("got %d %s", got.status, got.body)
	}
	for _, order := range list.Value {
		ids = append(ids, order.ID)
	}
	return ids
}

func TestOrders(t *testing.T) {
	t.Parallel()
	tenant, api := startWithOrders(t)
	alice, bob := tenant.AccessToken("alice"), tenant.AccessToken("bob")
	if ids := ordersIn(t, api.path(t, "GET", "/orders", alice, "")); len(ids) != 0 {
		t.Errorf("at first: %q", ids)
	}
	if got := api.path(t, "POST", "/orders", alice, `{"item":"Tea","quantity":2}`); got.status != 201 {
		t.Fatalf("placed: %d %s", got.status, got.body)
	}
	ids := ordersIn(t, api.path(t, "GET", "/orders", alice, ""))
	if len(ids) != 1 || len(ordersIn(t, api.path(t, "GET", "/orders", bob, ""))) != 0 {
		t.Fatalf("after placing one: %q", ids)
	}
	if got := api.path(t, "DELETE", "/orders/"+ids[0], bob, ""); got.status != 404 || got.problem(t).Code != "orders_not_found" {
		t.Errorf("another's: %d %s", got.status, got.body)
	}
	if got := api.path(t, "DELETE", "/orders/"+ids[0], alice, ""); got.status != 204 || got.body != "" {
		t.Errorf("deleted: %d %s", got.status, got.body)
	}
	if ids := ordersIn(t, api.path(t, "GET", "/orders", alice, "")); len(ids) != 0 {
		t.Errorf("at last: %q", ids)
	}
	if scopes := exchanges(tenant); len(scopes) != 2 || strings.Count(scopes[0], "order.") != 3 { // one a user, with all three
		t.Errorf("exchanged for %q", scopes)
	}
}

// TestOrdersWithoutAScope: what the API wasn't given is 403 from end to end. (Entra puts all that was granted into a token, whatever
// was asked for.)
func TestOrdersWithoutAScope(t *testing.T) {
	t.Parallel()
	tenant, api := startWithOrders(t, "order.read")
	registered, ok := tenant.Directory().ApplicationByAppID(tenant.Settings()["ORDERS_CLIENT_ID"])
	if !ok {
		t.Fatal("the tenant has no orders API")
	}
	_, err := tenant.Directory().UpdateApplication(registered.ID, func(a *directory.Application) error {
		a.API.PreAuthorizedApplications[0].DelegatedPermissionIDs = []string{a.API.OAuth2PermissionScopes[0].ID}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	alice := tenant.AccessToken("alice")
	ordersIn(t, api.path(t, "GET", "/orders", alice, ""))
	for _, request := range [][3]string{{"POST", "/orders", `{"item":"Tea","quantity":2}`}, {"DELETE", "/orders/x", ""}} {
		got := api.path(t, request[0], request[1], alice, request[2])
		if got.status != 403 || got.problem(t).Code != "orders_forbidden" || !strings.Contains(got.body, `"upstream":"insufficient_scope"`) {
			t.Errorf("%s: %d %s", request[0], got.status, got.body)
		}
	}
}

func TestOrdersThatAreRejected(t *testing.T) {
	t.Parallel()
	tenant, api := startWithOrders(t)
	alice := tenant.AccessToken("alice")
	for name, body := range map[string]string{
		"no item": `{"quantity":1}`, "a long item": `{"item":"` + strings.Repeat("x", 101) + `","quantity":1}`, "nothing": `{"item":"Tea","quantity":0}`,
		"too many": `{"item":"Tea","quantity":1001}`, "not JSON": `item=Tea`, "a list": `[]`, "one more member": `{"item":"Tea","quantity":1,"price":0}`,
		"something behind": `{"item":"Tea","quantity":1}}`, "spaces": `{"item":" \u00a0","quantity":1}`, "a control character": `{"item":"Tea\u001b[2J","quantity":1}`,
		"two": `{"item":"Tea","quantity":1}{}`, "null": `null`, "a number with a fraction": `{"item":"Tea","quantity":1.5}`, "a list of items": `{"item":["Tea"],"quantity":1}`,
		"long": `{"item":"` + strings.Repeat("x", 5000) + `"}`,
	} {
		if got := api.path(t, "POST", "/orders", alice, body); got.status != 400 || got.problem(t).Code != "orders_rejected" {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	for range 100 {
		api.path(t, "POST", "/orders", alice, `{"item":"Tea","quantity":2}`)
	}
	if got := api.path(t, "POST", "/orders", alice, `{"item":"Tea","quantity":2}`); got.status != 400 {
		t.Errorf("the 101st: %d %s", got.status, got.body)
	}
}

// TestOrderIDsThatLeadElsewhere: an id becomes part of an address, and stays one step of it.
func TestOrderIDsThatLeadElsewhere(t *testing.T) {
	t.Parallel()
	tenant, api := startWithOrders(t)
	alice, bob := tenant.AccessToken("alice"), tenant.AccessToken("bob")
	api.path(t, "POST", "/orders", alice, `{"item":"Tea","quantity":2}`)
	mine := ordersIn(t, api.path(t, "GET", "/orders", alice, ""))
	for _, id := range []string{"..", ".", "%2e%2e", "%2E", "..%3Fx", "x%00", "%25", mine[0] + "%20", strings.ToLower(mine[0])} {
		if got := api.path(t, "DELETE", "/orders/"+id, alice, ""); got.status != 404 || got.problem(t).Code != "orders_not_found" {
			t.Errorf("%q: %d %s", id, got.status, got.body)
		}
	}
	if got := api.path(t, "DELETE", "/orders/"+mine[0], bob, ""); got.status != 404 {
		t.Errorf("bob deletes alice's order: %d %s", got.status, got.body)
	}
	if left := ordersIn(t, api.path(t, "GET", "/orders", alice, "")); len(left) != 1 {
		t.Errorf("alice's orders are %v", left)
	}
}

func TestWithoutOrders(t *testing.T) {
	t.Parallel()
	tenant, api := startWithDevtenant(t, func(cfg *app.Config) { cfg.Orders.URL = &url.URL{Scheme: "http", Host: "localhost:1"} })
	if got := api.path(t, "GET", "/orders", tenant.AccessToken("alice"), ""); got.status < 500 {
		t.Errorf("an address where nobody is: %d %s", got.status, got.body)
	}
	tenant, api = startWithDevtenant(t, nil)
	if got := api.path(t, "GET", "/orders", tenant.AccessToken("alice"), ""); got.status != 404 || got.problem(t).Code != "not_configured" {
		t.Errorf("without an address: %d %s", got.status, got.body)
	}
}

// startWithDevtenantSettings is startWithDevtenant with other settings.
func startWithDevtenantSettings(t *testing.T, change func(map[string]string)) (*devtenant.Tenant, *api) {
	t.Helper()
	tenant := devtenant.Start(t)
	settings := maps.Clone(tenant.Settings())
	settings["TRUSTED_CA_FILE"] = t.TempDir() + "/devtenant.pem"
	if err := tenant.WriteCertificate(settings["TRUSTED_CA_FILE"]); err != nil {
		t.Fatal(err)
	}
	change(settings)
	return tenant, startConfigured(t, readConfig(t, settings), nil)
}
