package graph

import "github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"

// profile is what Graph tells of a user who isn't asked for more by $select.
const profile = "businessPhones,displayName,givenName,jobTitle,mail,mobilePhone,officeLocation,preferredLanguage,surname,userPrincipalName,id"

// What Graph shows as null where there is nothing. The directory leaves it out.
var (
	nullInApplication = []string{"deletedDateTime", "description", "optionalClaims", "serviceManagementReference", "uniqueName"}
	nullInPrincipal   = []string{
		"appDescription", "applicationTemplateId", "deletedDateTime", "disabledByMicrosoftStatus", "homepage", "logoutUrl",
		"preferredTokenSigningKeyThumbprint", "samlSingleSignOnSettings", "signInAudience", "tokenEncryptionKeyId",
	}
	nullInUser       = []string{"jobTitle", "mobilePhone", "officeLocation", "preferredLanguage"}
	nullInCredential = []string{"customKeyIdentifier", "key"}
)

// shown is an object with all members that Graph's have.
func shown(object any) map[string]any {
	all := asMap(object)
	switch object.(type) {
	case directory.Application:
		fillNull(all, nullInApplication)
		web, _ := all["web"].(map[string]any)
		fillNull(web, []string{"homePageUrl", "logoutUrl"})
		uris, _ := web["redirectUris"].([]any)
		settings := make([]any, 0, len(uris))
		for _, uri := range uris {
			settings = append(settings, map[string]any{"uri": uri, "index": nil})
		}
		web["redirectUriSettings"] = settings
	case directory.ServicePrincipal:
		fillNull(all, nullInPrincipal)
		for _, name := range []string{"addIns", "resourceSpecificApplicationPermissions"} {
			all[name] = []any{}
		}
		all["verifiedPublisher"] = map[string]any{"displayName": nil, "verifiedPublisherId": nil, "addedDateTime": nil}
	case directory.User:
		fillNull(all, nullInUser)
		if all["businessPhones"] == nil {
			all["businessPhones"] = []any{}
		}
		if all["mail"] == "" {
			all["mail"] = nil
		}
		delete(all, "devtenant") // Graph has no such property
	}
	keys, _ := all["keyCredentials"].([]any)
	for _, key := range keys {
		if key, ok := key.(map[string]any); ok {
			fillNull(key, nullInCredential)
		}
	}
	return all
}

func fillNull(object map[string]any, names []string) {
	for _, name := range names {
		if _, ok := object[name]; !ok {
			object[name] = nil
		}
	}
}

// typed is an object of a collection that holds several kinds.
func typed(object map[string]any, kind string) map[string]any {
	object["@odata.type"] = "#microsoft.graph." + kind
	return object
}
