package entra

import (
	"fmt"
	"slices"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/guid"
)

// PersonalAccounts is the tenant of all personal Microsoft accounts. They have no Azure subscriptions of an organization, and are
// refused wherever organizations are let in.
const PersonalAccounts = "9188040d-6c67-4c5b-b112-36a304b66dad"

// tenantPlaceholder stands for the tenant's id in the issuer of an authority for several organizations.
const tenantPlaceholder = "{tenantid}"

// Tenants are the ids of the organizations whose users are let in, where AUTHORITY stands for several; * is all of them.
type Tenants []string

// ReadTenants asks for ALLOWED_TENANTS. An authority for several organizations must have it: with one, tokens of every tenant in the
// world carry a valid signature. Otherwise the tenant is AUTHORITY's, and the setting would say it twice.
func ReadTenants(r *env.Reader, authority Authority) Tenants {
	const name = "ALLOWED_TENANTS"
	if !authority.Several() {
		if r.TextOr(name, "") != "" {
			r.Reject(name, "is for an AUTHORITY that ends with /organizations or /common; this one names the one tenant already")
		}
		return nil
	}
	var tenants Tenants
	for _, id := range r.List(name, "the tenant ids of the organizations to let in, separated by commas; * lets in all of them") {
		switch id = strings.ToLower(id); {
		case id == "*", guid.ValidLower(id) && id != PersonalAccounts:
			tenants = append(tenants, id)
		default:
			r.Reject(name, fmt.Sprintf("holds %q; it should be tenant ids (GUIDs) of organizations, separated by commas, or * for all", id))
		}
	}
	return tenants
}

// Any reports whether every organization is let in.
func (t Tenants) Any() bool { return slices.Contains(t, "*") }

// Issuers says which tokens' tenants are taken: the one of the authority, or those that are allowed.
type Issuers struct {
	metadata Metadata
	tenants  Tenants
}

// NewIssuers returns the issuers of a discovery document, and of the tenants that are allowed where it is for several.
func NewIssuers(metadata Metadata, tenants Tenants) Issuers {
	return Issuers{metadata: metadata, tenants: tenants}
}

// Of returns the issuer that a token of a tenant must have, to the letter.
func (i Issuers) Of(tenantID string) string {
	if i.metadata.several() && !guid.ValidLower(tenantID) {
		return ""
	}
	return strings.Replace(i.metadata.Issuer, tenantPlaceholder, tenantID, 1)
}

// Is reports whether an issuer is the one of some tenant, allowed or not.
func (i Issuers) Is(issuer string) bool {
	before, after, _ := strings.Cut(i.metadata.Issuer, tenantPlaceholder)
	return issuer != "" && i.Of(strings.TrimSuffix(strings.TrimPrefix(issuer, before), after)) == issuer
}

// Allow reports whether users of a tenant are let in.
func (i Issuers) Allow(tenantID string) bool {
	if !i.metadata.several() {
		return tenantID == i.metadata.TenantID()
	}
	return guid.ValidLower(tenantID) && tenantID != PersonalAccounts && (i.tenants.Any() || slices.Contains(i.tenants, tenantID))
}

// Several reports whether users of more than one organization may come.
func (i Issuers) Several() bool { return i.metadata.several() }

func (m Metadata) several() bool { return strings.Contains(m.Issuer, tenantPlaceholder) }
