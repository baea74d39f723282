package e2e

import (
	"bytes"
	"encoding/json"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// TestPartsWithAzuresNames: the orders API, and the console without a user, in production and with Microsoft's host names. What
// production.env shows in comments is set in the environment.
func TestPartsWithAzuresNames(t *testing.T) {
	t.Parallel()
	ordersAddr := freeAddr(t)
	a := startAzure(t, func(*devtenant.Options) {}, func(settings map[string]string) []string {
		return []string{
			"API_ORDERS_URL=http://" + ordersAddr, "API_ORDERS_SCOPES=" + settings["API_ORDERS_SCOPES"], "WEBUI_ORDERS=on", "ORDERS_ADDR=" + ordersAddr,
			"ORDERS_CLIENT_ID=" + settings["ORDERS_CLIENT_ID"], "ORDERS_ALLOWED_CLIENTS=" + settings["ORDERS_ALLOWED_CLIENTS"],
			"CONSOLE_API_URL=" + settings["CONSOLE_API_URL"], "CONSOLE_API_SCOPE=" + settings["CONSOLE_API_SCOPE"],
			"CONSOLE_APPLICATION_CLIENT_ID=" + settings["CONSOLE_APPLICATION_CLIENT_ID"],
			"CONSOLE_APPLICATION_CLIENT_SECRET=" + settings["CONSOLE_APPLICATION_CLIENT_SECRET"],
		}
	})
	runProgram(t, "orders", a.dir, ordersAddr, a.environment)

	agent := devtenant.NewUserAgent(a.tenant)
	response, err := agent.SignIn(t.Context(), a.webUI+"/account/login", "alice")
	if body := page(t, response, err); !strings.Contains(body, `href="/orders"`) {
		t.Error("the page doesn't lead to the orders")
	}
	response, err = agent.Post(t.Context(), a.webUI+"/orders", url.Values{"item": {"Tea"}, "quantity": {"2"}})
	body := page(t, response, err)
	_, row, _ := strings.Cut(body, `name="delete" value="`)
	id, _, found := strings.Cut(row, `"`)
	if !strings.Contains(body, "Tea") || !found {
		t.Fatalf("the order isn't on the page:\n%s", body)
	}
	response, err = agent.Post(t.Context(), a.webUI+"/orders", url.Values{"delete": {id}})
	if body := page(t, response, err); !strings.Contains(body, "There are none yet") {
		t.Errorf("the order is still there:\n%s", body)
	}

	console := filepath.Join(t.TempDir(), "console.exe")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", console, "../../console").CombinedOutput(); err != nil {
		t.Fatalf("building console: %v\n%s", err, out)
	}
	run := exec.CommandContext(t.Context(), console, "-as-application", "-json")
	var stdout, stderr bytes.Buffer
	run.Dir, run.Env, run.Stdout, run.Stderr = a.dir, a.environment, &stdout, &stderr
	err = run.Run()
	var list struct{ Value []any }
	if broken := json.Unmarshal(stdout.Bytes(), &list); err != nil || broken != nil || len(list.Value) != 2 {
		t.Errorf("the console, without a user: %v\n%s%s", err, stdout.String(), stderr.String())
	}
}

// TestOrganizationsWithAzuresNames: users of two organizations, each with tokens of their own tenant.
func TestOrganizationsWithAzuresNames(t *testing.T) {
	t.Parallel()
	a := startAzure(t, func(o *devtenant.Options) {
		o.Others, o.MultiTenant = []*directory.Directory{directory.Fabrikam()}, true
	}, func(settings map[string]string) []string {
		return []string{"AUTHORITY=" + settings["AUTHORITY"], "ALLOWED_TENANTS=" + settings["ALLOWED_TENANTS"]}
	})
	fabrikam := a.tenant.In("fabrikam")
	if err := fabrikam.GrantAdminConsent(a.tenant.Settings()["WEBUI_CLIENT_ID"]); err != nil {
		t.Fatal(err)
	}
	for user, want := range map[string]int{"alice": 3, "paul": 1} {
		response, err := devtenant.NewUserAgent(a.tenant).SignIn(t.Context(), a.webUI+"/account/login", user)
		if body := page(t, response, err); subscriptionsOn(body) != want {
			t.Errorf("%s sees %d subscriptions, want %d:\n%s", user, subscriptionsOn(body), want, body)
		}
	}
	for _, request := range a.tenant.Requests() {
		home := a.tenant
		if request.User == "paul" {
			home = fabrikam
		}
		if request.Endpoint == "token:on_behalf_of" && !strings.HasPrefix(request.Path, "/"+home.Directory().TenantID()+"/") {
			t.Errorf("%s's token was exchanged at %s", request.User, request.Path)
		}
	}
}
