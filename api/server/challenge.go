package server

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
)

// The WWW-Authenticate values of RFC 6750 section 3, and Entra's claims challenge on top of it ("Claims challenges,
// claims requests and client capabilities").

// bareChallenge is for a request that carries no bearer token: section 3.1 wants no error code there.
const bareChallenge = "Bearer"

// refusalChallenge is for a request whose token, or whose form, is refused. The code and the description hold neither
// quotes nor backslashes: they are constants of this package.
func refusalChallenge(code, description string) string {
	return `Bearer error="` + code + `", error_description="` + description + `"`
}

// scopeChallenge is for a good token without the scope that the API wants.
func scopeChallenge(scope string) string {
	return `Bearer error="insufficient_scope", scope="` + scope + `"`
}

// claimsChallenge tells the caller that the user must sign in again, and with which claims request (JSON); "" where Entra
// named none. Azure SDKs and MSAL read it only in this form: every value quoted, the claims in standard base64.
func claimsChallenge(authorizationEndpoint, claims string) string {
	challenge := `Bearer realm="", authorization_uri="` + authorizationEndpoint + `", error="insufficient_claims"`
	if claims != "" {
		challenge += `, claims="` + base64.StdEncoding.EncodeToString([]byte(claims)) + `"`
	}
	return challenge
}

var challengeParameter = regexp.MustCompile(`(\w+)="([^"]*)"`)

// challengedClaims returns the claims request in a claims challenge that a resource answered with, and false where the
// header holds none. Claims that are not base64 of a JSON object are none: they would be handed on to Entra.
func challengedClaims(header http.Header) (string, bool) {
	for _, value := range header.Values("WWW-Authenticate") {
		if scheme, _, _ := strings.Cut(value, " "); !strings.EqualFold(scheme, "Bearer") {
			continue
		}
		parameters := map[string]string{}
		for _, match := range challengeParameter.FindAllStringSubmatch(value, -1) {
			parameters[match[1]] = match[2]
		}
		if parameters["error"] != "insufficient_claims" {
			continue
		}
		claims, err := base64.StdEncoding.DecodeString(parameters["claims"])
		var object map[string]json.RawMessage
		if err == nil && json.Unmarshal(claims, &object) == nil && object != nil {
			return string(claims), true
		}
	}
	return "", false
}
