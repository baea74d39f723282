package desired

import (
	"fmt"
	"slices"
	"strings"

	"ms-identity-go-on-behalf-of/appcreation/graph"
)

// diff collects what has to be written to one application.
type diff struct {
	role    Role
	there   graph.Application
	patch   graph.Application
	changes []Change
}

// note records a difference.
func (d *diff) note(code, format string, values ...any) {
	d.changes = append(d.changes, Change{Code: d.role.Code() + "-" + code, What: fmt.Sprintf(format, values...)})
}

// identity is what both applications have: name, tag, audience.
func (d *diff) identity(s Settings) {
	wanted := s.DisplayNames[d.role]
	if d.there.ID == "" {
		wanted = s.newDisplayName(d.role)
	}
	if wanted != "" && d.there.DisplayName != wanted {
		d.patch.DisplayName = wanted
		d.note("name", "name: %s", wanted)
	}
	if tag := s.Tag(d.role); !slices.Contains(d.there.Tags, tag) {
		d.patch.Tags = append(slices.Clone(d.there.Tags), tag)
		d.note("tag", "tag %s, by which cleanup knows it", tag)
	}
	if d.there.SignInAudience != "AzureADMyOrg" && d.there.SignInAudience != "AzureADMultipleOrgs" {
		d.patch.SignInAudience = "AzureADMyOrg"
		d.note("audience", "for accounts of this tenant only (AzureADMyOrg)")
	}
}

// permission makes sure that the application asks for one delegated permission.
func (d *diff) permission(code, resource, resourceAppID, id, value string) {
	list := d.there.RequiredResourceAccess
	if d.patch.RequiredResourceAccess != nil {
		list = d.patch.RequiredResourceAccess
	}
	access := graph.ResourceAccess{ID: id, Type: "Scope"}
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
	d.note(code, "permission %s of %s", value, resource)
}
