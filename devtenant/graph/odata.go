package graph

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// parenthesised finds an alternate key: /applications(appId='…').
var parenthesised = regexp.MustCompile(`^/(applications|servicePrincipals)\((\w+)='((?:[^']|'')*)'\)`)

// addressByKey rewrites an alternate key into a path segment, since a pattern of net/http can't hold half of one.
func addressByKey(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m := parenthesised.FindStringSubmatch(r.URL.Path); m != nil {
			value := strings.ReplaceAll(m[3], "''", "'")
			rest := strings.TrimPrefix(r.URL.Path, m[0])
			copied := *r
			copied.URL = &url.URL{
				Path:     "/" + m[1] + "/" + m[2] + "=" + value + rest,
				RawPath:  "/" + m[1] + "/" + m[2] + "=" + url.PathEscape(value) + rest,
				RawQuery: r.URL.RawQuery,
			}
			r = &copied
		}
		next.ServeHTTP(w, r)
	})
}

// alternateKey splits what [addressByKey] made; name is "" for an object id.
func alternateKey(key string) (name, value string) {
	if name, value, ok := strings.Cut(key, "="); ok {
		return name, value
	}
	return "", key
}

// comparison and lambda are the two forms of $filter that are understood.
var (
	comparison = regexp.MustCompile(`^\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*$`)
	lambda     = regexp.MustCompile(`^\s*(\w+)/any\(\s*(\w+)\s*:\s*(\w+)\s+eq\s+'((?:[^']|'')*)'\s*\)\s*$`)
)

// filter reads $filter and returns a test for an object's JSON. allowed are the properties that Graph can filter by.
func filter(r *http.Request, allowed ...string) (func(map[string]any) bool, error) {
	expression := r.URL.Query().Get("$filter")
	if expression == "" {
		return func(map[string]any) bool { return true }, nil
	}
	name, value := "", ""
	if m := comparison.FindStringSubmatch(expression); m != nil {
		name, value = m[1], m[2]
	} else if m := lambda.FindStringSubmatch(expression); m != nil && m[2] == m[3] {
		name, value = m[1], m[4]
	}
	value = strings.ReplaceAll(value, "''", "'")
	if !slices.Contains(allowed, name) {
		return nil, badRequest("Request_UnsupportedQuery", "Unsupported or invalid query filter clause specified: %s", expression)
	}
	return func(object map[string]any) bool {
		switch property := object[name].(type) {
		case string:
			return strings.EqualFold(property, value)
		case []any:
			return slices.ContainsFunc(property, func(item any) bool {
				text, _ := item.(string)
				return strings.EqualFold(text, value)
			})
		default:
			return false
		}
	}, nil
}

// selected turns an object into JSON with the properties that $select names, or all.
func selected(r *http.Request, object any) map[string]any {
	all := asMap(object)
	names := r.URL.Query().Get("$select")
	// A certificate's content is told only to those who ask for it by name.
	if !slices.Contains(strings.Split(names, ","), "keyCredentials") {
		hideKeys(all)
	}
	if names == "" {
		return all
	}
	chosen := map[string]any{}
	for name := range strings.SplitSeq(names, ",") {
		if value, ok := all[strings.TrimSpace(name)]; ok {
			chosen[strings.TrimSpace(name)] = value
		}
	}
	if id, ok := all["id"]; ok {
		chosen["id"] = id
	}
	return chosen
}

func hideKeys(object map[string]any) {
	credentials, _ := object["keyCredentials"].([]any)
	for _, credential := range credentials {
		if credential, ok := credential.(map[string]any); ok {
			credential["key"] = nil
		}
	}
}

const pageSize = 100

// page cuts a collection and links to its next page.
func (h *handler) page(r *http.Request, all []map[string]any) (answer, error) {
	query := r.URL.Query()
	size := pageSize
	if top, err := strconv.Atoi(query.Get("$top")); err == nil && top > 0 && top < 1000 {
		size = top
	}
	start, _ := strconv.Atoi(query.Get("$skiptoken"))
	start = min(max(start, 0), len(all))
	end := min(start+size, len(all))
	body := map[string]any{
		"@odata.context": h.url(r, "/$metadata#"+lastSegment(r.URL.Path)),
		"value":          all[start:end],
	}
	if end < len(all) {
		query.Set("$skiptoken", strconv.Itoa(end))
		body["@odata.nextLink"] = h.url(r, r.URL.Path+"?"+query.Encode())
	}
	return answer{status: http.StatusOK, body: body}, nil
}

// one is an answer with a single object.
func (h *handler) one(r *http.Request, status int, kind string, object any) answer {
	body := selected(r, object)
	body["@odata.context"] = h.url(r, "/$metadata#"+kind+"/$entity")
	return answer{status: status, body: body}
}

// readBody decodes a request's body. What isn't JSON is refused in Graph's words.
func readBody(r *http.Request, into any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return badRequest("BadRequest", "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format: %v", err)
	}
	return nil
}

// asMap is an object as JSON has it.
func asMap(object any) map[string]any {
	raw, err := json.Marshal(object)
	copied := map[string]any{}
	if err == nil {
		err = json.Unmarshal(raw, &copied)
	}
	if err != nil {
		panic("graph: the model does not survive JSON: " + err.Error())
	}
	return copied
}

func lastSegment(path string) string { return path[strings.LastIndex(path, "/")+1:] }
