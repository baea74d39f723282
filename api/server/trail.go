package server

import (
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// trail is what a request went through, for the page that shows how it came to be. It exists in development only: in
// production it is nil, records nothing and is in no answer, since what a token says and how long Entra took is nobody's
// business there. It belongs to one request and one goroutine.
type trail struct {
	Steps []step        `json:"steps"`
	Token *entra.Claims `json:"token,omitempty"` // what token B says; never the token
}

// step is one hop.
type step struct {
	Name         string        `json:"name"` // door, exchange or resource-manager
	Took         time.Duration `json:"-"`
	Milliseconds float64       `json:"milliseconds"`
	Cached       bool          `json:"cached"`          // the token came from the store
	Pages        int           `json:"pages,omitempty"` // of Resource Manager's list
}

// add records a step. A second one of the same name, as when Resource Manager made the API exchange again, adds up.
func (t *trail) add(added step) {
	if t == nil {
		return
	}
	for i := range t.Steps {
		if known := &t.Steps[i]; known.Name == added.Name {
			added.Took += known.Took
			added.Cached = added.Cached && known.Cached
			t.Steps = append(t.Steps[:i], t.Steps[i+1:]...)
			break
		}
	}
	added.Milliseconds = float64(added.Took.Microseconds()) / 1000
	t.Steps = append(t.Steps, added)
}

// took returns how long the step of a name took.
func (t *trail) took(name string) time.Duration {
	if t != nil {
		for _, known := range t.Steps {
			if known.Name == name {
				return known.Took
			}
		}
	}
	return 0
}

// show keeps what a token says.
func (t *trail) show(token secret.String) {
	if t == nil {
		return
	}
	if claims, err := entra.DecodeClaims(token); err == nil {
		t.Token = &claims
	}
}
