package devtenant

import (
	"net/url"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// scopes is a scope parameter, taken apart: "{resource}/{permission}" for each API, and OpenID Connect's own.
type scopes struct {
	asked     []string // as sent; the answer echoes them, MSAL fails if one is missing
	openID    []string // openid, profile, email, offline_access
	resources []resourceScopes
}

// resourceScopes is what is asked of one API.
type resourceScopes struct {
	api           directory.ServicePrincipal
	name          string   // the API as the client named it; the audience of a v1.0 token
	short         bool     // named by its permissions alone, as only Graph can be
	values        []string // permissions by name; empty with everything
	allConfigured bool     // /.default: what the client's registration lists
}

var openIDScopes = []string{"openid", "profile", "email", "offline_access"}

const graphName = "https://graph.microsoft.com"

// parseScopes takes a scope parameter apart, and refuses an API that the tenant doesn't have and /.default mixed with
// single permissions of the same API.
func (t *Tenant) parseScopes(raw string, client directory.Application) (scopes, *refusal) {
	parsed := scopes{asked: strings.Fields(raw)}
	if len(parsed.asked) == 0 {
		return parsed, refuse(900144, "parameter", "scope")
	}
	for _, scope := range parsed.asked {
		if slices.Contains(openIDScopes, scope) {
			parsed.openID = append(parsed.openID, scope)
			continue
		}
		name, permission := graphName, scope // a bare permission is one of Graph's
		if slash := strings.LastIndex(scope, "/"); slash >= 0 {
			// Only the last slash parts them: "https://management.core.windows.net//.default" names a resource that ends in one.
			name, permission = scope[:slash], scope[slash+1:]
		}
		if name == "" || permission == "" {
			return parsed, refuse(70011, "scope", scope)
		}
		if refused := t.addScope(&parsed, client, name, permission); refused != nil {
			return parsed, refused
		}
		if permission == scope {
			graph := slices.IndexFunc(parsed.resources, func(r resourceScopes) bool { return r.api.AppID == directory.GraphAppID })
			parsed.resources[graph].short = true
		}
	}
	for _, resource := range parsed.resources {
		if resource.allConfigured && len(resource.values) > 0 {
			return parsed, refuse(70011, "scope", raw)
		}
	}
	return parsed, nil
}

func (t *Tenant) addScope(parsed *scopes, client directory.Application, name, permission string) *refusal {
	api, ok := t.dir.Resource(name)
	if !ok {
		var refused *refusal
		if api, refused = t.newAPI(name, client); refused != nil {
			return refused
		}
	}
	if api.AppID == client.AppID && !strings.EqualFold(name, client.AppID) {
		return refuse(90009)
	}
	at := slices.IndexFunc(parsed.resources, func(r resourceScopes) bool { return r.api.AppID == api.AppID })
	if at < 0 {
		parsed.resources = append(parsed.resources, resourceScopes{api: api, name: name})
		at = len(parsed.resources) - 1
	}
	resource := &parsed.resources[at]
	switch {
	case permission == ".default":
		resource.allConfigured = true
	case !slices.ContainsFunc(api.OAuth2PermissionScopes, func(s directory.PermissionScope) bool { return s.Value == permission && s.IsEnabled }):
		return refuse(70011, "scope", name+"/"+permission, "resource", api.DisplayName)
	case !slices.Contains(resource.values, permission):
		resource.values = append(resource.values, permission)
	}
	return nil
}

// newAPI is another tenant's API that has no service principal in this one. With a client that the API knows, the first
// consent makes both; otherwise an administrator has to let the API in.
func (t *Tenant) newAPI(name string, client directory.Application) (directory.ServicePrincipal, *refusal) {
	api, ok := t.dir.Prospect(name)
	if !ok {
		return api, refuse(500011, "resource", name, "tenant", t.dir.DisplayName())
	}
	if registered, _ := t.dir.Registration(api.AppID); !slices.Contains(registered.API.KnownClientApplications, client.AppID) {
		return api, refuse(650052, "resource", api.DisplayName, "tenant", t.dir.DisplayName())
	}
	return api, nil
}

func (s scopes) wants(openIDScope string) bool { return slices.Contains(s.openID, openIDScope) }

// checkResource holds the parameter resource (RFC 8707), which v2.0 clients need not send, against the scopes: they say
// by themselves what a token is for, and the two must not differ.
func (t *Tenant) checkResource(values url.Values, s scopes) *refusal {
	named := values.Get("resource")
	if named == "" {
		return nil
	}
	api, ok := t.dir.Resource(named)
	resource, refused := t.single(s)
	if !ok || refused != nil || api.AppID != resource.api.AppID {
		return refuse(9010010)
	}
	return nil
}

// single is the one API that a token can be for. Without any, the token is for Graph: that is where OpenID Connect's
// userinfo endpoint is.
func (t *Tenant) single(s scopes) (resourceScopes, *refusal) {
	switch len(s.resources) {
	case 0:
		graph, _ := t.dir.ServicePrincipalByAppID(directory.GraphAppID)
		values := slices.DeleteFunc(slices.Clone(s.openID), func(v string) bool { return v == "offline_access" })
		return resourceScopes{api: graph, name: graphName, short: true, values: values}, nil
	case 1:
		return s.resources[0], nil
	}
	return resourceScopes{}, refuse(700022, "scope", strings.Join(s.asked, " "))
}

// granted is the scp of a token for an API: everything that was consented to, not only what was asked, as long as all
// that was asked is among it.
func (t *Tenant) granted(client directory.Application, resource resourceScopes, userID string) ([]string, *refusal) {
	consented := t.dir.GrantedScopes(client.AppID, resource.api.AppID, userID)
	for _, value := range resource.values {
		if slices.Contains(consented, value) {
			continue
		}
		if resource.api.AppID == directory.GraphAppID && slices.Contains(openIDScopes, value) {
			consented = append(consented, value) // signing in is consent enough for these
			continue
		}
		return nil, refuse(65001, "resource", resource.api.DisplayName)
	}
	if len(consented) == 0 {
		return nil, refuse(65001, "resource", resource.api.DisplayName)
	}
	return consented, nil
}

// answered is the scope member of a token answer, as Entra has it: what was granted, in the client's own spelling, and
// .default last where the client asked for it, so that a client finds the token again under each single permission.
// OpenID Connect's scopes are Graph's: they are left out where the token is for another API, and offline_access always.
func (s scopes) answered(resource resourceScopes, granted []string) string {
	var answer, last []string
	add := func(list *[]string, scope string) {
		if !slices.Contains(*list, scope) {
			*list = append(*list, scope)
		}
	}
	for _, value := range granted {
		switch {
		case value == "offline_access":
		case resource.short, slices.Contains(openIDScopes, value) && resource.api.AppID == directory.GraphAppID:
			add(&answer, value)
		default:
			add(&answer, resource.name+"/"+value)
		}
	}
	for _, scope := range s.asked {
		switch {
		case slices.Contains(openIDScopes, scope):
		case strings.HasSuffix(scope, "/.default"):
			add(&last, scope)
		default:
			add(&answer, scope) // the same permission by another of the API's names
		}
	}
	return strings.Join(append(answer, last...), " ")
}
