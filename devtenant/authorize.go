package devtenant

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// authorize is GET and POST /{tenant}/oauth2/v2.0/authorize (RFC 6749 section 4.1.1). It asks for whatever is still
// missing, one page at a time, and comes back here after each: the user, the second factor, the consent. Then it
// sends the browser back to the application with a code.
func (t *Tenant) authorize(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		t.errorPage(w, r, refuse(9002313))
		return
	}
	request, ok := t.readAuthorizeRequest(w, r, r.Form)
	if !ok {
		return
	}
	s, user, signedIn := t.session(r)
	switch {
	case !signedIn || t.mustSignInAgain(request, s, user):
		t.needSignIn(w, r, request, s, user)
	case t.needsSecondFactor(request, s, user):
		t.needSecondFactor(w, r, request, user)
	case !t.dir.Assigned(user.ID, request.client.AppID):
		callOf(r).user = user.MailNickname
		t.errorPage(w, r, refuse(50105))
	default:
		callOf(r).user = user.MailNickname
		t.decideConsent(w, r, request, s, user)
	}
}

// mustSignInAgain says whether the session that there is won't do for a request.
func (t *Tenant) mustSignInAgain(request authorizeRequest, s session, user directory.User) bool {
	if request.prompts("login") || request.prompts("select_account") {
		return true
	}
	if hint := request.values.Get("login_hint"); hint != "" {
		if hinted, ok := t.pickable(request, hint); ok && hinted.ID != user.ID {
			return true
		}
	}
	if seconds, err := strconv.Atoi(request.values.Get("max_age")); err == nil && t.Now().Sub(s.AuthTime) > time.Duration(seconds)*time.Second {
		return true
	}
	return s.AuthTime.Unix() < request.claims.SignedInFrom.Unix()
}

// finish ends the request well: a code or tokens for the application, or the device's tokens made ready.
func (t *Tenant) finish(w http.ResponseWriter, r *http.Request, request authorizeRequest, s session, user directory.User) {
	if !slices.Contains(s.Clients, request.client.AppID) {
		s.Clients = append(s.Clients, request.client.AppID)
		t.saveSession(w, s)
	}
	if request.device != nil {
		t.finishDevice(w, r, request, s, user)
		return
	}
	if request.admin {
		t.finishAdminConsent(w, r, request)
		return
	}
	answer, refused := t.answer(r, request, s, user)
	if refused != nil {
		t.redirectRefusal(w, r, request, refused)
		return
	}
	t.respond(w, r, request, answer)
}

// redirectRefusal tells the application what went wrong (RFC 6749 section 4.1.2.1).
func (t *Tenant) redirectRefusal(w http.ResponseWriter, r *http.Request, request authorizeRequest, refused *refusal) {
	if request.device != nil {
		t.devices.decline(request.device.UserCode)
		t.errorPage(w, r, refused)
		return
	}
	c := callOf(r)
	c.aadsts = refused.Code
	answer := url.Values{
		"error": {refused.Error}, "error_description": {refused.description(c)},
		"error_uri": {t.BrowserURL() + "/error?code=" + strconv.Itoa(refused.Code)},
	}
	switch {
	case refused.Code == 65004:
		answer.Set("error_subcode", "cancel") // the user pressed it
	case refused.Suberror != "":
		answer.Set("error_subcode", refused.Suberror)
	}
	if refused.claims != "" {
		answer.Set("claims", refused.claims)
	}
	if request.admin {
		answer.Set("admin_consent", "True")
	}
	t.respond(w, r, request, answer)
}

// refuseAuthorize refuses a request whatever it asks for, as far as the application can be told.
func (t *Tenant) refuseAuthorize(w http.ResponseWriter, r *http.Request, refused *refusal) {
	if err := r.ParseForm(); err != nil {
		t.errorPage(w, r, refuse(9002313))
		return
	}
	if request, ok := t.readAuthorizeRequest(w, r, r.Form); ok {
		t.redirectRefusal(w, r, request, refused)
	}
}

// respond hands an answer to the application the way it asked for.
func (t *Tenant) respond(w http.ResponseWriter, r *http.Request, request authorizeRequest, answer url.Values) {
	if request.state != "" {
		answer.Set("state", request.state)
	}
	if request.responseMode == "form_post" {
		t.formPostPage(w, r, request.redirectURI, answer)
		return
	}
	target, err := url.Parse(request.redirectURI)
	if err != nil {
		t.errorPage(w, r, refuse(50011))
		return
	}
	if request.responseMode == "fragment" {
		target.RawFragment, target.Fragment = "", ""
		w.Header().Set("Location", target.String()+"#"+answer.Encode())
		w.WriteHeader(http.StatusFound)
		return
	}
	query := target.Query()
	for name := range answer {
		query.Set(name, answer.Get(name))
	}
	target.RawQuery = query.Encode()
	// 303: whatever page was answered with a POST, the application is visited with a GET.
	http.Redirect(w, r, target.String(), http.StatusSeeOther)
}
