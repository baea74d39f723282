package devtenant

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// What an authorization request is answered with: a code, and where the registration's implicitGrantSettings allow it an
// ID token (OpenID Connect Core sections 3.2 and 3.3) or an access token (RFC 6749 section 4.2).

// checkResponse reads response_type and response_mode. A refusal goes out the way that the request asked for, if that is one.
func (a *authorizeRequest) checkResponse() *refusal {
	a.responseType = strings.Fields(a.values.Get("response_type"))
	front := a.responds("id_token") || a.responds("token") // tokens pass through the browser
	a.responseMode = "query"
	if front {
		a.responseMode = "fragment"
	}
	switch mode := a.values.Get("response_mode"); mode {
	case "":
	case "query", "fragment", "form_post":
		if mode == "query" && front {
			return refuse(70007, "response_mode", mode)
		}
		a.responseMode = mode
	default:
		return refuse(9002313, "parameter", "response_mode")
	}
	if a.device != nil || a.admin {
		return nil
	}
	if len(a.responseType) == 0 {
		return refuse(900144, "parameter", "response_type")
	}
	settings := a.client.Web.ImplicitGrantSettings
	for _, asked := range a.responseType {
		switch {
		case asked == "token" && !settings.EnableAccessTokenIssuance:
			return refuse(700051)
		case asked == "id_token" && !settings.EnableIDTokenIssuance, !slices.Contains([]string{"code", "id_token", "token"}, asked):
			return refuse(700054, "response_type", asked)
		}
	}
	if a.responds("id_token") && a.values.Get("nonce") == "" {
		return refuse(900144, "parameter", "nonce") // what ties the token to this request
	}
	return nil
}

// answer is the good answer to an authorization request.
func (t *Tenant) answer(r *http.Request, request authorizeRequest, s session, user directory.User) (url.Values, *refusal) {
	e := s.evidence(request.values.Get("nonce"))
	answer := url.Values{"session_state": {s.ID}}
	hashes := map[string]string{} // claims of the ID token that tie it to what it comes with
	if request.responds("code") {
		code := t.seals.seal(sealedCode, authorizationCode{
			evidence: e, ID: uuid.NewString(), ClientID: request.client.AppID, RedirectURI: request.redirectURI,
			SPA:       slices.Contains(request.client.SPA.RedirectURIs, request.redirectURI),
			Challenge: request.values.Get("code_challenge"), Scope: request.values.Get("scope"), ExpiresAt: t.Now().Add(codeLifetime),
		})
		answer.Set("code", code)
		hashes["c_hash"] = halfHash(code)
	}
	issued := &tokenRequest{http: r, form: request.values, client: request.client, auth: publicClient, scopes: request.scopes, claims: request.claims}
	if request.responds("token") {
		issued.scopes.openID = slices.DeleteFunc(slices.Clone(issued.scopes.openID), func(scope string) bool {
			return scope == "offline_access" || scope == "openid" // no refresh token by this way, and the ID token is made below
		})
		tokens, refused := t.issue(issued, e)
		if refused != nil {
			return nil, refused
		}
		answer.Set("access_token", tokens.AccessToken)
		answer.Set("token_type", tokens.TokenType)
		answer.Set("expires_in", strconv.FormatInt(tokens.ExpiresIn, 10))
		answer.Set("scope", tokens.Scope)
		hashes["at_hash"] = halfHash(tokens.AccessToken)
	}
	if request.responds("id_token") {
		issued.scopes = request.scopes
		claims := t.idClaims(issued, user, e)
		for name, hash := range hashes {
			claims[name] = hash
		}
		answer.Set("id_token", t.sign(claims))
	}
	if request.values.Get("client_info") == "1" {
		answer.Set("client_info", clientInfo(user, t.dir.TenantID()))
	}
	return answer, nil
}

// halfHash is c_hash and at_hash (OpenID Connect Core section 3.3.2.11): the left half of the SHA-256.
func halfHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}
