package devtenant

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"sync"
	"time"
)

const codeLifetime = 10 * time.Minute

// authorizationCode is what a code stands for. It is sealed into the code itself.
type authorizationCode struct {
	evidence
	ID          string    `json:"id"`
	ClientID    string    `json:"clientId"`
	RedirectURI string    `json:"redirectUri"`
	SPA         bool      `json:"spa,omitempty"`       // for a page in a browser to redeem
	Challenge   string    `json:"challenge,omitempty"` // PKCE S256
	Scope       string    `json:"scope"`
	ExpiresAt   time.Time `json:"expiresAt"`
}

// grantAuthorizationCode redeems a code (RFC 6749 section 4.1.3, RFC 7636 section 4.6). A code works once, for the
// client, redirect URI and verifier that it was made for.
func (t *Tenant) grantAuthorizationCode(request *tokenRequest) (*tokenAnswer, *refusal) {
	for _, parameter := range []string{"code", "redirect_uri"} {
		if request.form.Get(parameter) == "" {
			return nil, refuse(900144, "parameter", parameter)
		}
	}
	var code authorizationCode
	if err := t.seals.open(sealedCode, request.form.Get("code"), &code); err != nil {
		return nil, refuse(9002313).as("invalid_grant")
	}
	if code.ClientID != request.client.AppID {
		return nil, refuse(70000)
	}
	if refused := request.checkOrigin(code.SPA); refused != nil {
		return nil, refused
	}
	switch {
	case code.SPA && code.Challenge == "":
		return nil, refuse(9002325)
	case t.Now().After(code.ExpiresAt):
		return nil, refuse(70008)
	case code.RedirectURI != request.form.Get("redirect_uri"):
		return nil, refuse(500112, "registered", code.RedirectURI)
	}
	if refused := checkVerifier(code.Challenge, request.form.Get("code_verifier")); refused != nil {
		return nil, refused
	}
	if len(request.scopes.asked) == 0 {
		var refused *refusal
		if request.scopes, refused = t.parseScopes(code.Scope, request.client); refused != nil {
			return nil, refused
		}
	}
	request.renewed.SPA = code.SPA
	if !t.codes.use(code.ID, code.ExpiresAt, t.Now()) {
		return nil, refuse(54005)
	}
	answer, refused := t.issue(request, code.evidence)
	if refused == nil {
		t.signedIn(code.User)
	}
	return answer, refused
}

// checkVerifier compares the PKCE verifier with the challenge. A verifier without a challenge is refused as well:
// somebody has taken the challenge out of the authorization request (RFC 9700 section 4.8.2).
func checkVerifier(challenge, verifier string) *refusal {
	if challenge == "" && verifier == "" {
		return nil
	}
	sum := sha256.Sum256([]byte(verifier))
	if subtle.ConstantTimeCompare([]byte(base64.RawURLEncoding.EncodeToString(sum[:])), []byte(challenge)) != 1 {
		return refuse(501481)
	}
	return nil
}

// usedCodes remembers which codes were redeemed, until they would have expired anyway.
type usedCodes struct {
	mu   sync.Mutex
	used map[string]time.Time
}

// use reports whether a code is used for the first time.
func (u *usedCodes) use(id string, expires, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.used == nil {
		u.used = map[string]time.Time{}
	}
	for old, at := range u.used {
		if now.After(at) {
			delete(u.used, old)
		}
	}
	if _, again := u.used[id]; again {
		return false
	}
	u.used[id] = expires
	return true
}
