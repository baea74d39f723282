package graph

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
)

// Error is Graph's refusal of one call.
type Error struct {
	Operation  Operation
	Status     int    // HTTP
	Code       string // Graph's, such as Authorization_RequestDenied
	Message    string // Graph's sentence, cut to a sensible length
	RequestID  string // for Microsoft's support
	RetryAfter string // seconds or a date, where Graph said so
}

// errorBody is the form of every error of Graph ("Microsoft Graph error responses and resource types").
type errorBody struct {
	Error struct {
		Code       string `json:"code"`
		Message    string `json:"message"`
		InnerError struct {
			RequestID string `json:"request-id"`
		} `json:"innerError"`
	} `json:"error"`
}

func newError(operation Operation, response *http.Response, body []byte) *Error {
	e := &Error{
		Operation:  operation,
		Status:     response.StatusCode,
		RequestID:  response.Header.Get("request-id"),
		RetryAfter: response.Header.Get("Retry-After"),
	}
	var parsed errorBody
	if jsonbody.Unmarshal(body, &parsed) == nil {
		e.Code = parsed.Error.Code
		e.Message = oneLine(parsed.Error.Message)
		if e.RequestID == "" {
			e.RequestID = parsed.Error.InnerError.RequestID
		}
	}
	if e.Code == "" {
		e.Code = http.StatusText(e.Status)
	}
	return e
}

// oneLine keeps what came over the network from drawing on the terminal.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return ' '
		}
		return r
	}, text)
	const limit = 500
	if runes := []rune(text); len(runes) > limit {
		text = string(runes[:limit]) + "…"
	}
	return strings.TrimSpace(text)
}

// Error says what was refused, with Graph's own words and the id to search for.
func (e *Error) Error() string {
	text := fmt.Sprintf("%s: Graph answered %d %s", e.Operation.doing, e.Status, e.Code)
	if e.Message != "" {
		text += ": " + e.Message
	}
	if e.RequestID != "" {
		text += " (request-id " + e.RequestID + ")"
	}
	return text
}

// Help says what right or role is missing and who can help, or what else to do next. It is "" where nothing more is
// known than the error itself says.
func (e *Error) Help() string {
	if help := e.policyHelp(); help != "" {
		return help
	}
	switch {
	case e.Status == http.StatusForbidden:
		return "This takes " + e.Operation.needs + ".\nWho can help: " + e.Operation.who + "."
	case e.Status == http.StatusUnauthorized:
		return "The sign-in has no valid token for Graph. Sign in again: az login --tenant <tenant>, or run this with --sign-in device."
	case e.Status == http.StatusTooManyRequests:
		return "Graph asks to slow down. Run the same command again in " + e.pause() + ": it goes on where it stopped."
	case e.Status >= http.StatusInternalServerError:
		return "Graph has trouble of its own. Run the same command again later: it goes on where it stopped."
	case e.Code == "Directory_QuotaExceeded":
		return "The limit of objects that you may create is reached. Delete applications that you don't need, also from the bin, or ask an administrator to run this."
	case e.uniqueNameTaken():
		return "An application with this unique name rests in the bin, where you may not look, or belongs to someone else.\n" +
			"An administrator can restore or purge it (Entra admin center: App registrations, Deleted applications), or choose another --name."
	default:
		return ""
	}
}

// policyHelp is about what the tenant forbids whoever asks ("Microsoft Entra application management policies API overview").
func (e *Error) policyHelp() string {
	switch {
	case strings.HasPrefix(e.Code, "ServiceTree") || strings.Contains(e.Message, "ServiceManagementReference"):
		return "This tenant wants to know whom an application belongs to. Add --service-management-reference <id>, with the id that your organization's\n" +
			"asset management has for you; another application of yours shows it under Branding & properties."
	case strings.HasPrefix(e.Code, "CredentialInvalidLifetime"):
		return "The tenant's policy allows shorter lives only. Try --life 90d, then --life 8d, or ask an administrator (app management policies)."
	case strings.HasPrefix(e.Code, "CredentialTypeNotAllowed"):
		return "The tenant's policy forbids this kind of credential. Use a certificate in place of a secret, --certificate, or neither: --federated."
	case strings.HasPrefix(e.Code, "SignInAudienceNotAllowed"):
		return "The tenant's policy forbids applications for these accounts. Make a new pair with another --name: it is for this tenant alone."
	case e.Code == "HostNameNotOnVerifiedDomain" || strings.Contains(e.Message, "as per the default tenant policy of your organization"):
		return "The tenant's policy takes no such App ID URI. appcreation's own, api://<client id>, it does: make a new pair with another --name."
	case strings.HasSuffix(e.Code, "AsPerAppPolicy"):
		return "An app management policy of the tenant forbids this. An administrator can exempt the application, or say what is allowed."
	}
	return ""
}

func (e *Error) pause() string {
	if seconds, err := time.ParseDuration(e.RetryAfter + "s"); err == nil {
		return seconds.String()
	}
	return "a few minutes"
}

func (e *Error) uniqueNameTaken() bool {
	return e.Status == http.StatusBadRequest && strings.Contains(e.Message, "property uniqueName already exists")
}

// freshness is what Graph says, with status 400, of a reference to an object that one of its replicas doesn't know yet.
var freshness = []string{
	"does not reference a valid application object",
	"that cannot be found",
	"does not exist or one of its queried reference-property objects are not present",
}

// IsNotThere reports whether err says that an object, or one that was referred to, is not there. Right after a create
// that means "not on every replica yet" ("Microsoft Graph: eventual consistency"), otherwise what it says.
func IsNotThere(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	if e.Status == http.StatusNotFound {
		return true
	}
	if e.Status != http.StatusBadRequest {
		return false
	}
	for _, text := range freshness {
		if strings.Contains(e.Message, text) {
			return true
		}
	}
	return false
}

// IsThereAlready reports whether err says that what was to be created exists.
func IsThereAlready(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	return e.Status == http.StatusConflict ||
		e.Status == http.StatusBadRequest && strings.Contains(e.Message, "object references already exist")
}

// IsForbidden reports whether err says that the caller lacks a right.
func IsForbidden(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == http.StatusForbidden
}

// IsBadRequest reports whether err says that a call makes no sense for this caller or object.
func IsBadRequest(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Status == http.StatusBadRequest
}
