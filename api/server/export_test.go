package server

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// What tests in server_test look at from inside.

var (
	BearerToken      = bearerToken
	ChallengedClaims = challengedClaims
)

// CheckShape runs the checks that come before any cryptography.
func CheckShape(token string) error { return checkShape(secret.New(token)) }

// CheckPayload runs the checks that come after the signature.
func CheckPayload(payload []byte, now time.Time, issuer, tenantID, audience, scope string, clients []string) error {
	claims, err := readClaims(payload)
	if err != nil {
		return err
	}
	if _, err := claims.checkTimes(now); err != nil {
		return err
	}
	if err := claims.checkOrigin(issuer, tenantID, audience); err != nil {
		return err
	}
	_, err = claims.checkCaller(callerRules{scope: scope, clients: clients})
	return err
}

// IsProblem tells whether an error is one that a caller can be told.
func IsProblem(err error) bool { return asProblem(err).code != "internal_error" }

// Panicking returns the handler of s with one more route, GET /panic.
func (s *Server) Panicking(reason any) http.Handler {
	router := s.handler.(*gin.Engine)
	router.GET("/panic", func(*gin.Context) { panic(reason) })
	return router
}

// Routes returns the routes that are registered, as "METHOD /path".
func (s *Server) Routes() []string {
	var routes []string
	for _, route := range s.handler.(*gin.Engine).Routes() {
		routes = append(routes, route.Method+" "+route.Path)
	}
	return routes
}

// ResourceManagerScope returns the scope that the SDK asks for with an authority and an address of Resource Manager, and
// fails where it would call another address.
func ResourceManagerScope(t *testing.T, authority, address string) string {
	t.Helper()
	parsed, err := entra.ParseAuthority(authority)
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	service := cloudOf(parsed, endpoint).Services[cloud.ResourceManager]
	if service.Endpoint != address {
		t.Errorf("%s: the address is %q", authority, service.Endpoint)
	}
	return service.Audience + "/.default"
}

// Admit runs the door alone.
func (s *Server) Admit(ctx context.Context, header http.Header) error {
	_, err := s.door.check(ctx, header)
	return err
}

// AdmitAnew is Admit of a token that the door has not seen.
func (s *Server) AdmitAnew(ctx context.Context, header http.Header) error {
	token, err := bearerToken(header)
	if err != nil {
		return err
	}
	_, err = s.door.checkToken(ctx, token)
	return err
}
