package devtenant_test

import (
	"context"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/node"
)

// openid-client is certified, and knows nothing of Entra. testdata/openid-client signs in with it.
func TestOpenIDClient(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	dir := node.Install(t, ctx, "testdata/openid-client")
	// One https host, as Entra is: this client takes no authorization endpoint on plain http.
	tenant := devtenant.Start(t, func(o *devtenant.Options) { o.BrowserAddr = devtenant.NoAddress })
	enableImplicit(t, tenant, directory.ImplicitGrantSettings{EnableIDTokenIssuance: true})
	s := node.Start(t, ctx, dir, tenant, tenant.Settings())
	agent := browser(tenant)
	for range 2 { // by code, and by the hybrid flow
		var next struct {
			Visit string `json:"visit"`
		}
		s.Read(&next)
		response, err := agent.SignIn(ctx, next.Visit, "alice")
		if err != nil {
			t.Fatal(err)
		}
		s.Write(response.Header.Get("Location"))
	}
	var got struct {
		User, Scope, RenewedScope, Email, Hybrid, AppOnly string
		Renewed                                           bool
		Refusal                                           struct{ Error, Description string }
	}
	s.Read(&got)
	s.End()
	if got.User != "alice@devtenant.example" || got.Hybrid != got.User || got.Email != "alice@devtenant.example" {
		t.Errorf("signed in as %q, by the hybrid flow as %q, userinfo says %q", got.User, got.Hybrid, got.Email)
	}
	if !got.Renewed || got.RenewedScope != got.Scope {
		t.Errorf("renewed without scope: %v, %q and then %q", got.Renewed, got.Scope, got.RenewedScope)
	}
	if claims := claimsOf(t, got.AppOnly); claims["idtyp"] != "app" {
		t.Errorf("app-only: %v", claims)
	}
	if got.Refusal.Error != "invalid_grant" {
		t.Errorf("a refresh token that is none: %+v", got.Refusal)
	}
}
