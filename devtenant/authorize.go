package devtenant

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"ms-identity-go-on-behalf-of/devtenant/directory"
)

// authorizeRequest is a checked request to the authorization endpoint. The pages that follow carry its parameters
// along and have them checked again: between two pages the tenant keeps nothing.
type authorizeRequest struct {
	values       url.Values
	tenant       string // the first segment of the path
	client       directory.Application
	redirectURI  string
	responseMode string
	state        string
	scopes       scopes
	claims       claimsRequest
	prompt       []string
	device       *deviceCode // instead of a redirect URI, where a code was typed in
}

func (a authorizeRequest) prompts(value string) bool { return slices.Contains(a.prompt, value) }

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
	default:
		callOf(r).user = user.MailNickname
		t.decideConsent(w, r, request, s, user)
	}
}

// readAuthorizeRequest checks a request. Until the redirect URI is known to be the application's, mistakes are a page:
// a redirect would send the browser, and later codes, wherever the request says (RFC 9700 section 4.1).
func (t *Tenant) readAuthorizeRequest(w http.ResponseWriter, r *http.Request, values url.Values) (authorizeRequest, bool) {
	c := callOf(r)
	request := authorizeRequest{values: values, tenant: r.PathValue("tenant"), redirectURI: values.Get("redirect_uri"), state: values.Get("state")}
	c.clientID, c.scope, c.redirectURI = values.Get("client_id"), values.Get("scope"), request.redirectURI
	if refused := t.checkClientAndRedirect(&request, c); refused != nil {
		t.errorPage(w, r, refused)
		return request, false
	}
	if refused := t.checkParameters(&request); refused != nil {
		t.redirectRefusal(w, r, request, refused)
		return request, false
	}
	return request, true
}

func (t *Tenant) checkClientAndRedirect(request *authorizeRequest, c *call) *refusal {
	for name, sent := range request.values {
		if len(sent) > 1 {
			return refuse(9002313, "parameter", name)
		}
	}
	id := request.values.Get("client_id")
	if id == "" {
		return refuse(900144, "parameter", "client_id")
	}
	client, ok := t.dir.Client(id)
	if !ok {
		return refuse(700016, "tenant", t.dir.DisplayName())
	}
	request.client, c.clientName = client, client.DisplayName
	if refused := t.checkTenant(request.tenant, client.SignInAudience); refused != nil {
		return refused
	}
	if request.values.Get("response_type") == deviceResponseType {
		device, ok := t.devices.byUserCode(request.values.Get("user_code"), t.Now())
		if !ok || device.ClientID != client.AppID {
			return refuse(70018)
		}
		request.device = &device
		return nil
	}
	if !registered(client, request.redirectURI) {
		return refuse(50011)
	}
	return nil
}

// registered compares a redirect URI with those of the application, letter for letter. Only a public client's
// http://localhost takes any port: an installed application can't know which one it will get (RFC 8252 section 7.3).
func registered(client directory.Application, redirectURI string) bool {
	if redirectURI == "" {
		return false
	}
	if slices.Contains(client.Web.RedirectURIs, redirectURI) || slices.Contains(client.PublicClient.RedirectURIs, redirectURI) {
		return true
	}
	u, err := url.Parse(redirectURI)
	if err != nil || u.Scheme != "http" || u.Hostname() != "localhost" || u.User != nil {
		return false
	}
	u.Host = "localhost"
	return slices.ContainsFunc(client.PublicClient.RedirectURIs, func(own string) bool {
		return strings.TrimSuffix(own, "/") == strings.TrimSuffix(u.String(), "/")
	})
}

func (t *Tenant) checkParameters(request *authorizeRequest) *refusal {
	values := request.values
	if responseType := values.Get("response_type"); request.device == nil && responseType != "code" {
		if responseType == "" {
			return refuse(900144, "parameter", "response_type")
		}
		return refuse(700054, "response_type", responseType)
	}
	request.responseMode = values.Get("response_mode")
	if request.responseMode == "" {
		request.responseMode = "query"
	}
	if !slices.Contains([]string{"query", "fragment", "form_post"}, request.responseMode) {
		request.responseMode = "query"
		return refuse(9002313, "parameter", "response_mode")
	}
	challenge, method := values.Get("code_challenge"), values.Get("code_challenge_method")
	if challenge != "" && (method != "S256" || len(challenge) != 43) || challenge == "" && method != "" {
		return refuse(9002313, "parameter", "code_challenge_method")
	}
	request.prompt = strings.Fields(values.Get("prompt"))
	for _, prompt := range request.prompt {
		if !slices.Contains([]string{"none", "login", "consent", "select_account"}, prompt) {
			return refuse(9002313, "parameter", "prompt")
		}
	}
	if request.prompts("none") && len(request.prompt) > 1 {
		return refuse(9002313, "parameter", "prompt")
	}
	var refused *refusal
	if request.claims, refused = parseClaims(values.Get("claims")); refused != nil {
		return refused
	}
	request.scopes, refused = t.parseScopes(values.Get("scope"), request.client)
	if refused != nil && refused.names["resource"] != "" && refused.Code == 70011 {
		refused = refuse(650053, "scope", refused.names["scope"], "resource", refused.names["resource"]) // the same, said to a person
	}
	return refused
}

// mustSignInAgain says whether the session that there is won't do for a request.
func (t *Tenant) mustSignInAgain(request authorizeRequest, s session, user directory.User) bool {
	if request.prompts("login") || request.prompts("select_account") {
		return true
	}
	if hint := request.values.Get("login_hint"); hint != "" {
		if hinted, ok := t.dir.User(hint); ok && hinted.ID != user.ID {
			return true
		}
	}
	if seconds, err := strconv.Atoi(request.values.Get("max_age")); err == nil && t.Now().Sub(s.AuthTime) > time.Duration(seconds)*time.Second {
		return true
	}
	return s.AuthTime.Unix() < request.claims.SignedInFrom.Unix()
}

// finish ends the request well: a code for the application, or the device's tokens made ready.
func (t *Tenant) finish(w http.ResponseWriter, r *http.Request, request authorizeRequest, s session, user directory.User) {
	if !slices.Contains(s.Clients, request.client.AppID) {
		s.Clients = append(s.Clients, request.client.AppID)
		t.saveSession(w, s)
	}
	if request.device != nil {
		t.finishDevice(w, r, request, s, user)
		return
	}
	code := t.seals.seal(sealedCode, authorizationCode{
		evidence: s.evidence(request.values.Get("nonce")), ID: uuid.NewString(),
		ClientID: request.client.AppID, RedirectURI: request.redirectURI, Challenge: request.values.Get("code_challenge"),
		Scope: request.values.Get("scope"), ExpiresAt: t.Now().Add(codeLifetime),
	})
	answer := url.Values{"code": {code}, "session_state": {s.ID}}
	if request.values.Get("client_info") == "1" {
		answer.Set("client_info", clientInfo(user, t.dir.TenantID()))
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
	if refused.Suberror != "" {
		answer.Set("error_subcode", refused.Suberror)
	}
	if refused.claims != "" {
		answer.Set("claims", refused.claims)
	}
	t.respond(w, r, request, answer)
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

// again is the address that continues a request after a page, without what that page has settled.
func (t *Tenant) again(request authorizeRequest, settled ...string) string {
	values := url.Values{}
	for name := range request.values {
		values.Set(name, request.values.Get(name))
	}
	prompt := slices.DeleteFunc(slices.Clone(request.prompt), func(p string) bool { return slices.Contains(settled, p) })
	values.Del("prompt")
	if len(prompt) > 0 {
		values.Set("prompt", strings.Join(prompt, " "))
	}
	if slices.Contains(settled, "login") {
		values.Del("max_age")
		values.Del("login_hint")
	}
	return "/" + request.tenant + "/oauth2/v2.0/authorize?" + values.Encode()
}

// carriedRequest is a request as a page carries it along.
type carriedRequest struct {
	Tenant     string
	Parameters string
}

func (a authorizeRequest) carried() carriedRequest {
	return carriedRequest{Tenant: a.tenant, Parameters: a.values.Encode()}
}

// readCarriedRequest reads the request that a page carried along in its form.
func (t *Tenant) readCarriedRequest(w http.ResponseWriter, r *http.Request) (authorizeRequest, bool) {
	if err := r.ParseForm(); err != nil {
		t.errorPage(w, r, refuse(9002313))
		return authorizeRequest{}, false
	}
	values, err := url.ParseQuery(r.PostForm.Get("request"))
	if err != nil {
		t.errorPage(w, r, refuse(9002313))
		return authorizeRequest{}, false
	}
	return t.readAuthorizeRequest(w, r, values)
}
