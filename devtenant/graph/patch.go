package graph

import (
	"encoding/json"
	"net/http"
	"slices"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// patch is the body of a POST or PATCH: only what is in it changes.
type patch map[string]json.RawMessage

func readPatch(r *http.Request) (patch, error) {
	var p patch
	if err := readBody(r, &p); err != nil {
		return nil, err
	}
	return p, nil
}

// complex are the properties that hold properties themselves; those that aren't sent stay as they are, one level down
// too. Lists are replaced as a whole.
var complexProperties = []string{"api", "web", "spa", "publicClient"}

// readOnly are refused, and passwordCredentials too: secrets come from addPassword only.
var readOnly = []string{"id", "appId", "createdDateTime", "deletedDateTime", "publisherDomain"}

// apply changes an application as the body says.
func (p patch) apply(app *directory.Application) error {
	before := app.KeyCredentials
	merged := map[string]json.RawMessage{}
	raw, err := json.Marshal(app)
	if err == nil {
		err = json.Unmarshal(raw, &merged)
	}
	if err != nil {
		return err
	}
	for name, value := range p {
		switch {
		case slices.Contains(readOnly, name):
			return badRequest("Request_BadRequest", "Property '%s' is read-only and cannot be set.", name)
		case name == "uniqueName" && app.ID != "":
			return badRequest("Request_BadRequest", "Property 'uniqueName' is immutable.")
		case name == "passwordCredentials":
			return badRequest("Request_BadRequest", "Updating passwordCredentials via PATCH is not supported. Use addPassword and removePassword.")
		case slices.Contains(complexProperties, name):
			if merged[name], err = mergeObject(merged[name], value); err != nil {
				return badRequest("Request_BadRequest", "Invalid value specified for property '%s' of resource 'Application'.", name)
			}
		default:
			merged[name] = value
		}
	}
	if raw, err = json.Marshal(merged); err != nil {
		return err
	}
	var changed directory.Application
	if err := decodeStrictly(raw, &changed); err != nil {
		return err
	}
	if err := completeKeys(changed.KeyCredentials, before); err != nil {
		return err
	}
	*app = changed
	return nil
}

func mergeObject(old, change json.RawMessage) (json.RawMessage, error) {
	properties := map[string]json.RawMessage{}
	if err := json.Unmarshal(old, &properties); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(change, &properties); err != nil {
		return nil, err
	}
	return json.Marshal(properties)
}

// ofServicePrincipals are the properties of a service principal that can be changed; the rest is its application's.
var ofServicePrincipals = []string{
	"accountEnabled", "alternativeNames", "appRoleAssignmentRequired", "description", "keyCredentials", "loginUrl", "notes",
	"notificationEmailAddresses", "preferredSingleSignOnMode", "tags",
}

// applyToServicePrincipal changes a service principal as the body says.
func (p patch) applyToServicePrincipal(sp *directory.ServicePrincipal) error {
	before := sp.KeyCredentials
	for name := range p {
		switch {
		case name == "passwordCredentials":
			return badRequest("Request_BadRequest", "Updating passwordCredentials via PATCH is not supported. Use addPassword and removePassword.")
		case !slices.Contains(ofServicePrincipals, name):
			return badRequest("Request_BadRequest", "Property '%s' of resource 'ServicePrincipal' is read-only, is its application's, or does not exist.", name)
		}
	}
	raw, err := json.Marshal(p)
	if err != nil {
		return err
	}
	if p["keyCredentials"] != nil {
		sp.KeyCredentials = nil // a list is replaced as a whole, not merged with what was there
	}
	if err := decodeStrictly(raw, sp); err != nil {
		return err
	}
	return completeKeys(sp.KeyCredentials, before)
}
