package devtenant

// switchesForRegistrations are about how the two applications are registered, and what they ask for.
func switchesForRegistrations() []SwitchGroup {
	return []SwitchGroup{
		{
			Title:  "Registration and credentials",
			Lesson: "Nothing that a user does helps against these. The page says so, and names the setting to look at.",
			Switches: []Switch{
				{
					Name: "unknown-application", Try: trySignIn, Faults: atRedemption(700016),
					Title: "The client id is unknown",
					Shows: "WEBUI_CLIENT_ID isn't an application of the tenant, 700016.",
				},
				{
					Name: "wrong-secret", Try: trySignIn, Faults: atRedemption(7000215),
					Title: "The web UI's secret is wrong",
					Shows: "The web UI's secret is wrong; most often the secret's ID was pasted in place of its value, 7000215.",
				},
				{
					Name: "expired-secret", Try: trySignIn, Faults: atExchange(7000222),
					Title: "The API's secret has expired",
					Shows: "The API's secret has expired, 7000222: the user is signed in, and the exchange fails.",
				},
				{
					Name: "no-secret", Try: trySignIn, Faults: atRedemption(7000218),
					Title: "The secret is left out",
					Shows: "No credential in the request, 7000218: often a redirect URI registered for a public client.",
				},
				{
					Name: "unknown-resource", Try: trySignIn, Faults: atRedemption(500011),
					Title: "The API is unknown",
					Shows: "WEBUI_API_SCOPE names an API that the tenant doesn't have, 500011. Case counts.",
				},
				{
					Name: "invalid-scope", Try: trySignIn, Faults: atRedemption(70011),
					Title: "The scope is malformed",
					Shows: "A scope in a form that Entra doesn't take, 70011.",
				},
				{
					Name: "mixed-resources", Try: trySignIn, Faults: atRedemption(700022),
					Title: "Scopes of two APIs at once",
					Shows: "Scopes of two APIs in one token request, 700022.",
				},
				{
					Name: "app-asks-for-itself", Try: trySignIn, Faults: atRedemption(90009),
					Title: "An application asks for itself",
					Shows: "Web UI and API share a registration, and the App ID URI names it, 90009.",
				},
				{
					Name: "permission-not-listed", Try: trySignIn, Faults: atRedemption(650057),
					Title: "The permission isn't listed",
					Shows: "The registration doesn't list the API among its permissions, 650057.",
				},
			},
		},
		{
			Title:  "The exchange",
			Lesson: "The assertion is a user's access token for the application that exchanges it, and nothing else.",
			Switches: []Switch{
				{
					Name: "wrong-assertion", Try: trySignIn, Faults: atExchange(500131),
					Title: "Token A is for another application",
					Shows: "The assertion is for another application, 500131: API_CLIENT_ID isn't whom token A is for.",
				},
				{
					Name: "assertion-signature", Try: trySignIn, Faults: atExchange(50013),
					Title: "Token A's signature can't be checked",
					Shows: "The assertion's signature isn't Entra's to check, 50013, as with Microsoft Graph's tokens.",
				},
				{
					Name: "assertion-expired", Try: trySignIn, Faults: atExchange(500133),
					Title: "Token A expired on the way",
					Shows: "Token A expired on the way, 500133. The user is signed in again and sees the list.",
				},
				{
					Name: "id-token-as-assertion", Try: trySignIn, Faults: atExchange(240002),
					Title: "An ID token is exchanged",
					Shows: "An ID token was sent for exchange, 240002.",
				},
				{
					Name: "on-behalf-of-not-allowed", Try: trySignIn, Faults: atExchange(7000114),
					Title: "The API may not act for users",
					Shows: "The application may not act on behalf of users, 7000114.",
				},
				{
					Name: "unsupported-grant", Try: trySignIn, Faults: atExchange(70003),
					Title: "The grant isn't supported",
					Shows: "The grant type isn't supported, 70003.",
				},
				{
					Name: "common-endpoint", Try: trySignIn, Faults: atExchange(9001023),
					Title: "The exchange is asked for at /common",
					Shows: "On-behalf-of isn't to be had at /common, 9001023.",
				},
				{
					Name: "token-request-rejected", Try: trySignIn, Faults: atExchange(900144),
					Title: "A refusal that the sample doesn't know",
					Shows: "A refusal that the sample has no row for, 900144: the page has the code, and where to look it up.",
				},
				{
					Name: "app-only-result", Try: trySignIn,
					Faults: []Fault{{Endpoint: "token:on_behalf_of", Times: 1, Token: appOnly()}},
					Title:  "Token B is the application's own",
					Shows:  "The exchange's result is the application's own token, without a user. The API refuses it: each user would see what the application may see.",
				},
				{
					Name: "another-users-result", Try: trySignIn,
					Faults: []Fault{{Endpoint: "token:on_behalf_of", Times: 1, Token: map[string]any{"oid": "de7e0000-0000-4000-8000-0000000000ff"}}},
					Title:  "Token B is another user's",
					Shows:  "The exchange's result is another user's. The API refuses that, too.",
				},
			},
		},
	}
}

// atExchange refuses the next exchange.
func atExchange(code int) []Fault {
	return []Fault{{Endpoint: "token:on_behalf_of", AADSTS: code, Times: 1}}
}

// appOnly makes a user's claims those of an application.
func appOnly() map[string]any {
	const principal = "de7e0000-0000-4000-8000-0000000000fe"
	return map[string]any{
		"scp": nil, "name": nil, "upn": nil, "unique_name": nil, "preferred_username": nil, "family_name": nil, "given_name": nil,
		"idtyp": "app", "oid": principal, "sub": principal,
	}
}
