package entra

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"ms-identity-go-on-behalf-of/internal/outbound"
)

const (
	// maxBody bounds an answer of Entra, in bytes. Its keys are the longest, some 15 kB.
	maxBody = 512 << 10
	// discoveryLifetime is how long the tenant's discovery document is believed.
	discoveryLifetime = 12 * time.Hour
	// warmUpPause is between two attempts to reach the tenant, while it can't be reached.
	warmUpPause = time.Second
)

// NewHTTPClient returns a tier's one client for Entra. timeout bounds each request, and trustedCAFile is one more
// certificate authority, PEM; "" for none.
//
// It keeps discovery documents: the tiers make an MSAL client for each use of a user's tokens, and each of those reads them.
func NewHTTPClient(trustedCAFile string, timeout time.Duration) (*http.Client, error) {
	client, err := outbound.NewClient(outbound.Options{
		TrustedCAFile: trustedCAFile, Timeout: timeout, MaxBody: maxBody, RequestIDHeader: "client-request-id",
	})
	if err != nil {
		return nil, err
	}
	client.Transport = outbound.CacheDiscovery(client.Transport, discoveryLifetime)
	return client, nil
}

// WarmUp fetches metadata and keys ahead of the first request. It waits for limit at most; a tenant that can't be reached for
// longer is asked in the background until it answers, by nobody's request: those who come meanwhile are told at once to
// come back, and don't add to it. stop ends that, and returns when it has ended.
func (p *Provider) WarmUp(ctx context.Context, limit time.Duration, log *slog.Logger) (stop func()) {
	first, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := p.Warm(first)
	if err == nil {
		return func() {}
	}
	log.WarnContext(ctx, "the tenant can't be reached; not ready until it can", "error", err)
	background, end := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-background.Done():
				return
			case <-time.After(warmUpPause):
			}
			if p.Warm(background) == nil {
				log.InfoContext(background, "the tenant can be reached; ready")
				return
			}
		}
	})
	return func() {
		end()
		group.Wait()
	}
}
