package outbound

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/sync/singleflight"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
)

const (
	maxDiscoveryDocuments = 512              // an authority has two, and each organization has its own
	discoveryRetry        = 30 * time.Second // while the provider is down: one attempt in so long, and not one a request
	discoveryTimeout      = 10 * time.Second // of one fetch
)

// CacheDiscovery keeps what Entra answers to discovery requests: the OpenID configuration and the list of cloud instances.
//
// MSAL fetches both for each new client, and the tiers make a client for each use of a user's cache; without this, each
// call would begin with a request that always has the same answer. A document older than lifetime goes on serving while
// one request in the background fetches it anew: nobody waits for an identity provider that hangs, and nobody notices one
// that is down for a minute.
func CacheDiscovery(next http.RoundTripper, lifetime time.Duration) http.RoundTripper {
	documents, _ := simplelru.NewLRU[string, document](maxDiscoveryDocuments, nil) // fails for a size below one
	return &discoveryCache{next: next, lifetime: lifetime, documents: documents}
}

type discoveryCache struct {
	next     http.RoundTripper
	lifetime time.Duration
	flights  singleflight.Group

	mu        sync.Mutex
	documents *simplelru.LRU[string, document]
}

// document is an answer, whole. Only one with code 200 is kept.
type document struct {
	code    int
	status  string // such as "200 OK"
	header  http.Header
	body    []byte
	renewAt time.Time
}

func (c *discoveryCache) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method != http.MethodGet || !isDiscovery(request.URL.Path) {
		return c.next.RoundTrip(request)
	}
	key := strings.TrimSuffix(request.URL.String(), "?") // MSAL's URL ends with an empty query, go-oidc's doesn't
	kept, ok := c.kept(key)
	if ok && time.Now().Before(kept.renewAt) {
		return kept.answer(request), nil
	}
	flight := c.start(request, key)
	if ok {
		return kept.answer(request), nil
	}
	select {
	case fetched := <-flight:
		if fetched.Err != nil {
			return nil, fetched.Err
		}
		return fetched.Val.(document).answer(request), nil
	case <-request.Context().Done():
		return nil, request.Context().Err()
	}
}

// start fetches for all that wait. The fetch outlives the request that began it: others wait for it, too.
func (c *discoveryCache) start(request *http.Request, key string) <-chan singleflight.Result {
	return c.flights.DoChan(key, func() (any, error) {
		if fresh, ok := c.kept(key); ok && time.Now().Before(fresh.renewAt) {
			return fresh, nil
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(request.Context()), discoveryTimeout)
		defer cancel()
		fetched, err := c.fetch(request.Clone(ctx))
		// A proxy's or a maintenance page with status 200 would otherwise keep everybody out for the whole lifetime.
		if err != nil || fetched.code != http.StatusOK || !isDocument(fetched.body) {
			c.postpone(key)
			return fetched, err
		}
		c.keep(key, fetched)
		return fetched, nil
	})
}

func (c *discoveryCache) CloseIdleConnections() {
	if closer, ok := c.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

func isDiscovery(path string) bool {
	return strings.HasSuffix(path, "/.well-known/openid-configuration") || path == "/common/discovery/instance"
}

func (c *discoveryCache) kept(key string) (document, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, ok := c.documents.Get(key)
	return kept, ok
}

// postpone lets the old document serve for a while before the next attempt to renew it.
func (c *discoveryCache) postpone(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, ok := c.documents.Get(key); ok {
		kept.renewAt = time.Now().Add(discoveryRetry)
		c.documents.Add(key, kept)
	}
}

// fetch asks for a document.
func (c *discoveryCache) fetch(request *http.Request) (document, error) {
	response, err := c.next.RoundTrip(request)
	if err != nil {
		return document{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return document{}, err
	}
	return document{
		code: response.StatusCode, status: response.Status, header: response.Header, body: body, renewAt: time.Now().Add(c.lifetime),
	}, nil
}

// keep keeps a document. One asked for with ?appid= also serves requests without it, until one of those has been fetched.
// They differ in jwks_uri alone, which MSAL doesn't read.
func (c *discoveryCache) keep(key string, fetched document) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.documents.Add(key, fetched)
	anybodys, query, _ := strings.Cut(key, "?")
	if !c.documents.Contains(anybodys) && strings.HasPrefix(query, "appid=") {
		c.documents.Add(anybodys, fetched)
	}
}

// isDocument reports whether a body has the members without which neither kind of document is of use.
func isDocument(body []byte) bool {
	var members struct {
		Issuer          string `json:"issuer"`
		TokenEndpoint   string `json:"token_endpoint"`
		JWKSURI         string `json:"jwks_uri"`
		TenantDiscovery string `json:"tenant_discovery_endpoint"`
	}
	if jsonbody.Unmarshal(body, &members) != nil {
		return false
	}
	return members.TenantDiscovery != "" || (members.Issuer != "" && members.TokenEndpoint != "" && members.JWKSURI != "")
}

func (d document) answer(request *http.Request) *http.Response {
	return &http.Response{
		Status: d.status, StatusCode: d.code,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        d.header.Clone(),
		Body:          io.NopCloser(bytes.NewReader(d.body)),
		ContentLength: int64(len(d.body)),
		Request:       request,
	}
}
