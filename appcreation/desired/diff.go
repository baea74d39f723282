package desired

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
)

// diff collects what has to be written to one application.
type diff struct {
	role    Role
	there   graph.Application
	patch   graph.Application
	changes []Change
}

// lack records something that the application should have. Of a new one it says only what that is.
func (d *diff) lack(code, format string, values ...any) {
	if d.there.ID != "" && d.there.ID != Unmade {
		format = "lacks " + format
	}
	d.wrong(code, format, values...)
}

// wrong records something that is otherwise than it should be.
func (d *diff) wrong(code, format string, values ...any) {
	d.changes = append(d.changes, Change{Code: d.role.Code() + "-" + code, What: fmt.Sprintf(format, values...)})
}

// Unmade is the id of an application that a plan is about to create.
const Unmade = "(new)"

// identity is what both applications have: name, tag, audience.
func (d *diff) identity(s Settings) {
	if wanted := s.DisplayNames[d.role]; d.there.ID == "" {
		d.patch.DisplayName = s.newDisplayName(d.role)
	} else if wanted != "" && d.there.DisplayName != wanted {
		d.patch.DisplayName = wanted
		d.wrong("name", "is called %q, should be called %q", d.there.DisplayName, wanted)
	}
	if wanted := s.ServiceManagementReference; wanted != "" && d.there.ServiceManagementReference != wanted {
		d.patch.ServiceManagementReference = wanted
		d.lack("service-management-reference", "the service management reference %s", wanted)
	}
	if tag := s.Tag(d.role); !slices.Contains(d.there.Tags, tag) {
		d.patch.Tags = append(slices.Clone(d.there.Tags), tag)
		d.lack("tag", "the tag %s, by which cleanup knows it", tag)
	}
	wanted := s.SignInAudience
	if d.role == Application {
		wanted = "AzureADMyOrg" // a program without a user is of this tenant alone
	}
	if wanted == "" && d.there.SignInAudience != ManyOrganizations {
		wanted = "AzureADMyOrg"
	}
	if wanted == "" || d.there.SignInAudience == wanted {
		return
	}
	d.patch.SignInAudience = wanted
	accounts := map[string]string{"AzureADMyOrg": "of this tenant only", ManyOrganizations: "of any organization"}[wanted]
	if d.there.ID == "" {
		d.wrong("audience", "for accounts %s (%s)", accounts, wanted)
	} else {
		d.wrong("audience", "is for accounts of kind %s, should be %s", d.there.SignInAudience, wanted)
	}
}

// permission makes sure that the application asks for one delegated permission.
func (d *diff) permission(code, resource, resourceAppID, id, value string) {
	d.access(code, resource, resourceAppID, graph.ResourceAccess{ID: id, Type: "Scope"}, value)
}

// access is a permission of either kind.
func (d *diff) access(code, resource, resourceAppID string, access graph.ResourceAccess, value string) {
	list := d.required()
	position := slices.IndexFunc(list, func(r graph.RequiredResourceAccess) bool { return strings.EqualFold(r.ResourceAppID, resourceAppID) })
	if position >= 0 && slices.Contains(list[position].ResourceAccess, access) {
		return
	}
	list = slices.Clone(list)
	if position < 0 {
		list = append(list, graph.RequiredResourceAccess{ResourceAppID: resourceAppID, ResourceAccess: []graph.ResourceAccess{access}})
	} else {
		list[position].ResourceAccess = append(slices.Clone(list[position].ResourceAccess), access)
	}
	d.patch.RequiredResourceAccess = list
	d.lack(code, "the permission %s of %s", value, resource)
}

func (d *diff) required() []graph.RequiredResourceAccess {
	if d.patch.RequiredResourceAccess != nil {
		return d.patch.RequiredResourceAccess
	}
	return d.there.RequiredResourceAccess
}

// permissions are what the application asks for of an API that is made here. What that one doesn't offer any more goes: Entra
// refuses a sign-in with such a permission. The codes of several end in the scope's name.
func (d *diff) permissions(name string, api graph.Application, code string, values ...string) {
	declared := orEmpty(api.API).OAuth2PermissionScopes
	if slices.ContainsFunc(values, func(value string) bool { return ScopeID(api, value) == "" }) {
		return // that application's own differences say so
	}
	stale := func(access graph.ResourceAccess) bool {
		return access.Type == "Scope" &&
			!slices.ContainsFunc(declared, func(scope graph.PermissionScope) bool { return strings.EqualFold(scope.ID, access.ID) })
	}
	for i, resource := range d.required() {
		if !strings.EqualFold(resource.ResourceAppID, api.AppID) || !slices.ContainsFunc(resource.ResourceAccess, stale) {
			continue
		}
		list := slices.Clone(d.required())
		list[i].ResourceAccess = slices.DeleteFunc(slices.Clone(resource.ResourceAccess), stale)
		d.patch.RequiredResourceAccess = list
		d.wrong("permission-stale", "asks for a permission that %s doesn't offer", name)
	}
	for _, value := range values {
		of := code
		if len(values) > 1 {
			of += "-" + value
		}
		d.permission(of, name, api.AppID, ScopeID(api, value), value)
	}
}
