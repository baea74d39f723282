package devtenant_test

import (
	"context"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// TestGoOIDCAndOAuth2 signs in as a relying party does that knows nothing of Entra: go-oidc for discovery, the ID token and
// userinfo, golang.org/x/oauth2 for the code and for renewals, which it asks for without scope.
func TestGoOIDCAndOAuth2(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	ctx := context.WithValue(oidc.ClientContext(t.Context(), tenant.Client()), oauth2.HTTPClient, tenant.Client())
	provider, err := oidc.NewProvider(ctx, tenant.Authority()+"/v2.0")
	if err != nil {
		t.Fatal(err)
	}
	client := oauth2.Config{
		ClientID: webUI, ClientSecret: webUISecret, RedirectURL: redirectURI, Endpoint: provider.Endpoint(),
		Scopes: []string{oidc.ScopeOpenID, "profile", "email", oidc.ScopeOfflineAccess},
	}
	own := oauth2.GenerateVerifier()
	back := answer(t, browser(tenant), client.AuthCodeURL("s1", oauth2.S256ChallengeOption(own), oidc.Nonce("n1")), "alice")
	if back.Get("state") != "s1" {
		t.Fatalf("state %q", back.Get("state"))
	}
	tokens, err := client.Exchange(ctx, back.Get("code"), oauth2.VerifierOption(own))
	if err != nil {
		t.Fatal(err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	idToken, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: webUI}).Verify(ctx, raw)
	if err != nil || idToken.Nonce != "n1" {
		t.Fatalf("the ID token: %v", err)
	}
	expired := *tokens
	expired.Expiry = time.Now().Add(-time.Minute)
	renewed, err := client.TokenSource(ctx, &expired).Token()
	if err != nil {
		t.Fatal(err)
	}
	if renewed.AccessToken == tokens.AccessToken || tenant.Count("token:refresh_token") != 1 {
		t.Errorf("%d renewals", tenant.Count("token:refresh_token"))
	}
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(renewed))
	if err != nil || info.Subject != idToken.Subject || info.Email != "alice@devtenant.example" {
		t.Errorf("userinfo: %+v %v", info, err)
	}
}
