package apperror

// signIn lists what can go wrong in hop 1, between the browser, the web UI and Entra.
func signIn() []Failure {
	return []Failure{
		{
			Code: SignInExpired, AADSTS: []int{70008}, Hop: SignIn, Status: 400, Title: "This sign-in is no longer open",
			What:   "The sign-in took longer than ten minutes, or it has been finished already.",
			User:   "Start again. If you came here with Back or a bookmark, open the start page instead.",
			Cause:  "The callback came with a state that the server doesn't hold: used once already, older than ten minutes, pushed out by ten newer attempts, or never issued.",
			Switch: "code-expired",
		},
		{
			Code: SignInMismatch, Status: 400, Title: "This sign-in didn't begin in this browser",
			What:      "The answer to a sign-in arrived that this browser hadn't asked for, so it was not accepted.",
			User:      "Start again here. If you didn't try to sign in at all, close the page: someone may have sent you a link to their own sign-in.",
			Cause:     "state belongs to an attempt of another browser, iss names another issuer (RFC 9207), or a parameter came twice: login CSRF or mix-up (RFC 9700, sections 4.4 and 4.7).",
			Developer: "Check that cookies reach the callback: the same host name in the address bar and in WEBUI_REDIRECT_URI (localhost and 127.0.0.1 are two), and https wherever the cookie is Secure.",
		},
		{
			Code: SignInRefused, Status: 400, Title: "Entra did not sign you in",
			What:      "Microsoft Entra ID refused the sign-in.",
			User:      "Try again, perhaps with another account. If it stays so, give the code and the trace id to whoever runs this application.",
			Cause:     "The authorization endpoint redirected back with an error.",
			Developer: "Look the AADSTS code up in the identity platform's list of error codes, and the trace id in the tenant's sign-in logs.",
			Switch:    "mfa-denied",
		},
		{
			Code: IDTokenRejected, Status: 400, Title: "The sign-in could not be verified",
			What:      "What Entra sent about you didn't pass the checks, so you were not signed in.",
			User:      "Start again. If it happens twice, tell whoever runs this application.",
			Cause:     "The ID token's signature, iss, aud, exp, nonce or tid is not what this sign-in asked for (OpenID Connect Core, section 3.1.3.7).",
			Developer: "Compare AUTHORITY's tenant and WEBUI_CLIENT_ID with the app registration, and the machine's clock with the time.",
			Switch:    "clock-ahead",
		},
		{
			Code: RedirectURI, AADSTS: []int{50011}, Status: 400, Title: "The redirect URI isn't registered",
			What:      "Entra doesn't send anyone to an address that the application has not registered.",
			User:      "Nothing is wrong with your account. Tell whoever runs this application.",
			Cause:     "WEBUI_REDIRECT_URI and the web platform's redirect URIs of the web UI's app registration differ: scheme, host, port, path, case and trailing slash all count. Entra shows its own page for this.",
			Developer: "Register the address to the letter under Authentication > Web, or run `go run ./appcreation configure` again.",
			Switch:    "redirect-uri",
		},
		{
			Code: ConsentDeclined, AADSTS: []int{65004}, Status: 403, Title: "Consent was declined",
			What:  "You didn't allow the application to see your subscriptions, so there is nothing it could show.",
			User:  "Start again, and accept if you changed your mind.",
			Cause: "The user chose Cancel on the consent page; Entra redirects back with access_denied.",
			Admin: "Grant consent for all users under Enterprise applications > Permissions, and nobody is asked.", Switch: "consent-declined",
		},
		{
			Code: CodeRedeemed, AADSTS: []int{54005, 70000, 9002313}, Status: 400, Title: "This sign-in was used already",
			What:  "The code of this sign-in has been redeemed before; it works once.",
			User:  "Start again.",
			Cause: "The callback was sent twice: a reload, a proxy that repeats requests, or someone who got hold of the code. Entra revokes what it gave for it.", Switch: "code-redeemed",
		},
		{
			Code: PKCEMismatch, AADSTS: []int{501481}, Status: 400, Title: "The code belongs to another sign-in",
			What:  "The code that arrived was not made for this sign-in.",
			User:  "Start again.",
			Cause: "code_verifier and code_challenge don't belong together (RFC 7636): a code injected from another attempt, or a verifier lost between replicas.", Switch: "pkce-mismatch",
		},
		{
			Code: WrongClientForCode, AADSTS: []int{700005}, Status: 400, Title: "The code belongs to another application",
			What:      "The code that arrived was issued to another application.",
			User:      "Start again.",
			Cause:     "The code was redeemed with a client_id or in a tenant that differs from the ones it was issued for.",
			Developer: "Compare WEBUI_CLIENT_ID and AUTHORITY in all replicas.", Switch: "wrong-client-for-code",
		},
		{
			Code: DeviceCodePending, AADSTS: []int{70016}, Status: 400, Title: "The device code waits for the user",
			What:  "Nobody has entered the code yet.",
			User:  "Open the address that the program printed, and enter its code.",
			Cause: "The normal answer while a client polls (RFC 8628, section 3.5). The web UI doesn't use this grant; the registration tool does.", Switch: "device-code-pending",
		},
		{
			Code: UnknownApplication, AADSTS: []int{700016}, Status: 502, Title: "The tenant doesn't know the application",
			What:      "The application isn't registered in this organization's directory.",
			Cause:     "WEBUI_CLIENT_ID or API_CLIENT_ID is not an application of AUTHORITY's tenant: a typing error, an Object ID in place of the Application (client) ID, or another tenant.",
			Developer: "Copy both ids from the Overview page of the app registration, or run `go run ./appcreation doctor`.", Switch: "unknown-application",
		},
		{
			Code: WrongSecret, AADSTS: []int{7000215}, Status: 502, Title: "The client secret is wrong",
			What:      "The application couldn't prove to Entra who it is.",
			Cause:     "The setting holds something that isn't a secret of this application; most often the Secret ID, a GUID, pasted in place of the Value.",
			Developer: "Make a new secret under Certificates & secrets and copy its Value, which is shown once, to WEBUI_CLIENT_SECRET or API_CLIENT_SECRET.", Switch: "wrong-secret",
		},
		{
			Code: ExpiredSecret, AADSTS: []int{7000222}, Status: 502, Title: "The client secret has expired",
			What:      "The application's password for Entra is too old.",
			Cause:     "Client secrets have an end date, two years away at most.",
			Developer: "Run `go run ./appcreation configure` for a new one, or use a certificate (WEBUI_CLIENT_CERTIFICATE, API_CLIENT_CERTIFICATE).", Switch: "expired-secret",
		},
		{
			Code: NoSecret, AADSTS: []int{7000218}, Status: 502, Title: "The client secret is missing",
			What:      "The application didn't prove to Entra who it is.",
			Cause:     "The request carried neither client_secret nor client_assertion; or a confidential client's redirect URI is registered under a platform for public clients.",
			Developer: "Set WEBUI_CLIENT_SECRET, and register the redirect URI under the Web platform.", Switch: "no-secret",
		},
		{
			Code: UnknownResource, AADSTS: []int{500011}, Status: 502, Title: "The tenant doesn't know the API",
			What:      "The application asked for access to something that this organization's directory doesn't have.",
			Cause:     "WEBUI_API_SCOPE begins with an App ID URI that no application of the tenant has, or the API has no service principal there. Case counts.",
			Developer: "Compare WEBUI_API_SCOPE with Expose an API > Application ID URI; `go run ./appcreation doctor` does so.", Switch: "unknown-resource",
		},
		{
			Code: InvalidScope, AADSTS: []int{70011}, Status: 502, Title: "The scope is not valid",
			What:      "The application asked for a permission in a form that Entra doesn't accept.",
			Cause:     "A scope that the API doesn't expose, or `.default` together with other scopes of the same resource.",
			Developer: "WEBUI_API_SCOPE is one scope, <App ID URI>/access_as_user.", Switch: "invalid-scope",
		},
		{
			Code: MixedResources, AADSTS: []int{28000, 700022}, Status: 502, Title: "One token for two resources",
			What:      "The application asked for a token that would be for two APIs at once.",
			Cause:     "An access token has one audience; scopes of two resources can't be asked for in one token request.",
			Developer: "Ask for each resource's token in a request of its own.", Switch: "mixed-resources",
		},
		{
			Code: AppAsksForItself, AADSTS: []int{90009}, Status: 502, Title: "The application asks for a token for itself",
			What:      "The application asked for a token for itself under its name rather than its id.",
			Cause:     "Client and resource are one app registration, and the resource is named by its App ID URI.",
			Developer: "Register web UI and API as two applications, as this sample does; one registration for both also lets an ID token pass for an access token.", Switch: "app-asks-for-itself",
		},
		{
			Code: PermissionNotListed, AADSTS: []int{650057, 650053}, Status: 502, Title: "The permission isn't in the registration",
			What:      "The application asked for a permission that its registration doesn't list.",
			Cause:     "requiredResourceAccess of the app registration lacks the resource or the scope.",
			Developer: "Add it under API permissions, or run `go run ./appcreation configure`.", Switch: "permission-not-listed",
		},
	}
}
