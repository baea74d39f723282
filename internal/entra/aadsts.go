package entra

import (
	"encoding/json"
	"regexp"
	"strconv"
)

var (
	aadstsText     = regexp.MustCompile(`^AADSTS(\d{4,9})\b`)
	aadstsAnywhere = regexp.MustCompile(`\bAADSTS(\d{4,9})\b`)
)

// aadsts takes the number from error_codes, or from the beginning of the description where error_codes has none.
func aadsts(body errorBody) int {
	var codes []json.Number // which takes a number in quotes as well
	if json.Unmarshal(body["error_codes"], &codes) == nil && len(codes) > 0 {
		if number, err := strconv.Atoi(codes[0].String()); err == nil && number > 0 {
			return number
		}
	}
	return AADSTSNumber(body.text("error_description"))
}

// AADSTSNumber takes the number out of an error's description, 0 where it has none. Of its text nothing is shown: on its way
// through the browser anyone can write one.
func AADSTSNumber(description string) int {
	match := aadstsText.FindStringSubmatch(description)
	if match == nil {
		return 0
	}
	number, _ := strconv.Atoi(match[1]) // nine digits at most
	return number
}

// WithNumber adds Entra's number where the error has no code of its own and the text of the library does: while MSAL polls for a
// device code it reads each refusal to its end, and nothing else is left of it. The text itself must not be shown.
func (e *TokenError) WithNumber(text string) *TokenError {
	match := aadstsAnywhere.FindStringSubmatch(text)
	if match == nil || e.AADSTS != 0 || e.OAuthError != "" {
		return e
	}
	numbered := *e
	numbered.Kind = Rejected
	numbered.AADSTS, _ = strconv.Atoi(match[1]) // nine digits at most
	return &numbered
}
