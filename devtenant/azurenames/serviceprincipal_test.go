package azurenames

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// credentials are what az ad sp create-for-rbac and az ad sp credential reset write.
type credentials struct {
	AppID, DisplayName, Password, Tenant string
	FileWithCertAndPrivateKey            string
}

// login signs in as a service principal, on a machine of its own.
func (c credentials) login(t *testing.T, admin *cli) *cli {
	t.Helper()
	machine := newCLI(t, admin.tenant)
	arguments := []string{"login", "--service-principal", "--username", c.AppID, "--tenant", c.Tenant, "--allow-no-subscriptions"}
	if c.FileWithCertAndPrivateKey == "" {
		machine.run(t, nil, append(arguments, "--password", c.Password)...)
		return machine
	}
	r := machine.try(t, append(arguments, "--certificate", c.FileWithCertAndPrivateKey)...)
	if strings.Contains(r.stderr, "unrecognized arguments") { // before 2.67 the certificate was given as a password
		r = machine.try(t, append(arguments, "--password", c.FileWithCertAndPrivateKey)...)
	}
	machine.read(t, r, nil)
	return machine
}

func TestServicePrincipalLogin(t *testing.T) {
	admin := administrator(t)
	t.Run("by secret", func(t *testing.T) {
		var made credentials
		admin.run(t, &made, "ad", "sp", "create-for-rbac", "--name", "robot")
		machine := made.login(t, admin)
		var accounts []account
		machine.run(t, &accounts, "account", "list")
		if len(accounts) != 1 || accounts[0].User.Name != made.AppID || accounts[0].User.Type != "servicePrincipal" {
			t.Errorf("signed in to %+v", accounts)
		}
		if claims := machine.token(t); claims["appid"] != made.AppID || claims["appidacr"] != "1" || claims["idtyp"] != "app" {
			t.Errorf("the token is %v", claims)
		}
		if r := newCLI(t, admin.tenant).try(t, "login", "--service-principal", "--username", made.AppID, "--password", "wrong", "--tenant", made.Tenant); r.err == nil || !strings.Contains(r.stderr, "AADSTS7000215") {
			t.Errorf("a wrong secret: %v: %s", r.err, r.stderr)
		}
	})
	t.Run("by certificate", func(t *testing.T) {
		var made credentials
		admin.run(t, &made, "ad", "sp", "create-for-rbac", "--name", "robot with a certificate", "--create-cert")
		if pem, err := os.ReadFile(made.FileWithCertAndPrivateKey); err != nil || !strings.Contains(string(pem), "BEGIN CERTIFICATE") || made.Password != "" {
			t.Fatalf("%+v: %v", made, err)
		}
		if claims := made.login(t, admin).token(t); claims["appid"] != made.AppID || claims["appidacr"] != "2" {
			t.Errorf("the token is %v", claims)
		}
	})
	// The CLI of Debian 12 can't assign roles: it calls a library that its package has in another version. Resource
	// Manager is asked as az role assignment create asks it.
	t.Run("with a role on a subscription", func(t *testing.T) {
		var made credentials
		admin.run(t, &made, "ad", "sp", "create-for-rbac", "--name", "reader")
		var principal struct{ ID string }
		admin.run(t, &principal, "ad", "sp", "show", "--id", made.AppID)
		const api = production + "/providers/Microsoft.Authorization/"
		var roles struct{ Value []struct{ ID string } }
		admin.run(t, &roles, "rest", "--url", api+"roleDefinitions?api-version=2022-04-01&$filter=roleName eq 'Reader'")
		if len(roles.Value) != 1 {
			t.Fatalf("roles called Reader: %+v", roles)
		}
		admin.run(t, nil, "rest", "--method", "put", "--url", api+"roleAssignments/11111111-2222-4333-8444-555555555555?api-version=2022-04-01", "--body",
			`{"properties":{"roleDefinitionId":"`+roles.Value[0].ID+`","principalId":"`+principal.ID+`","principalType":"ServicePrincipal"}}`)
		var accounts []account
		made.login(t, admin).run(t, &accounts, "account", "list")
		if len(accounts) != 1 || accounts[0].Name != "Contoso production" {
			t.Errorf("signed in to %+v", accounts)
		}
	})
}

func TestCredentialReset(t *testing.T) {
	admin := administrator(t)
	var first credentials
	admin.run(t, &first, "ad", "sp", "create-for-rbac", "--name", "robot")
	passwords := func(command string) int {
		var list []struct{ KeyID string }
		admin.run(t, &list, "ad", command, "credential", "list", "--id", first.AppID)
		return len(list)
	}
	t.Run("of a service principal", func(t *testing.T) {
		var second, third credentials
		admin.run(t, &second, "ad", "sp", "credential", "reset", "--id", first.AppID)
		admin.run(t, &third, "ad", "sp", "credential", "reset", "--id", first.AppID, "--append", "--display-name", "third")
		second.login(t, admin)
		third.login(t, admin)
		if got := passwords("sp"); got != 2 {
			t.Errorf("%d secrets, want 2", got)
		}
	})
	t.Run("with a certificate", func(t *testing.T) {
		var made credentials
		admin.run(t, &made, "ad", "sp", "credential", "reset", "--id", first.AppID, "--create-cert", "--append")
		if claims := made.login(t, admin).token(t); claims["appidacr"] != "2" {
			t.Errorf("the token is %v", claims)
		}
		var keys []struct{ KeyID string }
		admin.run(t, &keys, "ad", "sp", "credential", "list", "--id", first.AppID, "--cert")
		if len(keys) != 1 {
			t.Fatalf("certificates: %+v", keys)
		}
		admin.run(t, nil, "ad", "sp", "credential", "delete", "--id", first.AppID, "--cert", "--key-id", keys[0].KeyID)
	})
	t.Run("of an application", func(t *testing.T) {
		var made credentials
		admin.run(t, &made, "ad", "app", "credential", "reset", "--id", first.AppID)
		made.login(t, admin)
		r := newCLI(t, admin.tenant).try(t, "login", "--service-principal", "--username", first.AppID, "--password", first.Password, "--tenant", first.Tenant)
		if got := passwords("app"); got != 1 || r.err == nil {
			t.Errorf("%d secrets, want 1; the old one: %v", got, r.err)
		}
	})
}

func TestServicePrincipals(t *testing.T) {
	admin := administrator(t)
	var app, principal struct{ ID, AppID, DisplayName, ServicePrincipalType string }
	admin.run(t, &app, "ad", "app", "create", "--display-name", "Invoices")
	admin.run(t, &principal, "ad", "sp", "create", "--id", app.AppID)
	if principal.AppID != app.AppID || principal.DisplayName != "Invoices" || principal.ServicePrincipalType != "Application" {
		t.Errorf("created %+v", principal)
	}
	for name, arguments := range map[string][]string{
		"by name":         {"--display-name", "Invoi"},
		"by spn":          {"--spn", app.AppID},
		"by filter":       {"--filter", "appId eq '" + app.AppID + "'"},
		"all of them":     {"--all"},
		"a built-in name": {"--spn", "https://graph.microsoft.com"},
	} {
		var list []struct{ AppID string }
		admin.run(t, &list, append([]string{"ad", "sp", "list"}, arguments...)...)
		here := slices.ContainsFunc(list, func(sp struct{ AppID string }) bool { return sp.AppID == app.AppID })
		if here == (name == "a built-in name") || len(list) == 0 {
			t.Errorf("%s: %+v", name, list)
		}
	}
	admin.run(t, nil, "ad", "sp", "update", "--id", principal.ID, "--set", "tags=[\"mine\"]", "--set", "appRoleAssignmentRequired=true")
	var shown struct {
		Tags                      []string
		AppRoleAssignmentRequired bool
	}
	admin.run(t, &shown, "ad", "sp", "show", "--id", app.AppID)
	if len(shown.Tags) != 1 || !shown.AppRoleAssignmentRequired {
		t.Errorf("updated to %+v", shown)
	}
	admin.run(t, nil, "ad", "sp", "delete", "--id", app.AppID)
	if r := admin.try(t, "ad", "sp", "show", "--id", app.AppID); r.err == nil || !strings.Contains(r.stderr, "does not exist") {
		t.Errorf("after delete: %v: %s", r.err, r.stderr)
	}
}
