package cloud_test

import (
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/cloud"
)

func TestByName(t *testing.T) {
	t.Parallel()
	for _, name := range cloud.Names {
		c, err := cloud.ByName(name, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, address := range []string{c.Authority, c.Graph, c.GraphAudience, c.ResourceManager, c.Portal} {
			if !strings.HasPrefix(address, "https://") || strings.HasSuffix(address, "/") {
				t.Errorf("%s has the address %q", name, address)
			}
		}
		found, tenant, ok := cloud.ForAuthority(c.Authority + "/contoso.example")
		if !ok || found != c || tenant != "contoso.example" {
			t.Errorf("the authority of %s is taken for %+v, tenant %q", name, found, tenant)
		}
	}
	for _, address := range []string{"http://localhost:8003", "localhost:8003", "https://"} {
		if _, err := cloud.ByName("devtenant", address); err == nil {
			t.Errorf("devtenant at %s was accepted", address)
		}
	}
}

func TestForAuthority(t *testing.T) {
	t.Parallel()
	for _, authority := range []string{"", "ReplaceWithTenantID", "http://localhost:8003/tenant", "https://login.windows.net/tenant", "https://login.chinacloudapi.cn/tenant"} {
		if c, _, ok := cloud.ForAuthority(authority); ok {
			t.Errorf("%q is taken for %s", authority, c.Name)
		}
	}
	c, tenant, ok := cloud.ForAuthority("https://devtenant:8003/de7e0000-0000-4000-8000-000000000000")
	if !ok || !c.Development || c.Graph != "https://devtenant:8003" || tenant != "de7e0000-0000-4000-8000-000000000000" {
		t.Errorf("got %+v, %q, %v", c, tenant, ok)
	}
}
