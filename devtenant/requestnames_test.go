package devtenant

import (
	"slices"
	"testing"
)

// Every endpoint has a title in plain words.
func TestEndpointTitles(t *testing.T) {
	t.Parallel()
	tenant := &Tenant{}
	names := []string{"graph", "token:authorization_code", "token:on_behalf_of", "token:refresh_token", "token:client_credentials", "token:device_code", "token:password", "token:unsupported"}
	for _, route := range slices.Concat(tenant.protocol(), tenant.resourceManager()) {
		names = append(names, route.endpoint)
	}
	for _, name := range names {
		if endpointTitle(name) == name {
			t.Errorf("%s has no title", name)
		}
	}
	for name := range endpointTitles {
		if !slices.Contains(names, name) {
			t.Errorf("there is no endpoint %s", name)
		}
	}
}
