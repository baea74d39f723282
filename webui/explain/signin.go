package explain

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/wire"
)

// signIn is the requests of hop 1. What isn't known is nil: a token that was renewed came without the browser, and what another
// replica did, or this one before a restart, isn't known here.
type signIn struct{ authorization, token *wire.Request }

// signInRequests remembers the requests of hop 1, in development.
type signInRequests struct {
	now            func() time.Time
	authorizations *lru.Cache[string, wire.Request] // by the PKCE challenge
	tokens         *lru.Cache[secret.Digest, signIn]
}

func newSignInRequests(now func() time.Time) *signInRequests {
	return &signInRequests{now: now, authorizations: wire.NewRecent[string, wire.Request](), tokens: wire.NewRecent[secret.Digest, signIn]()}
}

// authorization is middleware that notes where browsers are sent to sign in.
func (s *signInRequests) authorization(c *gin.Context) {
	c.Next()
	address, err := url.Parse(c.Writer.Header().Get("Location"))
	if err != nil {
		return
	}
	if sent := wire.Authorization(address, s.now()); sent.Challenge != "" {
		s.authorizations.Add(sent.Challenge, sent)
	}
}

// watch notes the requests to the token endpoint. Those of the code flow go together with the authorization request whose PKCE
// challenge is that of their verifier.
func (s *signInRequests) watch(next http.RoundTripper) http.RoundTripper {
	return wire.TokenRequests{Next: next, Now: s.now, Seen: func(_ context.Context, sent wire.Request, token secret.Digest) {
		known := signIn{token: &sent}
		if authorization, ok := s.authorizations.Get(sent.Challenge); ok {
			known.authorization = &authorization
		}
		s.tokens.Add(token, known)
	}}
}

// of returns the requests by which a token came.
func (s *signInRequests) of(token secret.String) signIn {
	known, _ := s.tokens.Get(token.Digest())
	return known
}
