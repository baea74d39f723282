package session

import (
	"cmp"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// Options are the same for [Store] and [Attempts].
type Options struct {
	Key      secret.String    // 32 random bytes: WEBUI_SESSION_KEY
	Cookies  Cookies          // how both make theirs
	Idle     time.Duration    // a session ends so long after its last request; default 2 h
	Absolute time.Duration    // and so long after signing in, whatever happens; default 12 h
	Now      func() time.Time // the clock; default time.Now
}

func (o Options) withDefaults() Options {
	o.Idle = cmp.Or(o.Idle, 2*time.Hour)
	o.Absolute = cmp.Or(o.Absolute, 12*time.Hour)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}
