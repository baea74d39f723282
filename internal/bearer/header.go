package bearer

import (
	"net/http"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// tokenFrom takes the token from the Authorization header (RFC 6750, section 2.1). The other two places that the RFC knows, the
// query and the body, are ignored: what stands in a URL ends up in logs and histories.
func tokenFrom(header http.Header) (secret.String, error) {
	if len(header.Values("Authorization")) > 1 {
		// A proxy may have looked at the one and this API at the other.
		return secret.String{}, malformed("The request has more than one Authorization header.")
	}
	value := header.Get("Authorization")
	end := strings.IndexAny(value, " \t")
	if end < 0 {
		end = len(value)
	}
	scheme, token := value[:end], value[end:]
	if !strings.EqualFold(scheme, "Bearer") { // RFC 9110, section 11.1: in any case
		return secret.String{}, &apperror.Error{Code: apperror.NoToken, Challenge: &challenge.Challenge{}}
	}
	if len(token) < 2 || token[0] != ' ' || token[1] == ' ' || token[1] == '\t' {
		return secret.String{}, malformed("The Authorization header is not of the form: Bearer, one space, the token.")
	}
	return secret.New(token[1:]), nil
}

func malformed(what string) error {
	return &apperror.Error{
		Code: apperror.MalformedRequest, Detail: what,
		Challenge: &challenge.Challenge{Error: challenge.InvalidRequest, Description: what},
	}
}

// refuse is the answer to a token that failed a check: the name of the check, why, and nothing of the token.
func refuse(check, why string) error { return refuseAs(apperror.InvalidToken, check, why) }

// refuseAs is refuse for a failure that the table knows more about than that the token is invalid. For the caller it is all the
// same (RFC 6750, section 3.1): get another token.
func refuseAs(code, check, why string) error {
	return &apperror.Error{
		Code:      code,
		Check:     check,
		Detail:    "The access token was refused at the check of " + check + ": " + why + ".",
		Challenge: &challenge.Challenge{Error: challenge.InvalidToken, Description: check + ": " + why},
	}
}
