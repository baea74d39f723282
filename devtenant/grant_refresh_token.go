package devtenant

import "time"

// refreshToken is what a refresh token stands for. It belongs to a user and a client, not to an API: one refresh token
// gets access tokens for any API that the client has consent for.
type refreshToken struct {
	evidence
	ClientID string    `json:"clientId"`
	SPA      bool      `json:"spa,omitempty"` // for a page in a browser
	Scope    string    `json:"scope"`         // as asked at sign-in: what a renewal without scope is for
	IssuedAt time.Time `json:"issuedAt"`
}

// grantRefreshToken renews tokens (RFC 6749 section 6). As in Entra the old refresh token goes on working beside the new.
func (t *Tenant) grantRefreshToken(request *tokenRequest) (*tokenAnswer, *refusal) {
	if request.form.Get("refresh_token") == "" {
		return nil, refuse(900144, "parameter", "refresh_token")
	}
	var token refreshToken
	if err := t.seals.open(sealedRefreshToken, request.form.Get("refresh_token"), &token); err != nil {
		return nil, refuse(9002313).as("invalid_grant")
	}
	if token.ClientID != request.client.AppID {
		return nil, refuse(70000)
	}
	if refused := request.checkOrigin(token.SPA); refused != nil {
		return nil, refused
	}
	request.renewed = token
	switch life := t.Now().Sub(token.IssuedAt); {
	case token.SPA && life > refreshLifeSPA:
		return nil, refuse(700084, "issued", exactTime(token.IssuedAt))
	case life > refreshLife:
		return nil, refuse(700082, "issued", exactTime(token.IssuedAt))
	}
	if len(request.scopes.asked) == 0 { // RFC 6749 section 6: as before
		var refused *refusal
		if request.scopes, refused = t.parseScopes(token.Scope, request.client); refused != nil {
			return nil, refused
		}
	}
	token.Nonce = ""
	return t.issue(request, token.evidence)
}
