package session

import "net/http"

// Cookies makes the web UI's cookies, all of them alike.
type Cookies struct {
	Secure bool   // browsers come by https
	Port   string // where the web UI's address names one
	Path   string // the path that the web UI is reached under; "" for a host of its own
}

// Name returns what a cookie is called. Cookies know hosts and no ports: two web UIs on one machine would sign out each other's
// users. And where it can, the browser itself guards the name: a __Host- cookie is Secure, without a Domain, of Path=/, and can't
// be planted by a neighbouring subdomain (RFC 6265bis, section 4.1.3.2). Browsers refuse it on plain http.
func (c Cookies) Name(name string) string {
	if c.Port != "" {
		name += "-" + c.Port
	}
	switch {
	case c.Secure && c.Path == "":
		return "__Host-" + name
	case c.Secure:
		return "__Secure-" + name
	}
	return name
}

// Set gives the browser a cookie; a maxAge of 0 ends with the browser. SameSite=Lax lets the redirect back from Entra carry it,
// and nothing that another site posts.
func (c Cookies) Set(w http.ResponseWriter, name, value string, maxAge int) {
	path := c.Path
	if path == "" {
		path = "/"
	}
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: path, MaxAge: maxAge,
		HttpOnly: true, Secure: c.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// Forget deletes the browser's cookie.
func (c Cookies) Forget(w http.ResponseWriter, name string) { c.Set(w, name, "", -1) }
