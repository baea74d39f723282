package entra

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
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

// TenantID returns the GUID of the tenant that the issuer belongs to: the one value that tid may have in a token. It is "" where the
// authority stands for several.
func (m Metadata) TenantID() string {
	issuer, err := url.Parse(m.Issuer)
	if err != nil {
		return ""
	}
	tenant, ok := strings.CutSuffix(strings.TrimPrefix(issuer.Path, "/"), "/v2.0")
	if !ok || !guid.ValidLower(tenant) {
		return ""
	}
	return tenant
}

// ProviderOptions says for whom a [Provider] asks, and bounds how often. Zero values get the defaults.
type ProviderOptions struct {
	// ClientID is the application whose tokens are verified. An application with claims mapping signs with keys of its own,
	// which only a discovery document that was asked for by its id points to; for any other application the id changes
	// nothing ("Access tokens in the Microsoft identity platform", Validate the signature). "" asks for the tenant's keys.
	ClientID    string
	Tenants     Tenants          // whose users are let in, where the authority stands for several organizations
	Log         *slog.Logger     // for keys that are dropped; default none
	KeyInterval time.Duration    // the shortest time between two fetches of the keys; default 5 s
	Now         func() time.Time // the clock; default time.Now
}

// Provider is a tenant as the tiers see it: its metadata and its signing keys, fetched when first needed, or ahead of
// that with [Provider.WarmUp]. It implements go-oidc's KeySet. It is safe for concurrent use.
type Provider struct {
	client    *http.Client
	authority Authority
	clientID  string
	tenants   Tenants
	log       *slog.Logger
	metadata  atomic.Pointer[Metadata]
	keys      *keySet
	dropped   []droppedKey // from the last key set that was read; keySet fetches one at a time
}

// NewProvider returns a provider that asks through client, which should keep discovery documents: until one was good,
// each call asks anew.
func NewProvider(client *http.Client, authority Authority, o ProviderOptions) *Provider {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	p := &Provider{client: client, authority: authority, clientID: o.ClientID, tenants: o.Tenants, log: o.Log}
	p.keys = &keySet{fetch: p.fetchKeys, interval: cmp.Or(o.KeyInterval, defaultKeyInterval), now: o.Now}
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
	if err := getJSON(ctx, p.client, p.authority.discoveryURL(p.clientID), &found); err != nil {
		return Metadata{}, fmt.Errorf("fetching the discovery document of %s: %w", p.authority, err)
	}
	if err := p.check(found); err != nil {
		return Metadata{}, fmt.Errorf("checking the discovery document of %s: %w", p.authority, err)
	}
	p.metadata.Store(&found)
	return found, nil
}

// Issuers returns which tokens' tenants are taken.
func (p *Provider) Issuers(ctx context.Context) (Issuers, error) {
	metadata, err := p.Metadata(ctx)
	return NewIssuers(metadata, p.tenants), err
}
