package devtenant

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// authorizeRequest is a checked request to the authorization endpoint. The pages that follow carry its parameters
// along and have them checked again: between two pages the tenant keeps nothing.
type authorizeRequest struct {
	values       url.Values
	tenant       string // the first segment of the path
	client       directory.Application
	redirectURI  string
	responseType []string // code, id_token, token; several at once in the hybrid flow
	responseMode string
	state        string
	scopes       scopes
	claims       claimsRequest
	prompt       []string
	device       *deviceCode // instead of a redirect URI, where a code was typed in
	admin        bool        // an administrator's consent for the organization, in place of a sign-in
}

func (a authorizeRequest) responds(with string) bool { return slices.Contains(a.responseType, with) }

func (a authorizeRequest) prompts(value string) bool { return slices.Contains(a.prompt, value) }

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
		client, ok = t.newcomer(id)
	}
	if single, known := t.tenants[0].dir.Client(id); !ok && known && multiTenant(request.tenant) && !single.MultiTenant() {
		c.clientName = single.DisplayName
		return refuse(50194) // whoever of another organization is signed in
	}
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
	request.admin = request.values.Get("response_type") == adminResponseType
	if !registered(client, request.redirectURI) {
		return refuse(50011)
	}
	return nil
}

// newcomer is an application of another tenant that has no service principal in this one yet: the first consent makes it.
func (t *Tenant) newcomer(appID string) (directory.Application, bool) {
	if _, own := t.dir.ApplicationByAppID(appID); own {
		return directory.Application{}, false
	}
	if _, there := t.dir.ServicePrincipalByAppID(appID); there {
		return directory.Application{}, false // disabled
	}
	return t.dir.Registration(appID)
}

// registered compares a redirect URI with those of the application, letter for letter. Only a public client's
// http://localhost takes any port: an installed application can't know which one it will get (RFC 8252 section 7.3).
func registered(client directory.Application, redirectURI string) bool {
	if redirectURI == "" {
		return false
	}
	for _, platform := range [][]string{client.Web.RedirectURIs, client.SPA.RedirectURIs, client.PublicClient.RedirectURIs} {
		if slices.Contains(platform, redirectURI) {
			return true
		}
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
	if refused := request.checkResponse(); refused != nil {
		return refused
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
	if refused == nil {
		refused = t.checkResource(values, request.scopes)
	}
	return refused
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
	if id, err := uuid.Parse(values.Get("client-request-id")); err == nil {
		callOf(r).correlationID = id.String() // the page belongs to the request that brought it up
	}
	return t.readAuthorizeRequest(w, r, values)
}
