package session

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// User is who signed in. TenantID and ObjectID together are the user; the names are for showing and may change.
type User struct {
	TenantID string `json:"tid"`
	ObjectID string `json:"oid"`
	Name     string `json:"name"`
	Username string `json:"username"`
}

// Digest stands for the user where they are compared and their ids have no business.
func (u User) Digest() string {
	digest := sha256.Sum256([]byte(u.TenantID + " " + u.ObjectID))
	return base64.RawURLEncoding.EncodeToString(digest[:16])
}

// Record is what is kept of a signed-in user. It is sealed wherever it is stored.
type Record struct {
	User          User      `json:"user"`
	SID           string    `json:"sid,omitempty"`        // Entra's id of the browser's session there, for front-channel sign-out
	HomeAccountID string    `json:"account"`              // MSAL's key of the account in Cache
	LoginHint     string    `json:"login_hint,omitempty"` // Entra's name of the account, for signing out
	SignedIn      time.Time `json:"signed_in"`            // the absolute lifetime counts from here
	RenewAt       time.Time `json:"renew_at"`             // until then AccessToken needs no renewal
	ExpiresAt     time.Time `json:"expires_at"`           // until then AccessToken is valid
	Scopes        []string  `json:"scopes"`               // what AccessToken was granted for
	Cache         []byte    `json:"-"`                    // the user's own MSAL token cache, as MSAL serializes it

	// AccessToken is the one in Cache, so that a request doesn't have MSAL read the whole of it to find that.
	AccessToken secret.String `json:"-"`
}

// head is what stands in front of the cache. The access token is kept once: it says where in the cache it is.
type head struct {
	Record
	TokenAt     int `json:"token_at"`
	TokenLength int `json:"token_length"` // 0 where the cache doesn't hold it: MSAL is asked then
}

// encode puts the cache, which is nearly all of the record, behind the rest as it is. As a member of the JSON it would be a third
// longer, and each request would take nine times as long to decode it, or seven with encoding/gob.
func (r Record) encode() ([]byte, error) {
	front := head{Record: r}
	if at := bytes.Index(r.Cache, []byte(r.AccessToken.Reveal())); at >= 0 {
		front.TokenAt, front.TokenLength = at, len(r.AccessToken.Reveal())
	}
	encoded, err := json.Marshal(front)
	if err != nil {
		return nil, fmt.Errorf("encoding a session: %w", err)
	}
	out := make([]byte, 0, 4+len(encoded)+len(r.Cache))
	out = binary.BigEndian.AppendUint32(out, uint32(len(encoded)))
	out = append(out, encoded...)
	return append(out, r.Cache...), nil
}

func decodeRecord(plain []byte) (Record, error) {
	if len(plain) < 4 {
		return Record{}, errors.New("decoding a session: it is cut short")
	}
	length, rest := int64(binary.BigEndian.Uint32(plain)), plain[4:]
	if length > int64(len(rest)) {
		return Record{}, errors.New("decoding a session: it is cut short")
	}
	var front head
	if err := json.Unmarshal(rest[:length], &front); err != nil {
		return Record{}, fmt.Errorf("decoding a session: %w", err)
	}
	record := front.Record
	record.Cache = rest[length:]
	from, to := front.TokenAt, front.TokenAt+front.TokenLength
	if from < 0 || to < from || to > len(record.Cache) {
		return Record{}, errors.New("decoding a session: its token is outside of its cache")
	}
	record.AccessToken = secret.New(string(record.Cache[from:to]))
	return record, nil
}
