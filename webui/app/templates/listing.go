package templates

import (
	"net/url"
	"strconv"
)

// Listing is which part of a list a page shows.
type Listing struct {
	Search      string // what the user looks for; "" is everything
	Total       int    // rows that there are
	Found       int    // of them, those that were searched for
	Page, Pages int    // counted from 1
	From, To    int    // the rows of this page among those found, the second one excluded
}

// whole reports whether the page shows all that there is.
func (l Listing) whole() bool { return l.To-l.From == l.Total }

// found begins the sentence about the search.
func (l Listing) found() string {
	if l.Found == 0 {
		return "None of them has"
	}
	return plural(l.Found, "of them has", "of them have")
}

// address is where another page of the same search is.
func (l Listing) address(base string, page int) string {
	query := url.Values{"page": {strconv.Itoa(page)}}
	if l.Search != "" {
		query.Set("q", l.Search)
	}
	return base + "/?" + query.Encode()
}

func plural(n int, one, many string) string {
	if n == 1 {
		return strconv.Itoa(n) + " " + one
	}
	return strconv.Itoa(n) + " " + many
}
