package apperror

// exchange lists why there is no token B, or no new token A: hop 3, and the renewals in between.
func exchange() []Failure {
	return []Failure{
		{
			Code: ConsentRequired, AADSTS: []int{65001}, Status: 401, Title: "Consent is needed",
			What:      "Nobody has allowed the application to see your subscriptions yet.",
			User:      "Sign in again and accept what the page asks.",
			Cause:     "The API asked Entra for a token on the user's behalf, and neither the user nor an administrator has consented to the API's permission for Resource Manager. The API has no page to ask on: it tells its caller, which signs the user in with <App ID URI>/.default.",
			Developer: "List the web UI in the API's knownClientApplications and preAuthorizedApplications, and Azure Service Management > user_impersonation in the API's permissions; `go run ./appcreation doctor` checks all three.",
			Admin:     "Grant consent for all users under Enterprise applications > Permissions.", Switch: "consent-missing",
		},
		{
			Code: MFARequired, AADSTS: []int{50076}, Status: 401, Title: "A second factor is needed",
			What:      "Your organization wants more than a password before it shows Azure resources.",
			User:      "Sign in again and confirm with your second factor.",
			Cause:     "Conditional Access protects Resource Manager. The exchange answered interaction_required with claims, which only the web UI can put in front of the user.",
			Developer: "Hand the claims on as they are: API 401 insufficient_claims, web UI sign-in with the claims parameter.", Switch: "mfa",
		},
		{
			Code: MFAEnrolment, AADSTS: []int{50079}, Status: 401, Title: "A second factor has to be set up",
			What: "Your organization wants a second factor, and you have none yet.",
			User: "Sign in again and follow the pages that set it up.", Cause: "As with 50076, for a user who has not enrolled.", Switch: "mfa-enrolment",
		},
		{
			Code: BlockedByPolicy, AADSTS: []int{53003}, Status: 401, Title: "A policy of your organization blocks this",
			What:  "Your organization doesn't allow access to Azure resources under these circumstances.",
			User:  "Try from a network or device that your organization trusts, or ask its administrators with the trace id.",
			Cause: "A Conditional Access policy says no. Signing in again shows Entra's own page with the details.",
			Admin: "Sign-in logs > the entry with this trace id > Conditional Access names the policy.", Switch: "blocked",
		},
		{
			Code: ClaimsChallenge, Status: 401, Title: "Azure asks you to sign in again",
			What:  "Something about your account has changed since you signed in, so Azure wants to be sure that it's you.",
			User:  "Sign in again.",
			Cause: "Continuous access evaluation: Resource Manager refused a token that hasn't expired, with a claims challenge (a password change, revoked sessions, another network).", Switch: "cae",
		},
		{
			Code: SessionRevoked, AADSTS: []int{50173}, Status: 401, Title: "Your sign-in was revoked",
			What:  "You were signed out everywhere, by you, a password change or an administrator.",
			User:  "Sign in again.",
			Cause: "The refresh token was issued before the user's sessions were revoked.", Switch: "revoke-sessions",
		},
		{
			Code: TokensExpired, AADSTS: []int{700082, 70008, 70043}, Status: 401, Title: "Your sign-in is too old",
			What:  "You haven't used the application for so long that your sign-in has ended.",
			User:  "Sign in again.",
			Cause: "The refresh token (or the code) has expired: unused for 90 days, or earlier where a sign-in frequency is set.", Switch: "refresh-token-expired",
		},
		{
			Code: UserDisabled, AADSTS: []int{50057}, Status: 401, Title: "Your account is disabled",
			What:  "Your organization has disabled your account since you signed in.",
			User:  "Ask your organization's administrators.",
			Cause: "accountEnabled is false. Tokens that were issued before work until they expire; new ones are refused.",
			Admin: "Enable the user if that was not intended.", Switch: "user-disabled",
		},
		{
			Code: UserNotFound, AADSTS: []int{50034}, Status: 401, Title: "Your account doesn't exist here",
			What:  "Your account isn't in this organization's directory, or not any more.",
			User:  "Sign in with another account.",
			Cause: "The user was deleted after signing in, or belongs to another tenant and was never invited.",
			Admin: "Restore or invite the user.", Switch: "user-removed",
		},
		{
			Code: WrongAssertion, AADSTS: []int{50013, 500131}, Status: 502, Title: "The token can't be exchanged",
			What:      "The API couldn't get access to Azure for you.",
			Cause:     "The assertion is not an access token for the application that exchanges it: aud is another application (500131), or its signature is not for it to verify (50013), as with a Microsoft Graph token.",
			Developer: "API_CLIENT_ID must be the application that token A is for, with the credentials of that same application. Compare WEBUI_API_SCOPE's App ID URI, case included.", Switch: "wrong-assertion",
		},
		{
			Code: AssertionExpired, AADSTS: []int{500133}, Status: 401, Title: "Your token expired on the way",
			What:      "The token expired just before it was exchanged.",
			User:      "Reload the page.",
			Cause:     "Token A was kept longer than it lives, or a clock is off.",
			Developer: "Ask MSAL for token A at each call.", Switch: "assertion-expired",
		},
		{
			Code: IDTokenAsAssertion, AADSTS: []int{240002}, Status: 502, Title: "An ID token was sent for exchange",
			What:      "The API couldn't get access to Azure for you.",
			Cause:     "The ID token tells the web UI who signed in; the API takes the access token.",
			Developer: "Send AuthResult.AccessToken, not the ID token.", Switch: "id-token-as-assertion",
		},
		{
			Code: ExchangeNotAllowed, AADSTS: []int{7000114}, Status: 502, Title: "The application may not exchange tokens",
			What:      "The API isn't allowed to act on behalf of users.",
			Cause:     "The assertion was issued to an application, or the application is of a kind that can't use on-behalf-of.",
			Developer: "Exchange only tokens that stand for a user, with a confidential client.", Switch: "on-behalf-of-not-allowed",
		},
		{
			Code: UnsupportedGrant, AADSTS: []int{70003, 9001023}, Status: 502, Title: "The grant type isn't supported",
			What:      "The application asked Entra in a way that it doesn't offer here.",
			Cause:     "grant_type is unknown, or not to be had at /common or /consumers.",
			Developer: "Use the tenant's own authority, and a current MSAL.", Switch: "unsupported-grant",
		},
		{
			Code: InteractionRequired, Status: 401, Title: "You need to sign in again",
			What:      "Entra wants to talk to you before it goes on.",
			User:      "Sign in again.",
			Cause:     "The token endpoint answered invalid_grant or interaction_required for a reason that this table has no row for.",
			Developer: "Look the AADSTS code up in the identity platform's list of error codes.", Switch: "admin-consent-required",
		},
		{
			Code: TokenNotTheUsers, Status: 502, Title: "The token was not yours",
			What:      "Entra's answer belonged to somebody else, so nothing was fetched with it.",
			User:      "Reload the page. If it happens again, tell whoever runs this application at once, with the trace id.",
			Cause:     "The result of the exchange is app-only or has another oid or tid than the caller: a library's fault, such as MSAL Go v1.9.0's renewal by client_credentials.",
			Developer: "Update MSAL Go; never share an OBO client's cache between users.", Switch: "app-only-result",
		},
		{
			Code: TokenRejected, Status: 502, Title: "Entra refused the application's request",
			What:      "The application is not set up as Entra expects.",
			Cause:     "The token endpoint refused the request for a reason that this table has no row for.",
			Developer: "Look the AADSTS code up in the identity platform's list of error codes, and run `go run ./appcreation doctor`.", Switch: "token-request-rejected",
		},
		{
			Code: ProviderThrottled, Status: 503, Title: "Entra is busy",
			What:      "Microsoft Entra ID asked the application to slow down.",
			User:      "Try again when the time that the page names has passed.",
			Cause:     "The token endpoint answered 429, or something else with Retry-After. Cached tokens go on serving.",
			Developer: "Look for a loop that asks for tokens past the cache.", Switch: "token-throttled",
		},
		{
			Code: ProviderUnavailable, Status: 503, Title: "Entra can't be reached",
			What:      "Microsoft Entra ID didn't answer in time, or answered with a fault of its own. Whoever is signed in here stays so.",
			User:      "Try again in a moment.",
			Cause:     "The token endpoint can't be reached, is slow, or answers 5xx. Cached tokens go on serving.",
			Developer: "Check the way out to AUTHORITY's host, and Azure's status page.", Switch: "token-unavailable",
		},
		{
			Code: ProviderMalformed, Status: 502, Title: "Entra's answer made no sense",
			What:      "Something answered in Entra's place, or only half of its answer arrived.",
			User:      "Try again in a moment.",
			Cause:     "The token endpoint's answer is not a token response: a proxy's page, a cut connection, or more bytes than are read.",
			Developer: "Look for a proxy between this machine and AUTHORITY's host.", Switch: "token-html",
		},
	}
}
