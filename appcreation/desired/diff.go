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
	if d.there.SignInAudience != "AzureADMyOrg" && d.there.SignInAudience != "AzureADMultipleOrgs" {
		d.patch.SignInAudience = "AzureADMyOrg"
		if d.there.ID == "" {
			d.wrong("audience", "for accounts of this tenant only (AzureADMyOrg)")
		} else {
			d.wrong("audience", "is for accounts of kind %s, should be AzureADMyOrg", d.there.SignInAudience)
		}
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
	d.lack(code, "the permission %s of %s", value, resource)
}
