package directory

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"
)

const (
	webUI = "de7e0000-0000-4000-8000-0000000000a1"
	api   = "de7e0000-0000-4000-8000-0000000000a2"
)

func TestDefaultTenant(t *testing.T) {
	t.Parallel()
	d := Default()
	for name, want := range map[string]int{"alice": 3, "bob": 0, "carol": 2, "dave": 1, "erin": 1, "frank": 0, "grace": 250} {
		u, ok := d.User(name)
		if !ok {
			t.Fatalf("no user %s", name)
		}
		if got := len(d.Subscriptions(u.ID)); got != want {
			t.Errorf("%s has %d subscriptions, want %d", name, got, want)
		}
		if u.Devtenant.Shows == "" {
			t.Errorf("%s: the page has nothing to say of them", name)
		}
		downstream := d.GrantedScopes(api, ResourceManagerAppID, u.ID)
		if consented := len(downstream) == 1; consented != (name != "dave") {
			t.Errorf("%s: the API's consent for Resource Manager is %v", name, downstream)
		}
		if got := d.GrantedScopes(webUI, api, u.ID); len(got) != 1 || got[0] != "access_as_user" {
			t.Errorf("%s: the web UI is pre-authorized, but has %v", name, got)
		}
	}
	sample := d.Sample()
	if err := d.CheckSecret(sample.WebUI.AppID, sample.WebUI.ClientSecret); err != nil {
		t.Errorf("the web UI's secret: %v", err)
	}
}

func TestSecretsAreNeverReadBack(t *testing.T) {
	t.Parallel()
	d := Default()
	a, _ := d.ApplicationByAppID(webUI)
	added, err := d.AddPassword(a.ID, "second", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(d.Applications())
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{*added.SecretText, d.Sample().WebUI.ClientSecret} {
		if strings.Contains(string(raw), secret) {
			t.Errorf("a secret can be read back")
		}
		if err := d.CheckSecret(webUI, secret); err != nil {
			t.Errorf("a secret does not work: %v", err)
		}
	}
	if err := d.CheckSecret(webUI, added.KeyID); !errors.Is(err, ErrWrongSecret) {
		t.Errorf("the secret's id in its place: %v", err)
	}
	d.SetClock(func() time.Time { return added.EndDateTime.Add(time.Second) })
	if err := d.CheckSecret(webUI, *added.SecretText); !errors.Is(err, ErrExpiredSecret) {
		t.Errorf("after its end: %v", err)
	}
	if err := d.RemovePassword(a.ID, added.KeyID); err != nil {
		t.Fatal(err)
	}
	if err := d.CheckSecret(webUI, *added.SecretText); !errors.Is(err, ErrWrongSecret) {
		t.Errorf("after its removal: %v", err)
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	three := 3
	tests := map[string]struct {
		change func(*Application)
		want   error
	}{
		"unchanged":             {func(*Application) {}, nil},
		"no display name":       {func(a *Application) { a.DisplayName = " " }, ErrInvalid},
		"unknown audience":      {func(a *Application) { a.SignInAudience = "Everyone" }, ErrInvalid},
		"token version 3":       {func(a *Application) { a.API.RequestedAccessTokenVersion = &three }, ErrInvalid},
		"http redirect":         {func(a *Application) { a.Web.RedirectURIs = []string{"http://example.com/"} }, ErrInvalid},
		"redirect to fragment":  {func(a *Application) { a.Web.RedirectURIs = []string{"https://example.com/#x"} }, ErrInvalid},
		"relative App ID URI":   {func(a *Application) { a.IdentifierURIs = []string{"api"} }, ErrInvalid},
		"App ID URI of another": {func(a *Application) { a.IdentifierURIs = []string{"api://" + strings.ToUpper(api)} }, ErrConflict},
		"uniqueName of another": {func(a *Application) { a.UniqueName = "api" }, ErrConflict},
		"pre-authorized for nothing": {func(a *Application) {
			a.API.PreAuthorizedApplications = []PreAuthorizedApplication{{AppID: api, DelegatedPermissionIDs: []string{newID()}}}
		}, ErrInvalid},
		"scope twice": {func(a *Application) {
			a.API.OAuth2PermissionScopes = []PermissionScope{{ID: newID(), Value: "x"}, {ID: newID(), Value: "x"}}
		}, ErrInvalid},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := Default()
			a, _ := d.ApplicationByAppID(webUI)
			_, err := d.UpdateApplication(a.ID, func(a *Application) error { test.change(a); return nil })
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if after, _ := d.ApplicationByAppID(webUI); test.want != nil && after.DisplayName != a.DisplayName {
				t.Errorf("a refused change was kept")
			}
		})
	}
}

func TestApplicationLife(t *testing.T) {
	t.Parallel()
	d := New(newID(), "Empty", "empty.example")
	a, err := d.CreateApplication(Application{DisplayName: "one"})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Client(a.AppID); ok {
		t.Error("an application without a service principal can sign in")
	}
	sp, err := d.CreateServicePrincipal(ServicePrincipal{AppID: a.AppID})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.CreateServicePrincipal(ServicePrincipal{AppID: a.AppID}); !errors.Is(err, ErrConflict) {
		t.Errorf("a second service principal: %v", err)
	}
	if err := d.Consent(a.AppID, GraphAppID, "", []string{"openid"}); err != nil {
		t.Fatal(err)
	}
	if err := d.DeleteApplication(a.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.ServicePrincipal(sp.ID); ok || len(d.Grants()) != 0 || len(d.DeletedApplications()) != 1 {
		t.Error("deleting left something, or lost it")
	}
	if _, err := d.RestoreApplication(a.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Client(a.AppID); !ok {
		t.Error("restored, but can't sign in")
	}
	if err := d.DeleteApplication(a.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.PurgeApplication(a.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.PurgeApplication(a.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("purged twice: %v", err)
	}
}

func TestConsent(t *testing.T) {
	t.Parallel()
	d := Default()
	dave, _ := d.User("dave")
	for range 2 {
		if err := d.Consent(api, ResourceManagerAppID, dave.ID, []string{"user_impersonation"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := d.GrantedScopes(api, ResourceManagerAppID, dave.ID); len(got) != 1 {
		t.Errorf("after consenting twice: %v", got)
	}
	d.WithdrawConsent(dave.ID)
	if got := d.GrantedScopes(api, ResourceManagerAppID, dave.ID); len(got) != 0 {
		t.Errorf("after withdrawing: %v", got)
	}
	client, _ := d.ServicePrincipalByAppID(api)
	resource, _ := d.ServicePrincipalByAppID(ResourceManagerAppID)
	g := OAuth2PermissionGrant{ClientID: client.ID, ResourceID: resource.ID, ConsentType: AllPrincipals, Scope: "user_impersonation"}
	if _, err := d.CreateGrant(g); err != nil {
		t.Fatal(err)
	}
	if _, err := d.CreateGrant(g); !errors.Is(err, ErrConflict) {
		t.Errorf("the same grant twice: %v", err)
	}
	if got := d.GrantedScopes(api, ResourceManagerAppID, dave.ID); len(got) != 1 {
		t.Errorf("after admin consent: %v", got)
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"not JSON":                `{`,
		"a misspelled member":     `{"tenantID2": "x"}`,
		"a reader who isn't":      `{"subscriptions":[{"displayName":"x","readers":["nobody"]}]}`,
		"a consent of nobody":     `{"consents":[{"client":"x","resource":"y","scopes":[]}]}`,
		"a sample without an app": `{"sample":{"webui":{"appId":"x"}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := Load(strings.NewReader(content)); err == nil {
				t.Error("was accepted")
			}
		})
	}
}

func TestUsersAreFoundByAllTheirNames(t *testing.T) {
	t.Parallel()
	d := New("de7e0000-0000-4000-8000-000000000000", "Contoso", "contoso.example")
	made, err := d.CreateUser(User{MailNickname: "Zoe", UserPrincipalName: "zoe@contoso.example", Mail: "shared@contoso.example"})
	if err != nil {
		t.Fatal(err)
	}
	second, err := d.CreateUser(User{MailNickname: "yan", UserPrincipalName: "yan@contoso.example", Mail: "shared@contoso.example"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.CreateUser(User{MailNickname: "zoe", UserPrincipalName: "other@contoso.example"}); !errors.Is(err, ErrConflict) {
		t.Errorf("a second zoe: %v, want a conflict", err)
	}
	found := func(step, name, want string) {
		t.Helper()
		if user, ok := d.User(name); ok != (want != "") || user.ID != want {
			t.Errorf("%s: %q is %q, want %q", step, name, user.ID, want)
		}
	}
	for _, name := range []string{made.ID, strings.ToUpper(made.ID), "zoe", "ZOE@contoso.example", "shared@contoso.example"} {
		found("created", name, made.ID)
	}
	found("created", "", "")
	if _, err := d.UpdateUser("zoe", func(u *User) { u.MailNickname = "zoey" }); err != nil {
		t.Fatal(err)
	}
	found("renamed", "zoe", "")
	found("renamed", "Zoey", made.ID)
	deleted, err := d.DeleteUser("zoey")
	if err != nil {
		t.Fatal(err)
	}
	found("deleted", made.ID, "")
	found("deleted", "shared@contoso.example", second.ID)
	if err := d.RestoreUser(deleted); err != nil {
		t.Fatal(err)
	}
	found("restored", "zoey", made.ID)
}
