package devtenant

import (
	"net/http"
	"time"
)

// switchesForOutages are about Entra and Resource Manager on a bad day.
func switchesForOutages() []SwitchGroup {
	return []SwitchGroup{
		{
			Title:  "The token endpoint on a bad day",
			Lesson: "Whoever has tokens notices nothing. Whoever needs one is told what it is, in time, and keeps their session.",
			Switches: append(badDay("token", "Entra: ", trySignIn, "token"), []Switch{
				{
					Name: "token-throttled", Try: trySignIn, Faults: []Fault{{Endpoint: "token", Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"17"}}}},
					Title: "Entra: too many requests",
					Shows: "429 with Retry-After: 17, which the page hands on.",
				},
				{
					Name: "token-transient", Try: trySignIn, Faults: []Fault{{Endpoint: "token", AADSTS: 90033}},
					Title: "Entra: a passing error",
					Shows: "503 in Entra's own words: 90033, temporarily_unavailable.",
				},
			}...),
		},
		{
			Title:  "Resource Manager on a bad day",
			Lesson: "What passes by itself is tried again inside one deadline; what concerns the user is handed on as it is; and token B is sent nowhere else.",
			Switches: append(badDay("arm", "Azure: ", tryReload, "subscriptions"), []Switch{
				{
					Name: "arm-throttled", Try: tryReload, Faults: []Fault{{Endpoint: "subscriptions", Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"17"}}}},
					Title: "Azure: too many requests",
					Shows: "429 with Retry-After: 17, longer than the API waits itself: the page hands it on.",
				},
				{
					Name: "arm-hiccup", Try: tryReload, Faults: []Fault{{Endpoint: "subscriptions", Status: http.StatusServiceUnavailable, Times: 1}},
					Title: "Azure: unavailable once",
					Shows: "One 503. The API asks again, and nobody notices.",
				},
				{
					Name: "arm-unauthorized", Try: tryReload, Faults: []Fault{{Endpoint: "subscriptions", Status: http.StatusUnauthorized, Header: jsonHeader(), Body: []byte(`{"error":{"code":"InvalidAuthenticationToken","message":"The access token is invalid."}}`)}},
					Title: "Azure: token B is refused",
					Shows: "401 without claims: the fault is the API's or Azure's, and nobody is sent to sign in for it.",
				},
				{
					Name: "arm-wrong-tenant", Try: tryReload, Faults: atResourceManager(http.StatusUnauthorized, "InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer. It must match the tenant associated with this subscription."),
					Title: "Azure: token B is another tenant's",
					Shows: "401 without claims: the token is of another tenant or cloud than Resource Manager's.",
				},
				{
					Name: "arm-wrong-audience", Try: tryReload, Faults: atResourceManager(http.StatusUnauthorized, "InvalidAuthenticationTokenAudience", "The access token has been obtained for wrong audience or resource."),
					Title: "Azure: token B is for another API",
					Shows: "401 without claims: the token is for another API than Resource Manager, as in another cloud.",
				},
				{
					Name: "arm-forbidden", Try: tryReload, Faults: []Fault{{Endpoint: "subscriptions", Status: http.StatusForbidden, Header: jsonHeader(), Body: []byte(`{"error":{"code":"AuthorizationFailed","message":"The client does not have authorization."}}`)}},
					Title: "Azure: the user has no role",
					Shows: "403: the user lacks a role. Handed on as 403; signing in again would not help.",
				},
				{
					Name: "arm-not-found", Try: tryReload, Faults: []Fault{{Endpoint: "subscriptions", Status: http.StatusNotFound, Header: jsonHeader(), Body: []byte(`{"error":{"code":"NotFound","message":"Not found."}}`)}},
					Title: "Azure: not found",
					Shows: "404, handed on as it is.",
				},
				{
					Name: "arm-endless", Try: tryReload, Faults: []Fault{{Endpoint: "subscriptions", NextLink: "/subscriptions?api-version=2022-12-01"}},
					Title: "Azure: pages without end",
					Shows: "Each page has a nextLink to the first: the API stops at its cap of pages.",
				},
				{
					Name: "arm-foreign-link", Try: tryReload, Faults: []Fault{{Endpoint: "subscriptions", NextLink: "https://elsewhere.example/subscriptions"}},
					Title: "Azure: the next page is on another host",
					Shows: "A nextLink to another host: nothing is sent there.",
				},
			}...),
		},
	}
}

// badDay are the failures that any server can have, at one endpoint.
func badDay(prefix, whose, try, endpoint string) []Switch {
	row := func(name, title, shows string, fault Fault) Switch {
		fault.Endpoint = endpoint
		return Switch{Name: prefix + "-" + name, Try: try, Title: whose + title, Shows: shows, Faults: []Fault{fault}}
	}
	page := []byte("<!doctype html><title>Sign in to the network</title><p>Please accept the terms of this network.</p>")
	return []Switch{
		row("slow", "a minute late", "The answer takes a minute. The tiers give up before that, and say so.", Fault{Delay: time.Minute}),
		row("unavailable", "unavailable", "503 to each request, also to those that are sent again.", Fault{Status: http.StatusServiceUnavailable}),
		row("truncated", "the connection breaks off", "Half an answer, and the connection breaks off.", Fault{Header: jsonHeader(), Body: []byte(`{"value":[],"token_type":"Bearer","expires_in":3599}`), Truncate: true}),
		row("html", "a web page in place of JSON", "A page of somebody in between, with status 200.", Fault{Header: http.Header{"Content-Type": {"text/html"}}, Body: page}),
		row("huge", "eight megabytes", "Eight megabytes. They are not read to their end.", Fault{Header: jsonHeader(), Body: []byte(`{"value":[]}`), Padding: 8 << 20}),
		row("redirect", "a redirect elsewhere", "A redirect to another host. It is not followed: a secret or token would go along.",
			Fault{Status: http.StatusFound, Header: http.Header{"Location": {"https://elsewhere.example/"}}}),
	}
}
