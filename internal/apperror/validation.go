package apperror

// validation lists why the API turns a request away before it exchanges anything.
func validation() []Failure {
	return []Failure{
		{
			Code: NoToken, Status: 401, Title: "There is no access token in the request",
			What:      "The API was called without an access token.",
			Cause:     "No Authorization header, or one of another scheme. A token in the query or the body is not looked at.",
			Developer: "Send `Authorization: Bearer <access token for this API>` (RFC 6750, section 2.1). A proxy in front may have dropped the header.",
		},
		{
			Code: MalformedRequest, Status: 400, Title: "The request is malformed",
			What:      "The API could not make sense of the request.",
			Cause:     "Two Authorization headers, a bearer header with nothing, white space or more than a token behind the scheme, or a request that contradicts itself.",
			Developer: "Send one Authorization header, `Bearer`, one space, and the token.",
		},
		{
			Code: InvalidToken, Status: 401, Title: "The access token is not valid",
			What:      "The access token didn't pass the API's checks.",
			Cause:     "Not a signed JWT of this tenant: another algorithm, an unknown or withdrawn key, a signature that doesn't fit, a header or claim that an access token doesn't have. The problem's detail names the check.",
			Developer: "Take the access token (not the ID token) from the token response of a request for WEBUI_API_SCOPE, and send it unchanged. Microsoft Graph's tokens can't be verified by others.", Switch: "withdraw-keys",
		},
		{
			Code: TokenExpired, Status: 401, Again: true, Title: "The access token is not valid now",
			What:      "The access token's time is over, or has not come yet.",
			User:      "Reload the page.",
			Cause:     "exp has passed, or nbf or iat lie ahead by more than five minutes: a token kept too long, or a clock that is off.",
			Developer: "Ask MSAL for the token at each call (AcquireTokenSilent renews it) and keep none yourself; check the clocks of both machines.", Switch: "token-expired",
		},
		{
			Code: WrongAudience, Status: 401, Title: "The access token is for another API",
			What:      "The access token was made for somebody else.",
			Cause:     "aud is not API_CLIENT_ID: a token for Microsoft Graph or Resource Manager, an ID token, or, where aud begins with api://, a v1.0 token.",
			Developer: "Ask for WEBUI_API_SCOPE of this API. Set requestedAccessTokenVersion to 2 in the API's manifest if aud is its App ID URI.", Switch: "wrong-audience",
		},
		{
			Code: WrongIssuer, Status: 401, Title: "The access token is from another issuer",
			What:      "The access token was issued by somebody that this API doesn't trust.",
			Cause:     "iss is not the issuer in the discovery document of AUTHORITY, to the letter: another tenant, another cloud, or a v1.0 token (https://sts.windows.net/…).",
			Developer: "Use the same AUTHORITY in web UI and API. Set requestedAccessTokenVersion to 2 in the API's manifest if iss begins with https://sts.windows.net/.", Switch: "wrong-issuer",
		},
		{
			Code: WrongTenant, Status: 401, Title: "The access token is from another tenant",
			What:      "You are signed in with an organization that this API doesn't serve.",
			User:      "Sign out, and sign in with an account of the right organization.",
			Cause:     "tid is not the tenant of AUTHORITY.",
			Developer: "Sign in against the tenant in AUTHORITY and not /common or /organizations.",
			Admin:     "Invite the user as a guest of the tenant.", Switch: "wrong-tenant",
		},
		{
			Code: WrongVersion, Status: 401, Title: "The access token has the wrong version",
			What:      "The access token is of an older kind than this API takes.",
			Cause:     "ver is 1.0. The version follows requestedAccessTokenVersion of the API's registration, not the endpoint that was asked.",
			Developer: "Set api.requestedAccessTokenVersion to 2 in the API's manifest, or run `go run ./appcreation configure`.", Switch: "v1-tokens",
		},
		{
			Code: InsufficientScope, Status: 403, Title: "The access token lacks the scope",
			What:      "The application that called the API has no permission to act for you here.",
			Cause:     "scp doesn't hold API_REQUIRED_SCOPE, in this spelling and case.",
			Developer: "Ask for <App ID URI>/access_as_user; API_REQUIRED_SCOPE is the part behind the last slash.", Switch: "scope-missing",
		},
		{
			Code: AppOnlyToken, Status: 403, Title: "There is no user to act for",
			What:      "The caller signed in as an application, and this API acts on behalf of people.",
			Cause:     "The token is from client_credentials (roles or idtyp=app, no scp). On-behalf-of needs a user's token: with an app-only one Resource Manager would answer with what the application may see.",
			Developer: "Sign a user in, and send that user's token. MSAL Go before v1.10.1 renews a user's token into an app-only one; update it.", Switch: "app-only-token",
		},
		{
			Code: ClientNotAllowed, Status: 403, Title: "This application may not call the API",
			What:      "The application that you used is not one that this API works with.",
			Cause:     "azp is not in API_ALLOWED_CLIENTS. Any application of the tenant can get a token for an API that demands no assignment, so the API keeps a list.",
			Developer: "Add the caller's client id to API_ALLOWED_CLIENTS if it should be let in.", Switch: "client-not-allowed",
		},
		{
			Code: MissingRole, Status: 403, Title: "The application lacks the role",
			What:      "The application that called has no permission to do this by itself.",
			Cause:     "The route is for programs without a user, and roles doesn't hold the app role that it takes, in this spelling and case; or the token is a user's.",
			Developer: "Ask for <App ID URI>/.default with client credentials, and look at roles in the token. A role that was assigned a moment ago is in the next token.",
			Admin:     "Assign the app role: Enterprise applications > the program > Permissions, or API permissions of its registration with admin consent.",
		},
		{
			Code: KeysUnavailable, Status: 503, Again: true, Title: "Tokens can't be verified at the moment",
			What:      "The API couldn't fetch the keys with which it verifies who you are.",
			User:      "Try again in a moment.",
			Cause:     "The tenant's discovery document or keys could not be fetched since the start: no network, a proxy, a certificate authority that isn't trusted, an AUTHORITY of another cloud or tenant than the document's issuer, or a fault of Entra's. The log says which.",
			Developer: "Fetch <AUTHORITY>/v2.0/.well-known/openid-configuration from that machine; set HTTPS_PROXY or TRUSTED_CA_FILE where it needs them.", Switch: "keys-unreachable",
		},
	}
}
