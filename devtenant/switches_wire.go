package devtenant

import (
	"fmt"
	"net/http"
	"strings"
)

// switchesForWireForms are forms of answers that are right, or nearly, and that clients in the field stumbled over.
func switchesForWireForms() []SwitchGroup {
	return []SwitchGroup{
		{
			Title:  "Challenges, in all their forms",
			Lesson: "One question, many spellings: whichever comes, the user signs in again and is back on the page. What only looks like a challenge is none.",
			Switches: []Switch{
				atChallenge("challenge-session-revoked", "Challenge: session revoked", "Resource Manager's own form: invalid_token, and only the claims beside it tell that a new sign-in helps.",
					Fault{Challenge: signedInFrom("{now}"), ChallengeForm: SessionRevoked}),
				atChallenge("challenge-unpadded", "Challenge: base64 without padding", "The base64 of the claims has no padding.",
					Fault{Challenge: signedInFrom("{now}"), ChallengeForm: SessionRevoked, ChallengeEncoding: Base64Unpadded}),
				atChallenge("challenge-url-alphabet", "Challenge: base64 in the URL alphabet", "The claims are in base64's URL alphabet, as tokens are.",
					Fault{Challenge: strings.Replace(signedInFrom("{now}"), `{"access_token":{`, `{"access_token":{"xms_rp_ipaddr":{"value":"????"},`, 1), ChallengeEncoding: Base64URL}),
				atChallenge("challenge-many-policies", "Challenge: 38 policies", "Conditional Access has 38 policies to meet: two kilobytes of claims, not one of them lost on the way.",
					Fault{Challenge: policyChallenge(manyPolicies)}),
				atChallenge("challenge-null", "Challenge: null for claims", "The claims are the JSON null: no challenge, and no reason to fall over.", Fault{Challenge: "null"}),
				atChallenge("challenge-array", "Challenge: an array for claims", "The claims are a JSON array: no challenge either.", Fault{Challenge: "[]"}),
				atChallenge("challenge-empty-member", "Challenge: access_token is null", "The claims are an object whose access_token is null.", Fault{Challenge: `{"access_token":null}`}),
			},
		},
		{
			Title:  "The token endpoint, in all its forms",
			Lesson: "Documentation, recordings and years differ. The number in error_codes is what stays.",
			Switches: []Switch{
				{
					Name: "mfa-interaction-required", Try: trySignIn,
					Faults: []Fault{{Endpoint: "token:on_behalf_of", AADSTS: 50076, OAuthError: "interaction_required", Claims: secondFactorChallenge(50076), Times: 1}},
					Title:  "Second factor, told as interaction_required",
					Shows:  "50076 as the documentation's example has it: interaction_required in place of invalid_grant.",
				},
				{
					Name: "mfa-many-policies", Try: trySignIn,
					Faults: []Fault{{Endpoint: "token:on_behalf_of", AADSTS: 50076, Claims: policyChallenge(manyPolicies), Times: 1}},
					Title:  "Second factor, for 38 policies",
					Shows:  "50076 with 38 capolids, two kilobytes in base64: all of them have to reach Entra again.",
				},
				{
					Name: "mfa-claims-null", Try: trySignIn,
					Faults: []Fault{{Endpoint: "token:on_behalf_of", AADSTS: 50076, Claims: "null", Times: 1}},
					Title:  "Second factor, with null for claims",
					Shows:  "50076 whose claims are the JSON null: the user is sent to sign in without claims, once.",
				},
				{
					Name: "mfa-claims-array", Try: trySignIn,
					Faults: []Fault{{Endpoint: "token:on_behalf_of", AADSTS: 50076, Claims: "[]", Times: 1}},
					Title:  "Second factor, with an array for claims",
					Shows:  "50076 whose claims are a JSON array: the same.",
				},
				{
					Name: "description-lines", Try: trySignIn,
					Faults: []Fault{{Endpoint: "token:on_behalf_of", AADSTS: 65001, DescriptionLines: true, Times: 1}},
					Title:  "An error's description on several lines",
					Shows:  "error_description has its parts on lines of their own, as until late 2023; seen with a consent that is missing, 65001.",
				},
				{
					Name: "unknown-resource-downstream", Try: trySignIn, Faults: atExchange(500011),
					Title: "Azure's name is unknown at the exchange",
					Shows: "500011 at the exchange: it is Azure's name that the tenant doesn't know, not the API's.",
				},
				{
					Name: "not-assigned", Try: trySignIn, Faults: atExchange(50105),
					Title: "The user isn't assigned to the application",
					Shows: "The application requires assignment, and the user isn't assigned, 50105: an administrator has to.",
				},
				{
					Name: "wrong-login-domain", Try: trySignIn, Faults: atExchange(500208),
					Title: "The user's domain may not sign in",
					Shows: "The user's domain may not sign in with this kind of account, 500208: another account helps, another try doesn't.",
				},
				{
					Name: "large-token", Try: trySignIn, Faults: inTokenA(Fault{Token: map[string]any{"groups": groupNames(400)}}),
					Title: "Token A is very large",
					Shows: "Token A names 400 groups: 20 kilobytes in each request.",
				},
			},
		},
		{
			Title:  "Resource Manager and the keys, in odd forms",
			Lesson: "Whatever an SDK reads is read; what could cost more than it is worth is refused where it comes in.",
			Switches: []Switch{
				{
					Name: "arm-byte-order-mark", Try: tryReload, Faults: []Fault{{Endpoint: "subscriptions", Prefix: "\ufeff"}},
					Title: "Azure: a byte order mark before the answer",
					Shows: "A byte order mark before the page: the list is shown.",
				},
				{
					Name: "arm-relative-link", Try: tryReload, Faults: []Fault{{Endpoint: "subscriptions", PageSize: 1, RelativeLinks: true}},
					Title: "Azure: the next page without a host",
					Shows: "One subscription on a page, and nextLink without scheme and host: followed on the same host.",
				},
				{
					Name: "arm-deep-tags", Try: tryReload, Faults: []Fault{{Endpoint: "subscriptions", Header: jsonHeader(), Body: deepTags(9000)}},
					Title: "Azure: tags nested 9,000 deep",
					Shows: "A subscription with tags nested 9,000 deep, in 18 kilobytes: bounded where it comes in.",
				},
				{
					Name: "keys-other-algorithm", Faults: []Fault{{Endpoint: "keys", Keys: KeyChange{Algorithm: "RSA-OAEP"}}},
					Title: "Keys: for encryption only",
					Shows: "The keys say that they are for encryption: they verify nothing.",
				},
				{
					Name: "keys-twins", Faults: []Fault{{Endpoint: "keys", Keys: KeyChange{Twin: true}}},
					Title: "Keys: two with one id",
					Shows: "Two keys have one kid, the second is a stranger's: the last one must not win.",
				},
				{
					Name: "keys-bad-certificate", Faults: []Fault{{Endpoint: "keys", Keys: KeyChange{NegativeSerial: true}}},
					Title: "Keys: a certificate with a negative serial number",
					Shows: "The certificate beside a key has a negative serial number: the key itself is good, and serves.",
				},
			},
		},
	}
}

// atChallenge is a switch by which Resource Manager refuses the next request with a challenge.
func atChallenge(name, title, shows string, fault Fault) Switch {
	fault.Endpoint, fault.Times = "subscriptions", 1
	return Switch{Name: name, Try: tryReload, Title: title, Shows: shows, Faults: []Fault{fault}}
}

// atResourceManager answers each request for subscriptions with an error.
func atResourceManager(status int, code, message string) []Fault {
	body := fmt.Sprintf(`{"error":{"code":%q,"message":%q}}`, code, message)
	return []Fault{{
		Endpoint: "subscriptions", Status: status, Body: []byte(body),
		Header: http.Header{"Content-Type": {"application/json"}, "Www-Authenticate": {`Bearer error="invalid_token", error_description="` + message + `"`}},
	}}
}

const manyPolicies = 38 // as azure-sdk-for-go#19902 had them

// policyChallenge asks for so many Conditional Access policies to be met.
func policyChallenge(n int) string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("\"de7e0000-0000-4000-8000-%012x\"", 0xf100+i)
	}
	return `{"access_token":{"capolids":{"essential":true,"values":[` + strings.Join(ids, ",") + `]}}}`
}

// groupNames are names of groups, as a tenant has them that writes names in place of ids.
func groupNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("SG-Contoso-Project-%04d-Contributors", i)
	}
	return names
}

// deepTags is a page with one subscription whose tags hold arrays in arrays.
func deepTags(depth int) []byte {
	return []byte(`{"value":[{"id":"/subscriptions/de7e0000-0000-4000-8000-000000050009","subscriptionId":"de7e0000-0000-4000-8000-000000050009",` +
		`"displayName":"Deep","state":"Enabled","tags":` + `{"a":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `}}],"count":{"type":"Total","value":1}}`)
}
