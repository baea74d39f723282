package session

import (
	"cmp"
	"net/http"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// Options are the same for [Store] and [Attempts].
type Options struct {
	Key      secret.String    // 32 random bytes: WEBUI_SESSION_KEY
	Secure   bool             // the web UI is reached by https
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

// cookieName returns a name that the browser itself guards where it can: a __Host- cookie is Secure, without a Domain,
// and can't be planted by a neighbouring subdomain (RFC 6265bis, section 4.1.3.2). Browsers refuse it on plain http.
func (o Options) cookieName(name string) string {
	if o.Secure {
		return "__Host-" + name
	}
	return name
}

// cookie returns a cookie of ours. SameSite=Lax lets the redirect back from Entra carry it, and nothing that another
// site posts.
func (o Options) cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: o.Secure, SameSite: http.SameSiteLaxMode,
	}
}
