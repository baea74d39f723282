package entra_test

import (
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

const (
	contoso  = "aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa"
	fabrikam = "bbbbbbbb-2222-4222-8222-bbbbbbbbbbbb"
	stranger = "cccccccc-3333-4333-8333-cccccccccccc"
)

func readTenants(t *testing.T, authority, allowed string) (entra.Tenants, error) {
	t.Helper()
	r := env.From(map[string]string{"AUTHORITY": authority, "ALLOWED_TENANTS": allowed})
	tenants := entra.ReadTenants(r, entra.ReadAuthority(r))
	return tenants, r.Err()
}

func TestReadTenants(t *testing.T) {
	t.Parallel()
	const several = "https://login.microsoftonline.com/organizations"
	for _, test := range []struct {
		name, authority, allowed string
		wrong                    bool
	}{
		{"one tenant", "https://login.microsoftonline.com/" + contoso, "", false},
		{"one tenant, said twice", "https://login.microsoftonline.com/" + contoso, contoso, true},
		{"several", several, contoso + ", " + strings.ToUpper(fabrikam), false},
		{"common", "https://login.microsoftonline.com/common", contoso, false},
		{"all", several, "*", false},
		{"none", several, "", true},
		{"a name", several, "contoso.com", true},
		{"personal accounts", several, entra.PersonalAccounts, true},
		{"personal accounts' authority", "https://login.microsoftonline.com/consumers", "", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := readTenants(t, test.authority, test.allowed); (err != nil) != test.wrong {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestIssuers(t *testing.T) {
	t.Parallel()
	template := entra.Metadata{Issuer: "https://login.example/{tenantid}/v2.0"}
	issuerOf := func(tenant string) string { return "https://login.example/" + tenant + "/v2.0" }
	some, err := readTenants(t, "https://login.example/organizations", contoso+","+fabrikam)
	if err != nil {
		t.Fatal(err)
	}
	all, err := readTenants(t, "https://login.example/organizations", "*")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		issuers entra.Issuers
		allowed string // in the order contoso, fabrikam, stranger, personal accounts, no tenant
	}{
		"one":     {entra.NewIssuers(entra.Metadata{Issuer: issuerOf(contoso)}, entra.Tenants{}), "10000"},
		"several": {entra.NewIssuers(template, some), "11000"},
		"all":     {entra.NewIssuers(template, all), "11100"},
	} {
		t.Run(name, func(t *testing.T) {
			for i, tenant := range []string{contoso, fabrikam, stranger, entra.PersonalAccounts, "organizations"} {
				if got, want := test.issuers.Allow(tenant), test.allowed[i] == '1'; got != want {
					t.Errorf("%s is let in: %t", tenant, got)
				}
			}
			if got := test.issuers.Of(contoso); got != issuerOf(contoso) || !test.issuers.Is(got) {
				t.Errorf("contoso's issuer is %q", got)
			}
			for _, foreign := range []string{"", "https://login.example/{tenantid}/v2.0", issuerOf("organizations"), "https://evil.example/" + contoso + "/v2.0", issuerOf(contoso) + "/"} {
				if test.issuers.Is(foreign) {
					t.Errorf("%q is taken for an issuer", foreign)
				}
			}
		})
	}
}
