package app

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
)

const (
	pageSize  = 25  // rows
	maxSearch = 100 // characters
)

// search is what a user looks for in a list, ?q=; "" is everything.
type search string

func searchOf(query url.Values) search {
	text := []rune(strings.TrimSpace(query.Get("q")))
	return search(text[:min(len(text), maxSearch)])
}

// finds reports whether one of a row's texts contains what is searched for. Upper case and lower case are the same.
func (s search) finds(texts ...string) bool {
	wanted := strings.ToLower(string(s))
	for _, text := range texts {
		if strings.Contains(strings.ToLower(text), wanted) {
			return true
		}
	}
	return false
}

// newListing says which of the rows that were found are on the page that the user asks for, ?page=. Before the first page there is
// the first, and behind the last the last: a list may have become shorter since its link was shown.
func newListing(query url.Values, wanted search, found, total int) templates.Listing {
	pages := max(1, (found+pageSize-1)/pageSize)
	number, _ := strconv.Atoi(query.Get("page")) // what is no number is 0
	number = min(max(number, 1), pages)
	return templates.Listing{
		Search: string(wanted), Total: total, Found: found, Page: number, Pages: pages,
		From: min((number-1)*pageSize, found), To: min(number*pageSize, found),
	}
}
