package entra

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/guid"
)

// Metadata is what the tiers use of a tenant's discovery document.
type Metadata struct {
	Issuer                string `json:"issuer"`
	AuthorizationEndpoint string `json:"authorization_endpoint"`
	TokenEndpoint         string `json:"token_endpoint"`
	JWKSURI               string `json:"jwks_uri"`
	EndSessionEndpoint    string `json:"end_session_endpoint"`
}

// TenantID returns the GUID of the tenant that the issuer belongs to: the one value that tid may have in a token.
func (m Metadata) TenantID() string {
	tenant, ok := strings.CutSuffix(strings.TrimPrefix(pathOf(m.Issuer), "/"), "/v2.0")
	if !ok || !guid.ValidLower(tenant) {
		return ""
	}
	return tenant
}

// ProviderOptions bounds how often a [Provider] asks for keys. Zero values get the defaults.
type ProviderOptions struct {
	KeyInterval time.Duration    // the shortest time between two fetches of the keys; default 5 s
	KeyMaxAge   time.Duration    // how long a key is believed without being seen again; default 1 h
	Now         func() time.Time // the clock; default time.Now
}

// Provider is a tenant as the tiers see it: its metadata and its signing keys, fetched when first needed, or ahead of
// that with [Provider.WarmUp]. It implements go-oidc's KeySet. It is safe for concurrent use.
type Provider struct {
	client    *http.Client
	authority Authority
	metadata  atomic.Pointer[Metadata]
	keys      *keySet
}

// NewProvider returns a provider that asks through client, which should keep discovery documents: until one was good,
// each call asks anew.
func NewProvider(client *http.Client, authority Authority, o ProviderOptions) *Provider {
	p := &Provider{client: client, authority: authority}
	p.keys = newKeySet(o, p.fetchKeys)
	return p
}

// Authority returns the address of the tenant.
func (p *Provider) Authority() Authority { return p.authority }

// fetch fetches metadata and keys.
func (p *Provider) fetch(ctx context.Context) error {
	if _, err := p.Metadata(ctx); err != nil {
		return err
	}
	if err := p.keys.refresh(ctx); err != nil {
		return err
	}
	return p.Ready() // a fetch that came too soon after the last one is none, and no error
}

// Ready returns nil once there are metadata and keys to verify tokens with.
func (p *Provider) Ready() error {
	if p.metadata.Load() == nil || !p.keys.any() {
		return ErrKeysUnavailable
	}
	return nil
}

// Metadata returns the tenant's metadata. Once it was good it is kept for the life of the process.
func (p *Provider) Metadata(ctx context.Context) (Metadata, error) {
	if known := p.metadata.Load(); known != nil {
		return *known, nil
	}
	var found Metadata
	if err := getJSON(ctx, p.client, p.authority.discoveryURL(), &found); err != nil {
		return Metadata{}, fmt.Errorf("fetching the discovery document of %s: %w", p.authority, err)
	}
	if err := p.check(found); err != nil {
		return Metadata{}, fmt.Errorf("checking the discovery document of %s: %w", p.authority, err)
	}
	p.metadata.Store(&found)
	return found, nil
}

// check holds the document against the authority. OpenID Connect Discovery 1.0 section 4.3 wants the issuer to be the
// address that was asked; Entra's holds the tenant's GUID even where the authority names its domain, so that host and
// form are compared.
func (p *Provider) check(m Metadata) error {
	issuer, err := url.Parse(m.Issuer)
	if err != nil || issuer.Scheme != "https" || issuer.Host != p.authority.host || m.TenantID() == "" {
		return fmt.Errorf("its issuer is not of the form https://%s/<tenant id>/v2.0", p.authority.host)
	}
	if guid.ValidLower(p.authority.tenant) && m.TenantID() != p.authority.tenant {
		return errors.New("its issuer is another tenant's")
	}
	for name, endpoint := range map[string]string{"token_endpoint": m.TokenEndpoint, "jwks_uri": m.JWKSURI} {
		// Secrets are sent to the one and trust comes from the other.
		if parsed, err := url.Parse(endpoint); err != nil || parsed.Scheme != "https" || parsed.Host == "" {
			return fmt.Errorf("its %s is not an https URL", name)
		}
	}
	if parsed, err := url.Parse(m.AuthorizationEndpoint); err != nil || parsed.Host == "" {
		return errors.New("its authorization_endpoint is not a URL")
	}
	return nil
}

func pathOf(raw string) string {
	parsed, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return parsed.Path
}

// getJSON fetches a document. Its errors never quote what was sent.
func getJSON(ctx context.Context, client *http.Client, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the answer is %d %s", response.StatusCode, http.StatusText(response.StatusCode))
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return errors.New("the answer is not the JSON document that it should be")
	}
	return nil
}
