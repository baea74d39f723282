package directory

import "encoding/json"

// InertMembers are members of Graph's application that the tenant keeps and shows, and that change nothing here.
type InertMembers struct {
	AddIns                            json.RawMessage `json:"addIns"`
	ApplicationTemplateID             json.RawMessage `json:"applicationTemplateId"`
	Certification                     json.RawMessage `json:"certification"`
	DefaultRedirectURI                json.RawMessage `json:"defaultRedirectUri"`
	DisabledByMicrosoftStatus         json.RawMessage `json:"disabledByMicrosoftStatus"`
	GroupMembershipClaims             json.RawMessage `json:"groupMembershipClaims"`
	Info                              json.RawMessage `json:"info"`
	IsDeviceOnlyAuthSupported         json.RawMessage `json:"isDeviceOnlyAuthSupported"`
	NativeAuthenticationAPIsEnabled   json.RawMessage `json:"nativeAuthenticationApisEnabled"`
	Notes                             json.RawMessage `json:"notes"`
	ParentalControlSettings           json.RawMessage `json:"parentalControlSettings"`
	RequestSignatureVerification      json.RawMessage `json:"requestSignatureVerification"`
	SAMLMetadataURL                   json.RawMessage `json:"samlMetadataUrl"`
	ServicePrincipalLockConfiguration json.RawMessage `json:"servicePrincipalLockConfiguration"`
	TokenEncryptionKeyID              json.RawMessage `json:"tokenEncryptionKeyId"`
	VerifiedPublisher                 json.RawMessage `json:"verifiedPublisher"`
}

// What Graph shows where nobody set anything. The other members are null.
const (
	noInfo      = `{"termsOfServiceUrl":null,"supportUrl":null,"privacyStatementUrl":null,"marketingUrl":null,"logoUrl":null}`
	noPublisher = `{"displayName":null,"verifiedPublisherId":null,"addedDateTime":null}`
	noParents   = `{"countriesBlockedForMinors":[],"legalAgeGroupRule":"Allow"}`
)

func (m *InertMembers) fill() {
	for member, fallback := range map[*json.RawMessage]string{
		&m.AddIns: "[]", &m.Info: noInfo, &m.VerifiedPublisher: noPublisher, &m.ParentalControlSettings: noParents,
	} {
		if len(*member) == 0 || string(*member) == "null" {
			*member = json.RawMessage(fallback)
		}
	}
}

// fillEmptyLists makes lists empty rather than null: Graph always answers with [].
func fillEmptyLists(a *Application) {
	for _, list := range []*[]string{
		&a.IdentifierURIs, &a.Tags, &a.API.KnownClientApplications, &a.Web.RedirectURIs, &a.SPA.RedirectURIs, &a.PublicClient.RedirectURIs,
	} {
		fillEmpty(list)
	}
	fillEmpty(&a.API.OAuth2PermissionScopes)
	fillEmpty(&a.API.PreAuthorizedApplications)
	fillEmpty(&a.AppRoles)
	fillEmpty(&a.RequiredResourceAccess)
	fillEmpty(&a.PasswordCredentials)
	fillEmpty(&a.KeyCredentials)
	a.fill()
}

func fillEmpty[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}
