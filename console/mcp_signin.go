package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
	"github.com/modelcontextprotocol/go-sdk/auth"
	"github.com/modelcontextprotocol/go-sdk/oauthex"
	"golang.org/x/oauth2"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// mcpUser signs the user in when the server asks for it. The SDK has a handler for this that refuses Entra, whose metadata lists no
// methods of PKCE although it has them. It also sends the parameter resource, which Entra takes only where it fits the scope
// (AADSTS9010010), and drops the claims of a challenge. MSAL does none of these.
type mcpUser struct {
	config
	client public.Client
	browse func(address string) error
	stderr io.Writer

	mu     sync.Mutex // the SDK sends from several goroutines; there is one sign-in at a time
	token  secret.String
	name   string // who signed in
	claims bool   // a sign-in with claims was tried
	failed error  // why the last request was refused, in this side's words; nil once one was answered
}

var _ auth.OAuthHandler = (*mcpUser)(nil)

func newMCPUser(cfg config, browse func(string) error, stderr io.Writer) (*mcpUser, error) {
	client, err := cfg.publicClient()
	return &mcpUser{config: cfg, client: client, browse: browse, stderr: stderr}, err
}

// TokenSource implements [auth.OAuthHandler]. The first request has no token: the answer to it tells where to get one.
func (u *mcpUser) TokenSource(context.Context) (oauth2.TokenSource, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.token.IsZero() {
		return nil, nil
	}
	return oauth2.StaticTokenSource(&oauth2.Token{AccessToken: u.token.Reveal()}), nil
}

// Authorize implements [auth.OAuthHandler]: it signs the user in, and once more where a challenge asks for claims.
func (u *mcpUser) Authorize(ctx context.Context, _ *http.Request, response *http.Response) error {
	defer response.Body.Close()
	u.mu.Lock()
	defer u.mu.Unlock()
	asked, _ := challenge.Read(response.Header)
	switch {
	case u.token.IsZero() && response.StatusCode == http.StatusUnauthorized:
		if err := u.discover(ctx, response.Header); err != nil {
			return u.fail(err)
		}
		fmt.Fprintln(u.stderr, "Signing in with your browser …")
	case asked.Claims != "" && !u.claims:
		u.claims = true
		fmt.Fprintln(u.stderr, "Azure asks for more, a second factor say. Signing in with your browser once more …")
	default:
		return u.failed // which no sign-in changes
	}
	return u.fail(u.signIn(ctx, asked.Claims))
}

// discover asks the server what it is and what it takes (RFC 9728), and checks that this is what the settings say. A server that
// could choose where users sign in, or for which scope, would get a token for any API that this client may ask for.
func (u *mcpUser) discover(ctx context.Context, header http.Header) error {
	challenges, err := oauthex.ParseWWWAuthenticate(header.Values("WWW-Authenticate"))
	if err != nil {
		return errors.New("the API's WWW-Authenticate can't be read: is CONSOLE_API_URL the API's address?")
	}
	address := ""
	for _, one := range challenges {
		if one.Scheme == "bearer" && address == "" {
			address = one.Params["resource_metadata"]
		}
	}
	described, err := url.Parse(address)
	if err != nil || described.Scheme != u.apiURL.Scheme || described.Host != u.apiURL.Host {
		return errors.New("the API doesn't say where it describes itself, or names another host: it needs API_MCP=on, and an API_PUBLIC_URL that is the address in CONSOLE_API_URL")
	}
	// It checks that the description is of the address that was asked (section 3.3).
	metadata, err := oauthex.GetProtectedResourceMetadata(ctx, address, u.toolsURL().String(), u.api)
	if err != nil {
		return fmt.Errorf("reading the tools' description (is API_PUBLIC_URL the address in CONSOLE_API_URL?): %s", oneLine(err.Error()))
	}
	if !slices.ContainsFunc(metadata.AuthorizationServers, u.isAuthority) {
		return fmt.Errorf("the tools take tokens of %q, and AUTHORITY is %s", metadata.AuthorizationServers, u.authority)
	}
	if !slices.Contains(metadata.ScopesSupported, u.apiScope) {
		return fmt.Errorf("the tools take the scopes %q, and CONSOLE_MCP_SCOPE is %s", metadata.ScopesSupported, u.apiScope)
	}
	return nil
}

// isAuthority reports whether an issuer is of the host where users sign in. An issuer has the tenant's id where AUTHORITY may have
// a domain.
func (u *mcpUser) isAuthority(issuer string) bool {
	parsed, err := url.Parse(issuer)
	return err == nil && parsed.Scheme == "https" && strings.EqualFold(parsed.Host, u.authority.Host())
}

func (u *mcpUser) signIn(ctx context.Context, claims string) error {
	options := []public.AcquireInteractiveOption{public.WithOpenURL(u.browse)}
	if claims != "" {
		options = append(options, public.WithClaims(claims), public.WithLoginHint(u.name))
	}
	result, err := u.client.AcquireTokenInteractive(ctx, []string{u.apiScope}, options...)
	if err != nil {
		return refused(ctx, err)
	}
	u.token, u.name = secret.New(result.AccessToken), result.Account.PreferredUsername
	return nil
}

// fail keeps why there is no token.
func (u *mcpUser) fail(err error) error {
	u.failed = err
	return err
}

// explain prefers this side's words for what was refused to the SDK's, which repeats the server's.
func (u *mcpUser) explain(err error) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.failed != nil && u.claims {
		return fmt.Errorf("after a second sign-in, with what Azure asked for: %w", u.failed)
	}
	if u.failed != nil {
		return u.failed
	}
	return fmt.Errorf("calling the tools: %s", oneLine(err.Error()))
}

// watched is a client that keeps why a request was refused.
func (u *mcpUser) watched(client *http.Client) *http.Client {
	watched := *client
	watched.Transport = watching{user: u, next: client.Transport}
	return &watched
}

type watching struct {
	user *mcpUser
	next http.RoundTripper
}

func (w watching) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := w.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	var refused error
	if response.StatusCode >= http.StatusBadRequest {
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("reading the API's answer: %w", err)
		}
		refused = problemOf(response.StatusCode, body)
		response.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.user.mu.Lock()
	defer w.user.mu.Unlock()
	w.user.failed = refused
	return response, nil
}
