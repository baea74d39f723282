package signin

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// maxCallbackQuery bounds the callback's query, in bytes. Entra's codes are some 1.5 kB.
const maxCallbackQuery = 12 << 10

// errNoAnswer: nothing in the query is of Entra.
var errNoAnswer = errors.New("there is no answer in the query")

// answer is what came back from Entra (RFC 6749, sections 4.1.2 and 4.1.2.1; RFC 9207).
type answer struct {
	state  string
	code   string
	issuer string // iss; "" where the answer doesn't name it
	err    string // error; "" in a good answer
	cancel bool   // the error is that the user pressed Cancel
	aadsts int    // the number in the error's description, 0 if there is none

	adminConsent bool   // it is the answer to an administrator's consent link
	tenant       string // and for this tenant
}

// readCallback reads the callback's query. A parameter that comes twice is refused: of two states or codes one is an
// attacker's, and whoever checks the one may go on with the other (RFC 6749, section 3.1).
func readCallback(rawQuery string) (answer, error) {
	if len(rawQuery) > maxCallbackQuery {
		return answer{}, errors.New("the query is too long")
	}
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return answer{}, errors.New("the query is not of the form name=value")
	}
	for name, values := range query {
		if len(values) > 1 {
			return answer{}, fmt.Errorf("the parameter %s is there more than once", plainWord(name))
		}
	}
	found := answer{
		state: query.Get("state"), code: query.Get("code"), issuer: query.Get("iss"), err: query.Get("error"),
		aadsts: entra.AADSTSNumber(query.Get("error_description")),
	}
	found.cancel = query.Get("error_subcode") == "cancel"
	if query.Has("admin_consent") && found.code == "" {
		found.adminConsent, found.tenant = true, query.Get("tenant")
		if found.err == "" && !strings.EqualFold(query.Get("admin_consent"), "true") {
			found.err = "access_denied"
		}
		return found, nil
	}
	switch {
	case found.state == "" && found.code == "" && found.err == "":
		return answer{}, errNoAnswer
	case found.state == "":
		return answer{}, errors.New("the parameter state is missing")
	case found.err == "" && found.code == "":
		return answer{}, errors.New("there is neither a code nor an error")
	case found.err != "" && found.code != "":
		return answer{}, errors.New("there are both a code and an error")
	}
	return found, nil
}

// plainWord returns text where it is an identifier, and otherwise says only that it isn't.
func plainWord(text string) string {
	return cmp.Or(apperror.Word(text), "(not a name)")
}

// needsPage reports whether the error says that Entra would have to show the user a page, which prompt=none forbids
// (OpenID Connect Core, section 3.1.2.6).
func (a answer) needsPage() bool {
	return slices.Contains([]string{"login_required", "interaction_required", "consent_required", "account_selection_required"}, a.err)
}

// explain says what the error means for the user.
func (a answer) explain() *apperror.Error {
	explained := &apperror.Error{
		Code: apperror.SignInRefused, Hop: apperror.SignIn, AADSTS: a.aadsts,
		Cause: fmt.Errorf("the authorization endpoint answered %s, AADSTS%d", plainWord(a.err), a.aadsts),
	}
	known, ok := apperror.ForAADSTS(apperror.SignIn, a.aadsts)
	switch {
	case ok:
		explained.Code = known.Code
	case a.cancel:
		explained.Code = apperror.SignInCancelled
	case a.err == "temporarily_unavailable" || a.err == "server_error":
		explained.Code = apperror.ProviderUnavailable
	case a.needsPage():
		explained.Code = apperror.InteractionRequired
	}
	return explained
}
