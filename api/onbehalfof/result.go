package onbehalfof

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

const (
	// expiryMargin is how long before its end a token is not used any more, so that it outlives the call it is for.
	expiryMargin = 30 * time.Second
	// renewalPause is the shortest time between two attempts to renew a token.
	renewalPause = 30 * time.Second
	// renewalLead is how long before its end a token is renewed, where Entra names no other time (refresh_in).
	renewalLead = 5 * time.Minute
)

// key is what the request's result is kept under: a digest of token A, the scopes and the claims, so that no token A lies next to what
// it was exchanged for. Token A is in it because it says who the user is and what they have proved so far: one who signed in again
// with a second factor must not be handed the token from before.
func (r Request) key() string {
	digest := sha256.New()
	digest.Write(r.Caller.Digest[:])
	for _, part := range append([]string{r.Claims}, r.Scopes...) {
		sum := sha256.Sum256([]byte(part)) // joined as they are, two different exchanges could have one text
		digest.Write(sum[:])
	}
	return hex.EncodeToString(digest.Sum(nil))
}

func (r Request) withoutClaims() Request {
	r.Claims = ""
	return r
}

// schedule sets when the result is to be renewed, where Entra named no time, and returns how long it may be kept: no longer than
// itself, and no longer than the token that it was exchanged for.
func (r *Result) schedule(now, tokenAExpires time.Time) time.Duration {
	lifetime := r.ExpiresOn.Sub(now)
	if r.RefreshOn.IsZero() {
		r.RefreshOn = r.ExpiresOn.Add(-min(renewalLead, lifetime/2))
	}
	if earliest := now.Add(renewalPause); r.RefreshOn.Before(earliest) {
		// Clocks that differ would otherwise have each request ask for a new one.
		r.RefreshOn = earliest
	}
	return min(lifetime-expiryMargin, tokenAExpires.Sub(now))
}

// times are how a stored result begins, in seconds since 1970. The token stands on a line of its own behind them: as a member of the
// JSON it would be read twice for each request.
type times struct {
	ExpiresOn int64 `json:"expires_on"`
	RefreshOn int64 `json:"refresh_on"`
}

func (r *Result) encode() []byte {
	head, _ := json.Marshal(times{r.ExpiresOn.Unix(), r.RefreshOn.Unix()}) // can't fail for this type
	return fmt.Appendf(nil, "%s\n%s", head, r.Token.Reveal())
}

// decode reads what encode wrote. A store may outlive the program that wrote to it.
func decode(form []byte) (Result, error) {
	head, token, _ := bytes.Cut(form, []byte("\n"))
	var t times
	if err := json.Unmarshal(head, &t); err != nil || len(token) == 0 {
		return Result{}, errors.New("reading a stored token: it has another form")
	}
	return Result{Token: secret.New(string(token)), ExpiresOn: time.Unix(t.ExpiresOn, 0), RefreshOn: time.Unix(t.RefreshOn, 0)}, nil
}
