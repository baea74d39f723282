package entra

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	msalerrors "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// Kind says who can do something about a token error.
type Kind string

// The kinds of token errors.
const (
	Interaction Kind = "interaction" // the user, by signing in again
	Rejected    Kind = "rejected"    // the developer or administrator: the request or the registration is wrong
	Throttled   Kind = "throttled"   // nobody; wait for RetryAfter
	Unavailable Kind = "unavailable" // nobody; the identity provider can't be reached or has a fault
	Malformed   Kind = "malformed"   // nobody here; the answer was not a token response
	Abandoned   Kind = "abandoned"   // nobody; the caller went away before the answer came
	// NoCredential is for whoever runs the program: it has nothing to prove itself with, as Reason says. Entra wasn't asked.
	NoCredential Kind = "no_credential"
)

// TokenError is an error of the token endpoint, made of the few fields that are safe to log and to show.
//
// The error that MSAL returns is not: its text holds the whole answer, and the request inside it holds the client secret
// and the user's assertion. It is read once, in [AsTokenError], and dropped.
type TokenError struct {
	Kind        Kind
	AADSTS      int           // Entra's number, as in AADSTS65001; 0 if there was none
	OAuthError  string        // error (RFC 6749, section 5.2)
	Suberror    string        // Entra's suberror, such as consent_required
	Claims      string        // the claims request, JSON, to be sent along when the user signs in again
	ClaimsError error         // why Claims is empty although the answer had some
	Status      int           // the HTTP status; 0 if there was no answer
	Network     outbound.Kind // why there was no answer; "" where there was one
	RetryAfter  time.Duration // how long to wait; 0 if the answer didn't say
	TraceID     string        // Entra's own, which Microsoft's support asks for; client-request-id is the log's trace_id
	Reason      string        // with NoCredential: the setting and what is wrong with what it names, for the log
}

// Error tells the codes and nothing of the answer's text.
func (e *TokenError) Error() string {
	text := "token request failed: " + string(e.Kind)
	if e.AADSTS != 0 {
		text += fmt.Sprintf(", AADSTS%d", e.AADSTS)
	}
	if e.OAuthError != "" {
		text += ", " + e.OAuthError
	}
	if e.Suberror != "" {
		text += "/" + e.Suberror
	}
	if e.Status != 0 {
		text += fmt.Sprintf(", status %d", e.Status)
	}
	if e.TraceID != "" {
		text += ", Entra's trace id " + e.TraceID
	}
	if e.Network != "" {
		text += ", " + string(e.Network)
	}
	if e.ClaimsError != nil {
		text += ", " + e.ClaimsError.Error()
	}
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// AsTokenError makes a [TokenError] of any error that a call of MSAL returned; nil for nil.
func AsTokenError(err error) *TokenError {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[*TokenError](err); ok {
		return known
	}
	if call, ok := errors.AsType[msalerrors.CallErr](err); ok && call.Resp != nil {
		return ReadTokenError(call.Resp)
	}
	if _, ok := errors.AsType[msalerrors.InvalidJsonErr](err); ok {
		return &TokenError{Kind: Malformed, Status: http.StatusOK}
	}
	switch network := outbound.KindOf(err); {
	case network == "":
	case network == outbound.Canceled:
		return &TokenError{Kind: Abandoned}
	case network == outbound.TooLarge, errors.Is(err, outbound.ErrCutShort): // too much of an answer, or half of one
		return &TokenError{Kind: Malformed, Network: network}
	default:
		return &TokenError{Kind: Unavailable, Network: network}
	}
	if strings.HasSuffix(err.Error(), "no token found") {
		// MSAL has no type for it: the cache holds neither an access token nor a refresh token for this.
		return &TokenError{Kind: Interaction}
	}
	return &TokenError{Kind: Malformed}
}

// errorBody is an error answer (RFC 6749 section 5.2, with Entra's additions as in "Microsoft identity platform and
// OAuth 2.0 authorization code flow"), member by member: one that has another type than it should must not take the
// others with it.
type errorBody map[string]json.RawMessage

// text returns a member that is text, and "" for any other.
func (b errorBody) text(name string) string {
	var text string
	if json.Unmarshal(b[name], &text) != nil {
		return ""
	}
	return text
}

// claims returns the claims request as text. It is JSON in a string; as an object it says the same.
func (b errorBody) claims() string {
	if raw := b["claims"]; bytes.HasPrefix(raw, []byte("{")) {
		return string(raw)
	}
	return b.text("claims")
}

// ReadTokenError makes a [TokenError] of the token endpoint's answer where that is no token. It reads the body.
func ReadTokenError(response *http.Response) *TokenError {
	result := &TokenError{Status: response.StatusCode, RetryAfter: RetryAfter(response.Header, time.Now())}
	var body errorBody
	decodeErr := errors.New("no body")
	if response.Body != nil {
		decodeErr = jsonbody.Decode(response.Body, &body) // can be read once: MSAL hands out a buffer
	}
	if decodeErr == nil {
		result.OAuthError, result.Suberror = apperror.Word(body.text("error")), apperror.Word(body.text("suberror"))
		result.TraceID = apperror.Word(body.text("trace_id"))
		result.AADSTS = aadsts(body)
		if claims := body.claims(); claims != "" {
			result.Claims, result.ClaimsError = challenge.DecodeClaims(claims)
		}
	}
	switch {
	case response.StatusCode == http.StatusTooManyRequests:
		result.Kind = Throttled
	case response.StatusCode >= 500 || body.text("error") == "temporarily_unavailable":
		result.Kind = Unavailable
	case decodeErr != nil || body.text("error") == "":
		result.Kind = Malformed
	case needsUser(result):
		result.Kind = Interaction
	default:
		result.Kind = Rejected
	}
	return result
}

// needsUser tells errors that end when the user signs in again from those that come back each time.
func needsUser(e *TokenError) bool {
	switch e.AADSTS {
	case 50013, 500131, 240002, 54005, 501481, 9002313, 500011:
		return false // about the request: an assertion of the wrong kind or for somebody else, a code or verifier that doesn't belong
	case 90094, 90093, 90095, 900941, 50105, 500208, 50020, 51004, 500200, 500212, 500213:
		return false // only an administrator, or another account, can change it
	}
	return slices.Contains([]string{"interaction_required", "consent_required", "login_required", "invalid_grant"}, e.OAuthError)
}

// RetryAfter reads the header of that name, in seconds or as a date (RFC 9110, section 10.2.3); 0 if there is none.
// More than a day counts as a day.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, 24*time.Hour)
	}
	if date, err := http.ParseTime(value); err == nil {
		return min(max(date.Sub(now), 0), 24*time.Hour)
	}
	return 0
}
