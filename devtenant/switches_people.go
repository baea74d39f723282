package devtenant

import "time"

// Pages of the web UI on which a switch is seen.
const (
	trySignIn = "/account/login" // signing in anew: a new token A, which the API exchanges
	tryReload = "/"              // the page of whoever is signed in
)

// switchesForPeople are about users: what they allow, how they prove who they are, and what becomes of their sessions.
func switchesForPeople() []SwitchGroup {
	return []SwitchGroup{
		{
			Title:  "Consent",
			Lesson: "The API has no page on which to ask. Consent that is missing for it has to travel back to the web UI.",
			Switches: []Switch{
				{
					Name: "consent-withdrawn", Try: trySignIn, State: consentWithdrawn,
					Title: "Withdraw consent",
					Shows: "Users' consents are deleted. Who signs in next is asked for both applications on one page, as dave is.",
				},
				{
					Name: "consent-missing", Try: trySignIn, Faults: []Fault{{Endpoint: "token:on_behalf_of", AADSTS: 65001, Times: 1}},
					Title: "Consent is missing at the exchange",
					Shows: "The exchange answers 65001. The API says 401, the web UI asks for consent and shows the page after it. Until cleared: an explanation, no circle.",
				},
				{
					Name: "consent-declined", Try: trySignIn, Faults: []Fault{{Endpoint: "authorize", AADSTS: 65004, Redirect: true, Times: 1}},
					Title: "The user declines to consent",
					Shows: "As if the user had pressed Cancel: Entra redirects back with access_denied, 65004, and the web UI explains.",
				},
				{
					Name: "admin-consent-required", Try: trySignIn, Faults: []Fault{{Endpoint: "token:on_behalf_of", AADSTS: 90094, Times: 1}},
					Title: "Only an administrator may consent",
					Shows: "An administrator has to consent, 90094: nothing that the user does helps.",
				},
			},
		},
		{
			Title:  "Conditional Access and claims challenges",
			Lesson: "Claims go the whole way back, from Azure over the API to the browser, and to Entra. Once; a second time is an explanation.",
			Switches: []Switch{
				{
					Name: "mfa", Try: trySignIn, State: secondFactorAsked,
					Title: "Ask for a second factor",
					Shows: "Conditional Access wants a second factor for Resource Manager, as always of carol: 50076 with claims at the exchange, a page to approve or deny, and then the list.",
				},
				{
					Name: "mfa-enrolment", Try: trySignIn,
					Faults: []Fault{{Endpoint: "token:on_behalf_of", AADSTS: 50079, Claims: secondFactorChallenge(50079), Times: 1}},
					Title:  "Ask to set up a second factor",
					Shows:  "50079, with polids in place of capolids: the user is sent to set a second factor up, and then sees the list.",
				},
				{
					Name: "mfa-denied", Try: trySignIn, Faults: []Fault{{Endpoint: "authorize", AADSTS: 500121, Redirect: true, Times: 1}},
					Title: "The user denies the second factor",
					Shows: "As if the user had pressed Deny: access_denied, 500121, and a page that offers to try again.",
				},
				{
					Name: "blocked", Try: trySignIn, Faults: []Fault{{Endpoint: "token:on_behalf_of", AADSTS: 53003}},
					Title: "A policy blocks access",
					Shows: "A policy says no: 53003, message_only. One sign-in, then an explanation that names the code.",
				},
				{
					Name: "cae", Try: tryReload, Faults: []Fault{{Endpoint: "subscriptions", Challenge: signedInFrom("{now}"), Times: 1}},
					Title: "Azure wants a fresh sign-in",
					Shows: "Continuous access evaluation: Resource Manager refuses a token that hasn't expired, with claims. The user signs in again and is back on the page.",
				},
				{
					Name: "challenge-again", Try: tryReload, Faults: []Fault{{Endpoint: "subscriptions", Challenge: signedInFrom("{now}")}},
					Title: "Azure wants a fresh sign-in, each time",
					Shows: "The same, whatever claims the token meets: after one sign-in the web UI explains instead of asking a third time.",
				},
			},
		},
		{
			Title:  "Sessions and accounts",
			Lesson: "A session here outlives much at Entra. What is over there shows when a token is renewed, exchanged or refused.",
			Switches: []Switch{
				{
					Name: "revoke-sessions", Try: tryReload, State: sessionsRevoked,
					Title: "Revoke sessions",
					Shows: "Users' sessions are revoked: Resource Manager answers with a challenge in its own form (invalid_token, with claims), the exchange and refresh with 50173, and the user signs in again.",
				},
				{
					Name: "revoke-sessions-documented", Try: tryReload, State: sessionsRevokedDocumented,
					Title: "Revoke sessions, told in the documented form",
					Shows: "The same, and Resource Manager's challenge has the documented form (insufficient_claims), as Graph's has.",
				},
				{
					Name: "session-revoked", Try: trySignIn, Faults: atRefresh(50173),
					Title: "The refresh token was revoked",
					Shows: "The first page after signing in renews its token, and gets 50173, bad_token: the user is signed in once more and sees the list. Until cleared: an explanation.",
				},
				{
					Name: "refresh-token-expired", Try: trySignIn, Faults: atRefresh(700082),
					Title: "The refresh token has expired",
					Shows: "The same with a refresh token that was unused for 90 days, 700082.",
				},
				{
					Name: "sign-in-frequency", Try: trySignIn, Faults: atRefresh(70008),
					Title: "The refresh token has ended early",
					Shows: "The same with a refresh token that has ended early, 70008.",
				},
				{
					Name: "user-disabled", Try: tryReload, State: usersDisabled,
					Title: "Disable accounts",
					Shows: "Accounts are disabled, as erin's is: 50057. The page says so; to sign in again as the same user would not help.",
				},
				{
					Name: "user-removed", Try: tryReload, State: usersRemoved,
					Title: "Delete users",
					Shows: "Users are deleted: 50034, and the sign-in page no longer has them. The page offers another account.",
				},
			},
		},
		{
			Title:  "Signing in",
			Lesson: "A code works once, for one browser, one address and one application.",
			Switches: []Switch{
				{
					Name: "redirect-uri", Try: trySignIn, Faults: []Fault{{Endpoint: "authorize", AADSTS: 50011, Times: 1}},
					Title: "The redirect URI isn't registered",
					Shows: "A redirect URI that isn't registered, 50011: Entra's own page, and no redirect.",
				},
				{
					Name: "code-redeemed", Try: trySignIn, Faults: atRedemption(54005),
					Title: "The code was used before",
					Shows: "The code was redeemed before, 54005. The page offers to start again.",
				},
				{
					Name: "code-expired", Try: trySignIn, Faults: atRedemption(70008),
					Title: "The code has expired",
					Shows: "The code is older than ten minutes, 70008. The page offers to start again.",
				},
				{
					Name: "pkce-mismatch", Try: trySignIn, Faults: atRedemption(501481),
					Title: "The code belongs to another sign-in (PKCE)",
					Shows: "The verifier is another sign-in's, 501481: an injected code. The page offers to start again.",
				},
				{
					Name: "wrong-client-for-code", Try: trySignIn, Faults: atRedemption(700005),
					Title: "The code is for another tenant",
					Shows: "The code was made for another tenant's application, 700005.",
				},
				{
					Name: "device-code-pending", Faults: []Fault{{Endpoint: "token:device_code", AADSTS: 70016, Times: 1}},
					Title: "A device's sign-in isn't finished yet",
					Shows: "Whoever polls with a device code is told to go on waiting, 70016: appcreation does.",
				},
				{
					Name: "device-code-blocked", Faults: []Fault{{Endpoint: "token:device_code", AADSTS: 53003}},
					Title: "A policy blocks device codes",
					Shows: "A policy blocks device codes: whoever polls with one gets 53003, after the user has signed in.",
				},
			},
		},
	}
}

// atRedemption refuses the next code that is redeemed.
func atRedemption(code int) []Fault {
	return []Fault{{Endpoint: "token:authorization_code", AADSTS: code, Times: 1}}
}

// atRefresh refuses the next refresh. The token before it is made to last a minute, less than MSAL's margin: without
// that nobody would see a refresh for an hour.
func atRefresh(code int) []Fault {
	return []Fault{
		{Endpoint: "token:authorization_code", Lifetime: time.Minute, Times: 1},
		{Endpoint: "token:refresh_token", AADSTS: code, Times: 1},
	}
}
