package session

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// User is who signed in. TenantID and ObjectID together are the user; the names are for showing and may change.
type User struct {
	TenantID string `json:"tid"`
	ObjectID string `json:"oid"`
	Name     string `json:"name"`
	Username string `json:"username"`
}

// Record is what is kept of a signed-in user. It is sealed wherever it is stored.
type Record struct {
	User          User      `json:"user"`
	SID           string    `json:"sid,omitempty"` // Entra's id of the browser's session there, for front-channel sign-out
	HomeAccountID string    `json:"account"`       // MSAL's key of the account in Cache
	SignedIn      time.Time `json:"signed_in"`     // the absolute lifetime counts from here
	RenewAt       time.Time `json:"renew_at"`      // until then the access token in Cache needs no renewal
	Cache         []byte    `json:"-"`             // the user's own MSAL token cache, as MSAL serializes it
}

// encode puts the cache behind the rest as it is. As a member of the JSON it would be a third longer, and it is nearly
// all of the record.
func (r Record) encode() ([]byte, error) {
	head, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encoding a session: %w", err)
	}
	out := make([]byte, 0, 4+len(head)+len(r.Cache))
	out = binary.BigEndian.AppendUint32(out, uint32(len(head)))
	out = append(out, head...)
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
	var record Record
	if err := json.Unmarshal(rest[:length], &record); err != nil {
		return Record{}, fmt.Errorf("decoding a session: %w", err)
	}
	record.Cache = rest[length:]
	return record, nil
}
