package devtenant

import (
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/graph"
)

// Which channel could not be opened: what an error of Listen is, beside the network's own.
var (
	ErrFrontChannel = errors.New("opening the front channel")
	ErrBackChannel  = errors.New("opening the back channel")
)

// NoAddress as an address keeps a channel closed: a tenant behind one https host needs no front channel.
const NoAddress = "none"

// Options say where the tenant stands and what is in it. The zero value is a tenant on the ports of the sample.
type Options struct {
	Directory *directory.Directory // what is in the tenant; nil: directory.Default()
	// Others are more tenants, beside the first. Nil is directory.Fabrikam(), unless the first is that one; an empty list is none.
	Others []*directory.Directory
	// MultiTenant registers the sample's applications for users of any organization, and Settings says so: AUTHORITY is
	// /organizations then. Each other tenant still has to let them in, see Tenant.GrantAdminConsent.
	MultiTenant bool

	BrowserAddr string // where the front channel listens: plain http; "" is localhost:8002
	BackAddr    string // where the back channel listens: TLS; "" is localhost:8003

	// The public addresses, without a trailing slash. Empty ones follow from where the channels listen.
	BrowserURL         string   // of what a browser visits
	BackURL            string   // of authority, issuer, token and keys; https
	ResourceManagerURL string   // of Resource Manager; "" is BackURL
	HostNames          []string // more names that the channels answer to and that the back channel's certificate has

	WebUIURL string // of the sample's web UI; "" is http://localhost:8000
	APIURL   string // of the sample's API; "" is http://localhost:8001

	IssuerCA       []byte // more authorities, PEM, that vouch for the outside issuers of federated credentials
	IdentityHeader string // IDENTITY_HEADER of the managed identity endpoint; "" is a random one

	// PasswordGrant allows the username/password grant (RFC 6749 section 4.3) to users with a password in the tenant file.
	// Microsoft advises against it, and a second factor ends it: it is for tests that have no browser.
	PasswordGrant bool

	AccessTokenLifetime time.Duration // 0 is 70 minutes; Entra's are between 60 and 90
	// Graph changes how Microsoft Graph behaves, for example its lag; nil changes nothing.
	Graph    func(*graph.Options)
	PageSize int              // subscriptions on a page; 0 is 100
	Clock    func() time.Time // nil is time.Now
	Log      *slog.Logger     // nil is silence

	drain time.Duration // how long running requests may take at the end; 0 is five seconds
}

// Tenant is a running, or about to run, development tenant. Its methods may be called from several goroutines.
//
// Where there are several, each is a Tenant: the methods that are about users, applications, consent and authorities are
// about that one, and all others are the same for all of them. New returns the first, and In another.
type Tenant struct {
	*shared
	dir     *directory.Directory
	restore func()       // puts dir back to how it started
	routed  http.Handler // this tenant's routes
}

// shared is what all tenants of one process have in common: addresses, keys, failures, and what was asked.
type shared struct {
	options  Options
	tenants  []*Tenant // the first is where the sample is registered
	clock    clock
	keys     keyRing
	seals    *sealer
	ca       *certificateAuthority
	codes    usedCodes
	devices  deviceCodes
	faults   Faults
	board    switchBoard
	requests requestLog
	// documentedChallenges: Resource Manager writes the challenge of a session that was ended early in the documented form.
	documentedChallenges atomic.Bool
	pages                map[string]*template.Template
	log                  *slog.Logger
	browserURL           string
	backURL              string
	resourceManagerURL   string
	sample               sampleURLs
	sessionKey           string
	outside              *outsideIssuers
	ownIssuers           sync.Once
	issuerKey            func() signingKey
	browserListener      net.Listener
	backListener         net.Listener
}

// New makes a tenant with new keys. It doesn't listen yet.
func New(options Options) (*Tenant, error) {
	options = withDefaults(options)
	t := &Tenant{dir: options.Directory, shared: &shared{
		options: options, log: options.Log, clock: clock{source: options.Clock},
		browserURL: trimSlash(options.BrowserURL), backURL: trimSlash(options.BackURL), resourceManagerURL: trimSlash(options.ResourceManagerURL),
		sessionKey: newSessionKey(),
	}}
	t.addTenants()
	t.issuerKey = sync.OnceValue(t.makeIssuerKey)
	for name, raw := range map[string]string{"BrowserURL": t.browserURL, "BackURL": t.backURL, "ResourceManagerURL": t.resourceManagerURL} {
		if err := checkURL(raw, name == "BrowserURL"); err != nil {
			return nil, fmt.Errorf("options: %s: %w", name, err)
		}
	}
	var err error
	if t.outside, err = newOutsideIssuers(options.IssuerCA); err != nil {
		return nil, err
	}
	if t.seals, err = newSealer(); err != nil {
		return nil, err
	}
	if t.pages, err = loadPages(); err != nil {
		return nil, err
	}
	key, err := newSigningKey(t.clock.source())
	if err != nil {
		return nil, err
	}
	t.keys.add(key)
	if t.ca, err = newCertificateAuthority(t.hostNames(), t.clock.source()); err != nil {
		return nil, err
	}
	if err := t.registerForOrganizations(); err != nil {
		return nil, err
	}
	for _, tenant := range t.tenants {
		tenant.restore = tenant.dir.Snapshot()
	}
	t.SetSampleURLs(options.WebUIURL, options.APIURL)
	t.trustOwnIssuers()
	for _, tenant := range t.tenants {
		if tenant.routed, err = tenant.routes(); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func withDefaults(o Options) Options {
	if o.Directory == nil {
		o.Directory = directory.Default()
	}
	if fabrikam := directory.Fabrikam(); o.Others == nil && o.Directory.TenantID() != fabrikam.TenantID() {
		o.Others = []*directory.Directory{fabrikam}
	}
	if o.BrowserAddr == "" {
		o.BrowserAddr = "localhost:8002"
	}
	if o.BackAddr == "" {
		o.BackAddr = "localhost:8003"
	}
	if o.WebUIURL == "" {
		o.WebUIURL = "http://localhost:8000"
	}
	if o.APIURL == "" {
		o.APIURL = "http://localhost:8001"
	}
	if o.AccessTokenLifetime == 0 {
		o.AccessTokenLifetime = 70 * time.Minute
	}
	if o.IdentityHeader == "" {
		o.IdentityHeader = randomText(24)
	}
	if o.PageSize <= 0 {
		o.PageSize = 100
	}
	if o.drain == 0 {
		o.drain = 5 * time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// hostNames are the names, beside localhost, that the channels answer to and that the back channel's certificate has to hold.
func (t *Tenant) hostNames() []string {
	names := append([]string(nil), t.options.HostNames...)
	for _, raw := range []string{t.browserURL, t.backURL, t.resourceManagerURL} {
		if u, err := url.Parse(raw); err == nil && u.Hostname() != "" {
			names = append(names, u.Hostname())
		}
	}
	return names
}

// Handler is what both channels serve, to be put behind any other server. The public addresses have to be set then.
func (t *Tenant) Handler() http.Handler { return http.HandlerFunc(t.dispatch) }

// Directory is what is in the tenant.
func (t *Tenant) Directory() *directory.Directory { return t.dir }

// Authority is what AUTHORITY has to be for the tenant.
func (t *Tenant) Authority() string { return t.backURL + "/" + t.dir.TenantID() }

// BrowserURL is the public address of what a browser visits, without a trailing slash.
func (t *Tenant) BrowserURL() string { return t.browserURL }

// BackURL is the public address of authority, token endpoint and keys, without a trailing slash.
func (t *Tenant) BackURL() string { return t.backURL }

// ResourceManagerURL is the public address of Resource Manager, without a trailing slash.
func (t *Tenant) ResourceManagerURL() string { return t.resourceManagerURL }

func trimSlash(raw string) string { return strings.TrimRight(raw, "/") }

func checkURL(raw string, plainAllowed bool) error {
	if raw == "" {
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.Scheme != "https" && (u.Scheme != "http" || !plainAllowed) {
		return fmt.Errorf("%q does not look like https://login.example:8003", raw)
	}
	return nil
}
