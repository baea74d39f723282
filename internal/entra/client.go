package entra

import (
	"net/http"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

const (
	// maxBody bounds an answer of Entra, in bytes. Its keys are the longest, some 15 kB.
	maxBody = 512 << 10
	// discoveryLifetime is how long the tenant's discovery document is believed.
	discoveryLifetime = 12 * time.Hour
)

// NewHTTPClient returns a tier's one client for Entra. timeout bounds each request, and trustedCAFile is one more
// certificate authority, PEM; "" for none.
//
// It keeps discovery documents: the tiers make an MSAL client for each use of a user's tokens, and each of those reads them.
func NewHTTPClient(trustedCAFile string, timeout time.Duration) (*http.Client, error) {
	client, err := outbound.NewClient(outbound.Options{
		TrustedCAFile: trustedCAFile, Timeout: timeout, MaxBody: maxBody, Proxied: true, RequestIDHeader: "client-request-id",
	})
	if err != nil {
		return nil, err
	}
	client.Transport = outbound.CacheDiscovery(client.Transport, discoveryLifetime)
	return client, nil
}
