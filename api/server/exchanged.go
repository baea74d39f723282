package server

import (
	"encoding/binary"
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

// exchanged is the result of an exchange: token B.
type exchanged struct {
	token   secret.String
	expires time.Time
	renewAt time.Time // from then on a new one is asked for, while this one still serves
}

// schedule sets when the result is to be renewed, where Entra named no time, and returns how long it may be kept: no
// longer than itself, and no longer than the token that it was exchanged for.
func (e *exchanged) schedule(now, assertionExpires time.Time) time.Duration {
	lifetime := e.expires.Sub(now)
	if e.renewAt.IsZero() {
		e.renewAt = e.expires.Add(-min(renewalLead, lifetime/2))
	}
	if earliest := now.Add(renewalPause); e.renewAt.Before(earliest) {
		// Clocks that differ would otherwise have each request ask for a new one.
		e.renewAt = earliest
	}
	return min(lifetime-expiryMargin, assertionExpires.Sub(now))
}

// encodingVersion is the first byte of the form below. A store may outlive the program that wrote to it.
const encodingVersion = 1

// encode returns the form in which a store keeps the result: version, both times in seconds, the token.
func (e *exchanged) encode() []byte {
	form := make([]byte, 0, 17+len(e.token.Reveal()))
	form = append(form, encodingVersion)
	form = binary.BigEndian.AppendUint64(form, uint64(e.expires.Unix()))
	form = binary.BigEndian.AppendUint64(form, uint64(e.renewAt.Unix()))
	return append(form, e.token.Reveal()...)
}

func decodeExchanged(form []byte) (exchanged, error) {
	if len(form) <= 17 || form[0] != encodingVersion {
		return exchanged{}, fmt.Errorf("reading a stored token: %d bytes of an unknown form", len(form))
	}
	return exchanged{
		expires: time.Unix(int64(binary.BigEndian.Uint64(form[1:])), 0),
		renewAt: time.Unix(int64(binary.BigEndian.Uint64(form[9:])), 0),
		token:   secret.New(string(form[17:])),
	}, nil
}
