package devtenant

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// outsideIssuers are issuers that federated credentials name. Their keys are fetched from where OpenID Connect Discovery
// says, over https, and kept until a token names a key that isn't among them.
type outsideIssuers struct {
	client  *http.Client
	mu      sync.Mutex
	given   map[string]jose.JSONWebKeySet // by a test: never fetched
	fetched map[string]jose.JSONWebKeySet
}

const maxIssuerDocument = 1 << 20 // bytes of an issuer's discovery document and of its keys

// newOutsideIssuers trusts the system's authorities and those in the PEM blocks.
func newOutsideIssuers(authorities []byte) (*outsideIssuers, error) {
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if len(authorities) > 0 && !roots.AppendCertsFromPEM(authorities) {
		return nil, errors.New("options: IssuerCA holds no certificate in PEM")
	}
	return &outsideIssuers{
		client: &http.Client{
			Timeout:   5 * time.Second,
			Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
			// Keys that come from elsewhere than the issuer says would be somebody else's.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		given: map[string]jose.JSONWebKeySet{}, fetched: map[string]jose.JSONWebKeySet{},
	}, nil
}

// SetIssuerKeys gives the keys of an outside issuer, which are not fetched then: a test's issuer needs no server.
func (t *Tenant) SetIssuerKeys(issuer string, keys jose.JSONWebKeySet) {
	t.outside.mu.Lock()
	defer t.outside.mu.Unlock()
	t.outside.given[issuer] = keys
}

// keys returns an issuer's keys, fetched anew if none of them is called kid.
func (o *outsideIssuers) keys(ctx context.Context, issuer, kid string) (jose.JSONWebKeySet, error) {
	o.mu.Lock()
	keys, ok := o.given[issuer]
	if !ok {
		keys = o.fetched[issuer]
		ok = len(keys.Key(kid)) > 0
	}
	o.mu.Unlock()
	if ok {
		return keys, nil
	}
	var document struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := o.get(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &document); err != nil {
		return keys, fmt.Errorf("reading the discovery document: %w", err)
	}
	if document.Issuer != issuer || !strings.HasPrefix(document.JWKSURI, "https://") {
		return keys, errors.New("the discovery document is another issuer's, or its keys are not on https")
	}
	if err := o.get(ctx, document.JWKSURI, &keys); err != nil {
		return keys, fmt.Errorf("reading the keys: %w", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fetched[issuer] = keys
	return keys, nil
}

func (o *outsideIssuers) get(ctx context.Context, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := o.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the answer was %s", response.Status)
	}
	return json.NewDecoder(io.LimitReader(response.Body, maxIssuerDocument)).Decode(into)
}
