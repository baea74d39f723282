package server

import (
	"slices"
	"strings"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// The last step at the door: the token is real and for this API; may whoever shows it call?

// caller is who made a request: a user, and the application that the user used.
type caller struct {
	tenantID string // tid and oid together name a user for good; email, upn and preferred_username change owners
	objectID string
	clientID string        // azp: the application that the token was issued to
	token    secret.String // the token itself, which hop 3 sends to Entra as its assertion
	digest   secret.Digest // of the token: the key of what is remembered about it
	expires  time.Time
}

// callerRules is what a caller must have.
type callerRules struct {
	scope   string   // the delegated permission, API_REQUIRED_SCOPE
	clients []string // the applications that may call, API_ALLOWED_CLIENTS
}

// checkCaller returns the caller, or why they may not come in.
func (c claims) checkCaller(rules callerRules) (caller, error) {
	subject, hasSubject := c.text("sub")
	objectID, _ := c.text("oid")
	switch {
	case !hasSubject:
		return caller{}, refuse("sub", "the token says nothing of whom it is about")
	case !guid.MatchString(objectID):
		// Without oid the result of the exchange couldn't be compared with the user that it is meant for.
		return caller{}, refuse("oid", "the token does not say which user it is about")
	}
	scopes, delegated := c.text("scp")
	clientID, hasClient := c.text("azp")
	idtyp, _ := c.text("idtyp")
	_, hasRoles := c["roles"]
	_, hasScopes := c["scp"]
	// An application's own token has no scp, roles where it was given some, idtyp where the API asks for that claim, and
	// for a subject the service principal itself. Acting on behalf of a user needs a user.
	if idtyp == "app" || (!hasScopes && (hasRoles || subject == objectID)) {
		return caller{}, &problem{code: apperror.AppOnlyToken, challenge: scopeChallenge(rules.scope)}
	}
	if !hasClient {
		// Where web UI and API share one registration, the audience of an ID token is right; it has no azp and no scp.
		return caller{}, refuse("azp", "the token names no client; an ID token looks like this, and it is no access token (it has no scp)")
	}
	if !slices.Contains(rules.clients, clientID) {
		return caller{}, &problem{code: apperror.ClientNotAllowed, check: "azp"}
	}
	// By the letter and as a whole word: access_as_user_x is another permission. An array is not what Entra sends.
	if !delegated || !slices.Contains(strings.Fields(scopes), rules.scope) {
		return caller{}, &problem{code: apperror.InsufficientScope, check: "scp", challenge: scopeChallenge(rules.scope)}
	}
	tenantID, _ := c.text("tid")
	return caller{tenantID: tenantID, objectID: objectID, clientID: clientID}, nil
}
