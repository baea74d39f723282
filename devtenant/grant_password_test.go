package devtenant_test

import (
	"strings"
	"testing"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

func allowPasswords(o *devtenant.Options) { o.PasswordGrant = true }

func byPassword(change map[string]string) map[string]string {
	return altered(map[string]string{
		"grant_type": "password", "client_id": azureCLI, "username": "alice@devtenant.example", "password": "alice-for-development-only",
		"scope": armScope + " openid profile offline_access",
	}, change)
}

func TestPasswordGrant(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t, allowPasswords)
	got := postToken(t, tenant, byPassword(nil))
	if got.Status != 200 || got.IDToken == "" || got.RefreshToken == "" || claimsOf(t, got.AccessToken)["oid"] != "de7e0000-0000-4000-8000-0000000000d1" {
		t.Fatalf("%d %s", got.Status, got.Description)
	}
	for name, test := range map[string]struct {
		change map[string]string
		want   int
	}{
		"wrong password":           {map[string]string{"password": "x"}, 50126},
		"no password":              {map[string]string{"password": ""}, 900144},
		"no name":                  {map[string]string{"username": ""}, 900144},
		"no scope":                 {map[string]string{"scope": ""}, 900144},
		"nobody":                   {map[string]string{"username": "nobody@devtenant.example"}, 50034},
		"a short name":             {map[string]string{"username": "alice"}, 50034},
		"a user without password":  {map[string]string{"username": "bob@devtenant.example", "password": "x"}, 50126},
		"a second factor":          {map[string]string{"username": "carol@devtenant.example", "password": "carol-for-development-only"}, 50076},
		"no consent":               {map[string]string{"client_id": webUI, "client_secret": webUISecret}, 65001},
		"a client without a proof": {map[string]string{"client_id": webUI}, 7000218},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused(t, postToken(t, tenant, byPassword(test.change)), test.want)
		})
	}
	for _, request := range tenant.Requests() {
		for _, parameter := range request.Parameters {
			if strings.Contains(parameter.Value, "for-development-only") {
				t.Error("a password can be seen in the list of requests")
			}
		}
	}
}

func TestPasswordGrantIsOffByDefault(t *testing.T) {
	t.Parallel()
	refused(t, postToken(t, devtenant.Start(t), byPassword(nil)), 70003)
}

func TestUserRealm(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	for name, want := range map[string]string{"alice@devtenant.example": "Managed", "somebody@DevTenant.example": "Managed", "somebody@fabrikam.example": "Managed", "x@elsewhere.example": "Unknown", "x": "Unknown"} {
		if status, got := getJSON(t, tenant, tenant.BackURL()+"/common/userrealm/"+name+"?api-version=1.0"); status != 200 || got["account_type"] != want || got["ver"] != "1.0" {
			t.Errorf("%s: %d %v", name, status, got)
		}
	}
}

func TestMSALGoPassword(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t, allowPasswords)
	client, err := public.New(azureCLI, public.WithAuthority(tenant.Authority()), public.WithHTTPClient(tenant.Client()), public.WithInstanceDiscovery(false))
	if err != nil {
		t.Fatal(err)
	}
	//lint:ignore SA1019 deprecated for good reasons, and a client of Entra as long as it is there
	got, err := client.AcquireTokenByUsernamePassword(t.Context(), []string{"https://management.azure.com/.default"}, "alice@devtenant.example", "alice-for-development-only")
	if err != nil {
		t.Fatal(err)
	}
	if got.Account.PreferredUsername != "alice@devtenant.example" || tenant.Count("userrealm") != 1 {
		t.Errorf("signed in as %q; %d questions about the realm", got.Account.PreferredUsername, tenant.Count("userrealm"))
	}
}
