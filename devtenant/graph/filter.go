package graph

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// The forms of a clause that are understood, and that clients use. A filter is one or more of them, joined by "and".
var (
	comparison = regexp.MustCompile(`^(\w+)\s+eq\s+(?:'((?:[^']|'')*)'|(true|false))$`)
	prefix     = regexp.MustCompile(`^startswith\(\s*(\w+)\s*,\s*'((?:[^']|'')*)'\s*\)$`)
	lambda     = regexp.MustCompile(`^(\w+)/any\(\s*(\w+)\s*:\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*\)$`)
	conjuncts  = regexp.MustCompile(`^(?:'(?:[^']|'')*'|[^'])*?(?:\s+and\s+|$)`)
)

type clause func(object map[string]any) bool

// filter reads $filter and returns a test for an object's JSON. allowed are the properties that Graph can filter by.
func filter(r *http.Request, allowed ...string) (clause, error) {
	expression := strings.TrimSpace(r.URL.Query().Get("$filter"))
	var clauses []clause
	for rest := expression; rest != ""; {
		part := conjuncts.FindString(rest)
		if part == "" {
			return nil, unsupportedFilter(expression)
		}
		rest = rest[len(part):]
		part = strings.TrimSpace(part)
		if rest != "" {
			part = strings.TrimSpace(strings.TrimSuffix(part, "and"))
		}
		test, ok := parseClause(part, allowed)
		if !ok {
			return nil, unsupportedFilter(expression)
		}
		clauses = append(clauses, test)
	}
	return func(object map[string]any) bool {
		return !slices.ContainsFunc(clauses, func(test clause) bool { return !test(object) })
	}, nil
}

func unsupportedFilter(expression string) error {
	return badRequest("Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified: %s", expression)
}

func parseClause(text string, allowed []string) (clause, bool) {
	unquoted := func(value string) string { return strings.ReplaceAll(value, "''", "'") }
	if m := comparison.FindStringSubmatch(text); m != nil {
		want := unquoted(m[2])
		return func(object map[string]any) bool {
			switch property := object[m[1]].(type) {
			case string:
				return m[3] == "" && strings.EqualFold(property, want)
			case bool:
				return m[3] != "" && property == (m[3] == "true")
			}
			return false
		}, slices.Contains(allowed, m[1])
	}
	if m := prefix.FindStringSubmatch(text); m != nil {
		want := strings.ToLower(unquoted(m[2]))
		return func(object map[string]any) bool {
			property, _ := object[m[1]].(string)
			return strings.HasPrefix(strings.ToLower(property), want)
		}, slices.Contains(allowed, m[1])
	}
	if m := lambda.FindStringSubmatch(text); m != nil && m[2] == m[3] {
		want := unquoted(m[4])
		return func(object map[string]any) bool {
			list, _ := object[m[1]].([]any)
			return slices.ContainsFunc(list, func(item any) bool {
				property, _ := item.(string)
				return strings.EqualFold(property, want)
			})
		}, slices.Contains(allowed, m[1])
	}
	return nil, false
}

// options are the query options that are understood. Another one changes what Graph answers: it is refused, not ignored.
var options = []string{"$filter", "$select", "$top", "$skiptoken", "$count"}

// checkOptions refuses what isn't understood. $search and $count take Graph's advanced queries, which clients ask for with
// "ConsistencyLevel: eventual"; here $count=true is that header's companion and nothing else.
func checkOptions(r *http.Request) error {
	for name := range r.URL.Query() {
		if !strings.HasPrefix(name, "$") || slices.Contains(options, name) {
			continue
		}
		if name == "$search" && r.Header.Get("ConsistencyLevel") == "" {
			return badRequest("Request_UnsupportedQuery", "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'")
		}
		return badRequest("Request_UnsupportedQuery", "devtenant does not have the query option %s.", name)
	}
	return nil
}
