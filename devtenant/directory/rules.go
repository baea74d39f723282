package directory

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// What the directory's methods refuse. Callers look with errors.Is; the text says which object and why.
var (
	ErrNotFound = errors.New("not found")                 // Graph: 404 Request_ResourceNotFound
	ErrConflict = errors.New("another object has that")   // Graph: 400 Request_MultipleObjectsWithSameKeyValue
	ErrInvalid  = errors.New("the object is not allowed") // Graph: 400 Request_BadRequest
)

func invalid(format string, values ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, values...)...)
}

// check is what Graph refuses in an application, whoever sends it. Callers hold the lock.
func (d *Directory) check(a *Application) error {
	if strings.TrimSpace(a.DisplayName) == "" {
		return invalid("displayName is missing")
	}
	if !slices.Contains([]string{"AzureADMyOrg", "AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"}, a.SignInAudience) {
		return invalid("signInAudience %q is not one of Graph's values", a.SignInAudience)
	}
	if v := a.AccessTokenVersion(); v != 1 && v != 2 {
		return invalid("api.requestedAccessTokenVersion is %d, want 1, 2 or null", v)
	}
	for _, raw := range slices.Concat(a.Web.RedirectURIs, a.SPA.RedirectURIs, a.PublicClient.RedirectURIs) {
		if err := checkRedirectURI(raw); err != nil {
			return err
		}
	}
	if err := checkScopes(a.API); err != nil {
		return err
	}
	if err := checkAppRoles(a.AppRoles); err != nil {
		return err
	}
	for _, raw := range a.IdentifierURIs {
		if u, err := url.Parse(raw); err != nil || u.Scheme == "" || u.Host == "" {
			return invalid("identifierUris: %q is not an absolute URI", raw)
		}
	}
	for _, other := range d.applications {
		if other.ID == a.ID {
			continue
		}
		if a.UniqueName != "" && other.UniqueName == a.UniqueName {
			return fmt.Errorf("%w uniqueName %q", ErrConflict, a.UniqueName)
		}
		for _, raw := range a.IdentifierURIs {
			if slices.ContainsFunc(other.IdentifierURIs, func(o string) bool { return strings.EqualFold(o, raw) }) {
				return fmt.Errorf("%w identifierUri %q", ErrConflict, raw)
			}
		}
	}
	return nil
}

// checkRedirectURI holds to "Redirect URI (reply URL) restrictions and limitations": https, or http on the loopback
// host, and no fragment. Schemes of installed applications pass.
func checkRedirectURI(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Scheme == "":
		return invalid("redirectUris: %q is not an absolute URI", raw)
	case u.Fragment != "":
		return invalid("redirectUris: %q has a fragment", raw)
	case u.Scheme == "http" && u.Hostname() != "localhost" && u.Hostname() != "127.0.0.1":
		return invalid("redirectUris: %q must start with https, or be http://localhost", raw)
	}
	return nil
}

func checkScopes(api APIApplication) error {
	var ids, values []string
	for _, scope := range api.OAuth2PermissionScopes {
		if _, err := uuid.Parse(scope.ID); err != nil {
			return invalid("api.oauth2PermissionScopes: id %q is not a GUID", scope.ID)
		}
		if scope.Value == "" || strings.ContainsAny(scope.Value, " /") {
			return invalid("api.oauth2PermissionScopes: value %q is empty or holds a space or a slash", scope.Value)
		}
		if slices.Contains(ids, scope.ID) || slices.Contains(values, scope.Value) {
			return invalid("api.oauth2PermissionScopes: %s (%s) is there twice", scope.Value, scope.ID)
		}
		ids, values = append(ids, scope.ID), append(values, scope.Value)
	}
	for _, client := range api.PreAuthorizedApplications {
		for _, id := range client.DelegatedPermissionIDs {
			if !slices.Contains(ids, id) {
				return invalid("api.preAuthorizedApplications: %s names the scope %s, which the API does not have", client.AppID, id)
			}
		}
	}
	return nil
}

func checkAppRoles(roles []AppRole) error {
	var ids, values []string
	for i := range roles {
		role := &roles[i]
		if _, err := uuid.Parse(role.ID); err != nil {
			return invalid("appRoles: id %q is not a GUID", role.ID)
		}
		if len(role.AllowedMemberTypes) == 0 || slices.ContainsFunc(role.AllowedMemberTypes, func(m string) bool { return m != "User" && m != "Application" }) {
			return invalid("appRoles: allowedMemberTypes of %s are %v, want User, Application or both", role.ID, role.AllowedMemberTypes)
		}
		if strings.ContainsAny(role.Value, " ") || strings.HasPrefix(role.Value, ".") {
			return invalid("appRoles: value %q holds a space or begins with a dot", role.Value)
		}
		if slices.Contains(ids, role.ID) || role.Value != "" && slices.Contains(values, role.Value) {
			return invalid("appRoles: %s (%s) is there twice", role.Value, role.ID)
		}
		ids, values = append(ids, role.ID), append(values, role.Value)
		role.Origin = "Application"
	}
	return nil
}
