package devtenant

import (
	"net/http"
	"time"
)

const otherTenant = "de7e0000-0000-4000-8000-0000000000ee"

// switchesForTokens are about what is inside tokens, the keys that sign them and the time.
func switchesForTokens() []SwitchGroup {
	return []SwitchGroup{
		{
			Title:  "The API's token validation",
			Lesson: "A token that Entra signed is not yet a token for this API. The API names the check that failed, and nothing of the token.",
			Switches: []Switch{
				{
					Name: "v1-tokens", Try: trySignIn, State: tokensOfVersion1,
					Title: "Token A has version 1.0",
					Shows: "requestedAccessTokenVersion of the API is 1: tokens A have another issuer and audience, and the API says which version it takes.",
				},
				{
					Name: "wrong-audience", Try: trySignIn, Faults: inTokenA(Fault{Token: map[string]any{"aud": "00000003-0000-0000-c000-000000000000"}}),
					Title: "Token A is for Microsoft Graph",
					Shows: "Token A is for Microsoft Graph.",
				},
				{
					Name: "wrong-issuer", Try: trySignIn, Faults: inTokenA(Fault{Token: map[string]any{
						"iss": "https://login.microsoftonline.com/" + otherTenant + "/v2.0", "tid": otherTenant,
					}}),
					Title: "Token A has another tenant's issuer",
					Shows: "Token A is another tenant's, as with AUTHORITY at /organizations. All tenants share their keys: only iss tells.",
				},
				{
					Name: "wrong-tenant", Try: trySignIn, Faults: inTokenA(Fault{Token: map[string]any{"tid": otherTenant}}),
					Title: "Token A names two tenants",
					Shows: "Token A says two tenants: iss is this one, tid another.",
				},
				{
					Name: "scope-missing", Try: trySignIn, Faults: inTokenA(Fault{Token: map[string]any{"scp": "access_as_somebody"}}),
					Title: "Token A lacks the scope",
					Shows: "Token A has another scope: 403, insufficient_scope.",
				},
				{
					Name: "app-only-token", Try: trySignIn, Faults: inTokenA(Fault{Token: appOnly()}),
					Title: "Token A has no user",
					Shows: "Token A is the application's own: 403, there is no user to act for.",
				},
				{
					Name: "client-not-allowed", Try: trySignIn, Faults: inTokenA(Fault{Token: map[string]any{"azp": "de7e0000-0000-4000-8000-0000000000aa"}}),
					Title: "Token A is another client's",
					Shows: "Token A was issued to an application that isn't in API_ALLOWED_CLIENTS: 403.",
				},
				{
					Name: "token-expired", Try: trySignIn, Faults: inTokenA(Fault{Shift: -24 * time.Hour}),
					Title: "Token A has expired",
					Shows: "Token A has expired, whatever expires_in says: the web UI gets another by signing in. Until cleared: an explanation.",
				},
			},
		},
		{
			Title:  "Signing keys",
			Lesson: "Keys change without a word. Tokens of a new key are good at once, those of a withdrawn one not for long, and nobody can make the tiers ask all the time.",
			Switches: []Switch{
				{
					Name: "rotate-keys", Try: trySignIn, State: keysRotated,
					Title: "Rotate the signing keys",
					Shows: "New tokens have a new key; the old one stays published. Nobody notices: the tiers fetch the keys once.",
				},
				{
					Name: "withdraw-keys", Try: trySignIn, State: keysWithdrawn,
					Title: "Withdraw the old signing keys",
					Shows: "The old keys are gone. Once the API has fetched the new one, an old token A is refused, and the user is signed in again without a page.",
				},
				{
					Name: "keys-unreachable", Faults: []Fault{{Endpoint: "keys", Status: http.StatusServiceUnavailable}},
					Title: "Keys: unreachable",
					Shows: "The keys can't be fetched. The last good ones go on serving; an API that starts now says 503 until they can.",
				},
				{
					Name: "keys-empty", Faults: []Fault{{Endpoint: "keys", Header: jsonHeader(), Body: []byte(`{"keys":[]}`)}},
					Title: "Keys: none",
					Shows: "The key set is empty. The last good one goes on serving.",
				},
				{
					Name: "keys-huge", Faults: []Fault{{Endpoint: "keys", Header: jsonHeader(), Body: []byte(`{"keys":[]}`), Padding: 8 << 20}},
					Title: "Keys: eight megabytes",
					Shows: "The key set is eight megabytes. It is not read to its end, and the last good one goes on serving.",
				},
				{
					Name: "keys-slow", Faults: []Fault{{Endpoint: "keys", Delay: time.Minute}},
					Title: "Keys: a minute late",
					Shows: "The keys take a minute. Nobody waits for them while there are others.",
				},
			},
		},
		{
			Title:  "Time",
			Lesson: "Tokens are renewed before they end, and clocks that differ have a visible cause.",
			Switches: []Switch{
				{
					Name: "clock-ahead", Try: trySignIn, State: clockAhead,
					Title: "Entra's clock is ahead",
					Shows: "Entra's clock is ten minutes ahead: what it issues isn't valid yet, and the page names the claim.",
				},
				{
					Name: "clock-behind", Try: trySignIn, State: clockBehind,
					Title: "Entra's clock is behind",
					Shows: "Entra's clock is two hours behind: what it issues has expired already.",
				},
				{
					Name: "short-lived", Try: trySignIn, Faults: []Fault{
						{Endpoint: "token:authorization_code", Lifetime: time.Minute},
						{Endpoint: "token:on_behalf_of", Lifetime: 6 * time.Minute},
					},
					Title: "Tokens that last a minute",
					Shows: "Token A lasts a minute, token B six: each page renews token A by the refresh token. Nobody notices.",
				},
				{
					Name: "refresh-in", Try: trySignIn, Faults: []Fault{{Endpoint: "token", RefreshIn: time.Second}},
					Title: "Entra wants tokens renewed early",
					Shows: "Entra wants tokens renewed after a second. Together with token-unavailable: the token that is still valid is served.",
				},
			},
		},
	}
}

// inTokenA changes the token A that comes of a sign-in or of a refresh.
func inTokenA(fault Fault) []Fault {
	redeemed, refreshed := fault, fault
	redeemed.Endpoint, redeemed.Times = "token:authorization_code", 1
	refreshed.Endpoint, refreshed.Times = "token:refresh_token", 1
	return []Fault{redeemed, refreshed}
}

func jsonHeader() http.Header { return http.Header{"Content-Type": {"application/json"}} }
