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

// Start runs a tenant for a test, both doors on free ports of localhost, and stops it when the test ends.
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
	u, ok := t.dir.User(user)
	if !ok {
		panic("devtenant: AccessToken: there is no user " + user)
	}
	sample := t.dir.Sample()
	client, _ := t.dir.Client(sample.WebUI.AppID)
	api, _ := t.dir.ServicePrincipalByAppID(sample.API.AppID)
	resource := resourceScopes{api: api, name: api.AppID}
	if len(api.ServicePrincipalNames) > 1 {
		resource.name = api.ServicePrincipalNames[1] // the App ID URI
	}
	request := &tokenRequest{client: client, auth: withSecret, claims: claimsRequest{CP1: true}}
	e := evidence{User: u.ID, SessionID: uuid.NewString(), AuthTime: t.Now()}
	t.signedIn(u.ID)
	return t.userClaims(request, resource, u, []string{"access_as_user"}, e, t.options.AccessTokenLifetime)
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
