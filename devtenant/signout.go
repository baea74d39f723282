package devtenant

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// signedOutPage tells the other applications in hidden frames, and goes on to the one that asked.
type signedOutPage struct {
	pageData
	Frames []string // front-channel sign-out addresses
	Next   string
}

// signOut is GET and POST /{tenant}/oauth2/v2.0/logout (OpenID Connect RP-Initiated Logout 1.0): it ends the browser's
// session, tells every application of the session that registered a logoutUrl (OpenID Connect Front-Channel Logout
// 1.0, with iss and sid), and sends the browser to post_logout_redirect_uri if that is registered; otherwise the
// page is the end.
func (t *Tenant) signOut(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		t.errorPage(w, r, refuse(9002313))
		return
	}
	s, user, signedIn := t.session(r)
	if signedIn {
		callOf(r).user = user.MailNickname
	}
	t.endSession(w)
	page := signedOutPage{pageData: t.pageData("You signed out of your account"), Next: t.afterSignOut(r.Form)}
	var origins []string
	for _, appID := range s.Clients {
		client, ok := t.dir.Client(appID)
		if frame, valid := t.frontChannel(client, s); ok && valid {
			page.Frames = append(page.Frames, frame)
			origins = append(origins, frame)
		}
	}
	if len(page.Frames) == 0 && page.Next != "" {
		http.Redirect(w, r, page.Next, http.StatusSeeOther)
		return
	}
	t.show(w, r, http.StatusOK, "signedout.html", page, origins...)
}

// frontChannel is the address that tells an application to end a session.
func (t *Tenant) frontChannel(client directory.Application, s session) (string, bool) {
	target, err := url.Parse(client.Web.LogoutURL)
	if err != nil || client.Web.LogoutURL == "" {
		return "", false
	}
	query := target.Query()
	query.Set("iss", t.issuer())
	query.Set("sid", s.ID)
	target.RawQuery = query.Encode()
	return target.String(), true
}

// afterSignOut is where to go next: only to an address that an application registered, or the page could be used to
// send people anywhere.
func (t *Tenant) afterSignOut(form url.Values) string {
	next := form.Get("post_logout_redirect_uri")
	for _, client := range t.dir.Applications() {
		if next == "" || !slices.Contains(slices.Concat(client.Web.RedirectURIs, client.SPA.RedirectURIs), next) {
			continue
		}
		target, err := url.Parse(next)
		if err != nil {
			return ""
		}
		if state := form.Get("state"); state != "" {
			query := target.Query()
			query.Set("state", state)
			target.RawQuery = query.Encode()
		}
		return target.String()
	}
	return ""
}
