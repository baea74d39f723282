// Package apperror is the one table of what can go wrong between the user's browser and Azure, and what to do about it.
//
// A code comes in; the texts for people go out, and an [Error] carries the code from where it happened to where it is told. It
// never holds a token or another's text. A problem document of the API, a page of the web UI and a row of
// docs/troubleshooting.md are made of the same table, so that they say the same.
package apperror

import (
	"net/http"
	"slices"
)

// DocsURL is where the rows are read. Whoever clones the sample points it at their own documentation.
const DocsURL = "https://github.com/Azure-Samples/ms-identity-go-on-behalf-of/blob/main/docs/troubleshooting.md"

// Failure is one row of the table.
type Failure struct {
	Code      string // the machine's name for it, stable: clients compare it
	AADSTS    []int  // Entra's numbers that mean this; the first is the usual one
	Status    int    // the HTTP status that a page or problem document of it carries
	Again     bool   // the same request may be answered when it is made again: pages have a button for that
	Title     string // what it is, in a few words
	What      string // what happened, in a sentence for the person in front of it
	User      string // what that person can do; "" if nothing
	Cause     string // why it happens, for the developer
	Developer string // what the developer can do; "" if nothing
	Admin     string // what an administrator of the tenant can do; "" if nothing
	Switch    string // the switch of devtenant that shows it; "" if it needs none
	Hops      []Hop  // the steps in which the numbers mean this; none where they mean it in each
}

// All returns the table in the order of the flow: signing in, the credential, the validation of token A, the exchange, the call, the session.
func All() []Failure {
	return slices.Concat(signIn(), credential(), validation(), exchange(), call(), tiers())
}

// Lookup returns the failure with a code, and false where there is none.
func Lookup(code string) (Failure, bool) {
	return find(func(f Failure) bool { return f.Code == code })
}

// ForAADSTS returns the failure that an AADSTS number means in a step of the flow, and false for a number that the table doesn't
// have. A row for that very step goes before one for all.
func ForAADSTS(hop Hop, number int) (Failure, bool) {
	found, ok := find(func(f Failure) bool { return slices.Contains(f.AADSTS, number) && slices.Contains(f.Hops, hop) })
	if ok {
		return found, true
	}
	return find(func(f Failure) bool { return slices.Contains(f.AADSTS, number) && len(f.Hops) == 0 })
}

// Get returns the failure with a code of this package's table, and the one for internal errors where a caller asks for
// a code that isn't in it, which a test of that caller should notice.
func Get(code string) Failure {
	if found, ok := Lookup(code); ok {
		return found
	}
	return Failure{Code: Internal, Status: http.StatusInternalServerError, Title: "Something went wrong"}
}

// Docs returns the address of the row about a code in docs/troubleshooting.md.
func Docs(code string) string { return DocsURL + "#" + code }

func find(match func(Failure) bool) (Failure, bool) {
	table := All()
	if i := slices.IndexFunc(table, match); i >= 0 {
		return table[i], true
	}
	return Failure{}, false
}
