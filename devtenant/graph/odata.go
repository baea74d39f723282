package graph

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// parenthesised finds an alternate key: /applications(appId='…').
var parenthesised = regexp.MustCompile(`^/((?i:applications|servicePrincipals|users))\((\w+)='((?:[^']|'')*)'\)`)

// segments are the names in paths whose case Graph doesn't count; clients don't agree on it. Keys are left as they are.
var segments = []string{
	"applications", "servicePrincipals", "oauth2PermissionGrants", "appRoleAssignments", "appRoleAssignedTo", "directoryObjects",
	"deletedItems", "owners", "ownedObjects", "addPassword", "removePassword", "users", "organization", "me", "directory", "restore",
	"federatedIdentityCredentials", "getByIds",
}

// canonical writes the names of a path as the patterns have them. The name of a federated credential, which is a key, stays.
func canonical(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		at := slices.IndexFunc(segments, func(s string) bool { return strings.EqualFold(s, part) })
		if at >= 0 && (i == 0 || parts[i-1] != "federatedIdentityCredentials") {
			parts[i] = segments[at]
		}
	}
	return strings.Join(parts, "/")
}

// addressByKey rewrites an alternate key into a path segment, since a pattern of net/http can't hold half of one.
func addressByKey(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		copied := *r
		path, key, rest := r.URL.Path, "", ""
		if !strings.Contains(path, "='") {
			path = canonical(path)
		}
		if m := parenthesised.FindStringSubmatch(path); m != nil {
			rest = canonical(strings.TrimPrefix(path, m[0]))
			path, key = "/"+canonical(m[1])+"/"+m[2]+"=", strings.ReplaceAll(m[3], "''", "'")
		}
		copied.URL = &url.URL{Path: path + key + rest, RawPath: path + url.PathEscape(key) + rest, RawQuery: r.URL.RawQuery}
		next.ServeHTTP(w, &copied)
	})
}

// alternateKey splits what [addressByKey] made; name is "" for an object id.
func alternateKey(key string) (name, value string) {
	if name, value, ok := strings.Cut(key, "="); ok {
		return name, value
	}
	return "", key
}

// selected turns an object into JSON with the properties that $select names, or those that come by default.
func selected(r *http.Request, object any) map[string]any {
	all := shown(object)
	names := r.URL.Query().Get("$select")
	// A certificate's content is told only to those who ask for it by name.
	if !slices.Contains(strings.Split(names, ","), "keyCredentials") {
		hideKeys(all)
	}
	if names == "" {
		if _, ok := object.(directory.User); ok {
			names = profile
		} else {
			return all
		}
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
	if raw := query.Get("$top"); raw != "" {
		top, err := strconv.Atoi(raw)
		if err != nil || top < 1 || top > 999 {
			return answer{}, badRequest("Request_UnsupportedQuery", "Invalid page size specified: '%s'. Must be between 1 and 999 inclusive.", raw)
		}
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
