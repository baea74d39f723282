package devtenant

import (
	"errors"
	"slices"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// grantOnBehalfOf exchanges a user's token for an API against a token for another API, for the same user
// ("Microsoft identity platform and OAuth 2.0 On-Behalf-Of flow"; RFC 7523 section 2.1).
func (t *Tenant) grantOnBehalfOf(request *tokenRequest) (*tokenAnswer, *refusal) {
	if request.form.Get("requested_token_use") != "on_behalf_of" {
		return nil, refuse(900144, "parameter", "requested_token_use")
	}
	if request.form.Get("assertion") == "" {
		return nil, refuse(900144, "parameter", "assertion")
	}
	if len(request.scopes.asked) == 0 {
		return nil, refuse(900144, "parameter", "scope")
	}
	if request.auth == publicClient {
		return nil, refuse(7000218) // the middle tier has to prove who it is
	}
	claims, refused := t.checkAssertion(request.client, request.form.Get("assertion"))
	if refused != nil {
		return nil, refused
	}
	return t.issue(request, evidenceOf(claims))
}

// checkAssertion accepts an access token of a user that was issued for the client itself, and nothing else.
func (t *Tenant) checkAssertion(client directory.Application, raw string) (map[string]any, *refusal) {
	token, err := t.verify(raw)
	switch {
	case errors.Is(err, errTokenExpired):
		return nil, refuse(500133, "expired", exactTime(token.expires))
	case err != nil, token.nonce:
		return nil, refuse(50013)
	case token.isIDToken():
		return nil, refuse(240002)
	case !slices.Contains(append([]string{client.AppID}, client.IdentifierURIs...), token.audience):
		return nil, refuse(500131, "audience", token.audience)
	case token.isAppOnly():
		return nil, refuse(7000114)
	}
	return token.claims, nil
}
