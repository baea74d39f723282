package devtenant

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// TB is what Start needs of *testing.T and *testing.B. An interface, so that no program that uses this package links
// the testing package.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Start runs a tenant for a test, both channels on free ports of localhost, and stops it when the test ends.
func Start(tb TB, change ...func(*Options)) *Tenant {
	tb.Helper()
	options := Options{BrowserAddr: "localhost:0", BackAddr: "localhost:0", drain: 100 * time.Millisecond}
	for _, c := range change {
		c(&options)
	}
	t, err := New(options)
	if err != nil {
		tb.Fatalf("starting a tenant: %v", err)
	}
	if err := t.Listen(); err != nil {
		tb.Fatalf("starting a tenant: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- t.Serve(ctx) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Fatalf("stopping the tenant: %v", err)
		}
	})
	return t
}

// AccessToken makes a token A: for the sample's API, by a user (short name), through the sample's web UI, as the token
// endpoint would after a sign-in. Each change may alter, add or delete claims before it is signed; a nil value deletes.
// It panics for a user the tenant doesn't have.
func (t *Tenant) AccessToken(user string, change ...func(claims map[string]any)) string {
	return t.Sign(t.AccessTokenClaims(user), change...)
}

// AccessTokenClaims are the claims of AccessToken.
func (t *Tenant) AccessTokenClaims(user string) map[string]any {
	sample := t.applications()
	return t.userTokenClaims(user, sample.WebUI.AppID, sample.API.AppID, []string{"access_as_user"})
}

// UserToken is AccessToken by another client, for another API of the tenant (both by client id), with other scopes:
//
//	tenant.UserToken("alice", settings["API_CLIENT_ID"], settings["ORDERS_CLIENT_ID"], []string{"order.read"})
func (t *Tenant) UserToken(user, clientAppID, resourceAppID string, scopes []string, change ...func(claims map[string]any)) string {
	return t.Sign(t.userTokenClaims(user, clientAppID, resourceAppID, scopes), change...)
}

// ApplicationToken makes an application's own token for an API (both by client id), with the roles that are assigned to
// it and without a user, as client credentials would.
func (t *Tenant) ApplicationToken(clientAppID, resourceAppID string, change ...func(claims map[string]any)) string {
	client, ok1 := t.dir.Client(clientAppID)
	principal, ok2 := t.dir.ServicePrincipalByAppID(clientAppID)
	if !ok1 || !ok2 {
		panic("devtenant: ApplicationToken: there is no client " + clientAppID)
	}
	request := &tokenRequest{client: client, auth: withSecret}
	return t.Sign(t.appClaims(request, t.resourceOf(resourceAppID), principal, t.options.AccessTokenLifetime), change...)
}

func (t *Tenant) userTokenClaims(user, clientAppID, resourceAppID string, scopes []string) map[string]any {
	u, ok := t.dir.User(user)
	if !ok {
		panic("devtenant: making a token: there is no user " + user)
	}
	client, _ := t.dir.Client(clientAppID)
	auth := withSecret
	if client.Public() {
		auth = publicClient
	}
	request := &tokenRequest{client: client, auth: auth, claims: claimsRequest{CP1: true}}
	e := evidence{Tenant: t.dir.TenantID(), User: u.ID, SessionID: uuid.NewString(), AuthTime: t.Now()}
	t.signedIn(u.ID)
	return t.userClaims(request, t.resourceOf(resourceAppID), u, scopes, e, t.options.AccessTokenLifetime)
}

// resourceOf is an API as a client names it by its App ID URI.
func (t *Tenant) resourceOf(appID string) resourceScopes {
	api, _ := t.dir.ServicePrincipalByAppID(appID)
	resource := resourceScopes{api: api, name: api.AppID}
	if len(api.ServicePrincipalNames) > 1 {
		resource.name = api.ServicePrincipalNames[1]
	}
	return resource
}

// Sign signs any claims with the tenant's current key.
func (t *Tenant) Sign(claims map[string]any, change ...func(claims map[string]any)) string {
	changeClaims(claims, change)
	return t.sign(claims)
}

// changeClaims makes a test's changes; a nil value deletes.
func changeClaims(claims map[string]any, change []func(claims map[string]any)) {
	for _, c := range change {
		c(claims)
	}
	for name, value := range claims {
		if value == nil {
			delete(claims, name)
		}
	}
}

// WithSecondFactor is a change for AccessToken: the user has approved a second factor.
func WithSecondFactor(claims map[string]any) {
	e := evidenceOf(claims)
	e.SecondFactor = true
	claims["aio"] = sealEvidence(e)
}

// Expired is a change for AccessToken: the token ended an hour ago.
func Expired(claims map[string]any) {
	at := time.Now().Add(-2 * time.Hour).Unix()
	claims["iat"], claims["nbf"], claims["exp"] = at, at, at+3600
}
