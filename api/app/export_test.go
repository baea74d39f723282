package app

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// What tests in app_test look at from inside.

// Validator validates the tokens that the API is called with.
func (a *App) Validator() *bearer.Validator { return a.validator }

// Panicking returns the handler of s with one more route, GET /panic.
func (a *App) Panicking(reason any) http.Handler {
	router := a.router
	router.GET("/panic", func(*gin.Context) { panic(reason) })
	return router
}

// Routes returns the routes that are registered, as "METHOD /path".
func (a *App) Routes() []string {
	var routes []string
	for _, route := range a.router.Routes() {
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
