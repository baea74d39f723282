package devtenant

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

var apiVersion = regexp.MustCompile(`^20\d\d-\d\d-\d\d(-preview)?$`)

type subscriptionPage struct {
	Value    []directory.Subscription `json:"value"`
	Count    subscriptionCount        `json:"count"`
	NextLink string                   `json:"nextLink,omitempty"`
}

type subscriptionCount struct {
	Type  string `json:"type"`
	Value int    `json:"value"`
}

// subscriptions is GET /subscriptions of Azure Resource Manager: what the user of the token has a role on, a page at
// a time. Somebody without a role gets an empty list.
func (t *Tenant) subscriptions(w http.ResponseWriter, r *http.Request) {
	claims, ok := t.checkResourceManagerToken(w, r)
	if !ok {
		return
	}
	if version := r.URL.Query().Get("api-version"); version == "" {
		resourceManagerError(w, http.StatusBadRequest, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.")
		return
	} else if !apiVersion.MatchString(version) {
		resourceManagerError(w, http.StatusBadRequest, "InvalidApiVersionParameter", "The api-version is invalid. The supported versions are dates, for example '2022-12-01'.")
		return
	}
	start := 0
	if token := r.URL.Query().Get("$skiptoken"); token != "" {
		var err error
		if start, err = strconv.Atoi(token); err != nil || start < 0 {
			resourceManagerError(w, http.StatusBadRequest, "InvalidSkipToken", "The skip token is invalid.")
			return
		}
	}
	oid, _ := claims["oid"].(string)
	all := t.dir.Subscriptions(oid)
	start = min(start, len(all))
	end := min(start+t.options.PageSize, len(all))
	page := subscriptionPage{Value: all[start:end], Count: subscriptionCount{"Total", len(all)}}
	if end < len(all) {
		query := url.Values{"api-version": {r.URL.Query().Get("api-version")}, "$skiptoken": {strconv.Itoa(end)}}
		page.NextLink = t.resourceManagerURL + "/subscriptions?" + query.Encode()
	}
	if link := altered(callOf(r), func(f Fault) string { return f.NextLink }); strings.HasPrefix(link, "/") {
		page.NextLink = t.resourceManagerURL + link
	} else if link != "" {
		page.NextLink = link
	}
	writeJSON(w, http.StatusOK, page)
}

// checkResourceManagerToken lets a request through whose token is for Resource Manager, or answers it.
func (t *Tenant) checkResourceManagerToken(w http.ResponseWriter, r *http.Request) (map[string]any, bool) {
	c := callOf(r)
	scheme, raw, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || raw == "" {
		w.Header().Set("WWW-Authenticate", t.bearerChallenge("The authentication failed because of missing 'Authorization' header."))
		resourceManagerError(w, http.StatusUnauthorized, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
		return nil, false
	}
	refuse := func(code, message string) (map[string]any, bool) {
		w.Header().Set("WWW-Authenticate", t.bearerChallenge(message))
		resourceManagerError(w, http.StatusUnauthorized, code, message)
		return nil, false
	}
	token, err := t.verify(raw)
	switch {
	case errors.Is(err, errTokenExpired):
		return refuse("ExpiredAuthenticationToken", "The access token expiry UTC time is earlier than current UTC time.")
	case errors.Is(err, errTokenIssuer):
		return refuse("InvalidAuthenticationTokenTenant", fmt.Sprintf("The access token is from the wrong issuer. It must match the tenant '%s' associated with this subscription.", t.issuerV1()))
	case err != nil:
		return refuse("InvalidAuthenticationToken", "The access token is invalid.")
	}
	resourceManager, _ := t.dir.ServicePrincipalByAppID(directory.ResourceManagerAppID)
	if token.isIDToken() || !slices.Contains(resourceManager.ServicePrincipalNames, token.audience) {
		return refuse("InvalidAuthenticationTokenAudience", "The access token has been obtained for wrong audience or resource. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.core.windows.net','https://management.azure.com/','https://management.azure.com'.")
	}
	if token.claims["iss"] != t.issuerV1() {
		return refuse("InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer.")
	}
	c.clientID, c.scope = token.text("appid"), token.text("scp")
	if user, ok := t.dir.User(token.text("oid")); ok {
		c.user = user.MailNickname
	}
	if claims := t.endedEarly(token); claims != "" {
		t.writeChallenge(w, claims)
		return nil, false
	}
	if token.text("idtyp") != "app" && !slices.Contains(strings.Fields(c.scope), "user_impersonation") {
		resourceManagerError(w, http.StatusForbidden, "AuthorizationFailed", "The token does not have the scope user_impersonation.")
		return nil, false
	}
	return token.claims, true
}

// endedEarly returns the claims to ask for where the user of a token was disabled or removed, or had their sessions
// revoked, after they signed in ("Continuous access evaluation"). Only a token whose client understands that (CP1, xms_cc)
// is refused before its time.
func (t *Tenant) endedEarly(token verified) string {
	if token.isAppOnly() || !slices.Contains(token.texts("xms_cc"), "CP1") {
		return ""
	}
	user, ok := t.dir.User(token.text("oid"))
	switch {
	case !ok || !user.AccountEnabled:
		return signedInFrom("{now}")
	case evidenceOf(token.claims).AuthTime.Before(user.SignInSessionsValidFromDateTime):
		return signedInFrom(strconv.FormatInt(user.SignInSessionsValidFromDateTime.Unix(), 10))
	}
	return ""
}

// signedInFrom is the claims request of continuous access evaluation: a token of a sign-in that is not older than this.
func signedInFrom(seconds string) string {
	return `{"access_token":{"nbf":{"essential":true,"value":"` + seconds + `"},"xms_caeerror":{"value":"10012"}}}`
}

func (t *Tenant) bearerChallenge(description string) string {
	return fmt.Sprintf(`Bearer authorization_uri="%s/%s", error="invalid_token", error_description="%s"`, t.backURL, t.dir.TenantID(), description)
}

// ClaimsChallenge is the WWW-Authenticate header of a resource that ended a session early ("How to use continuous
// access evaluation enabled APIs"): claims is JSON, sent in standard base64.
func (t *Tenant) ClaimsChallenge(claims string) string {
	return fmt.Sprintf(`Bearer realm="", authorization_uri="%s/common/oauth2/authorize", error="insufficient_claims", claims="%s"`,
		t.browserURL, stdBase64(claims))
}

// resourceManagerHeaders are Resource Manager's on every answer. A support request names them.
func resourceManagerHeaders(h http.Header, c *call, r *http.Request) {
	c.correlationID = c.traceID
	for _, name := range []string{"X-Ms-Correlation-Request-Id", "X-Ms-Client-Request-Id"} {
		if id, err := uuid.Parse(r.Header.Get(name)); err == nil {
			c.correlationID = id.String()
			break
		}
	}
	h.Set("Cache-Control", "no-cache")
	h.Set("Pragma", "no-cache")
	h.Set("Expires", "-1")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Ms-Request-Id", c.traceID)
	h.Set("X-Ms-Correlation-Request-Id", c.correlationID)
	h.Set("X-Ms-Routing-Request-Id", fmt.Sprintf("DEVTENANT:%s:%s", c.start.UTC().Format("20060102T150405Z"), c.traceID))
	h.Set("X-Ms-Ratelimit-Remaining-Tenant-Reads", "11999")
	if strings.EqualFold(r.Header.Get("X-Ms-Return-Client-Request-Id"), "true") {
		if id, err := uuid.Parse(r.Header.Get("X-Ms-Client-Request-Id")); err == nil {
			h.Set("X-Ms-Client-Request-Id", id.String())
		}
	}
}

func resourceManagerError(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]any{"error": map[string]string{"code": code, "message": message}})
}
