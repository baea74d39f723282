package devtenant

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Failure is one row of the table of AADSTS codes: how Entra says that something went wrong.
// The codes and sentences follow "Microsoft Entra authentication and authorization error codes"; error, suberror and
// status follow recorded answers where there are any.
type Failure struct {
	Code     int    // AADSTS<Code>
	Error    string // RFC 6749 section 5.2, with Entra's additions
	Suberror string // tells a client what the user has to do
	Status   int    // HTTP status at the token endpoint
	Sentence string // {names} are filled in from the request
}

// failures is the one table. Whatever this tenant refuses in the manner of Entra has a row here.
var failures = []Failure{
	// Consent.
	{65001, "invalid_grant", "consent_required", 400, "The user or administrator has not consented to use the application with ID '{client_id}' named '{client_name}'. Send an interactive authorization request for this user and resource."},
	{65004, "access_denied", "", 400, "User declined to consent to access the app."},
	{90094, "invalid_grant", "", 400, "Admin consent is required for the permissions requested by this application."},
	{650052, "invalid_client", "", 400, "The app needs access to a service ('{resource}') that your organization '{tenant}' has not subscribed to or enabled. Contact your IT Admin to review the configuration of your service subscriptions."},
	{650053, "invalid_client", "", 400, "The application '{client_name}' asked for scope '{scope}' that doesn't exist on the resource '{resource}'. Contact the app vendor."},
	{650057, "invalid_resource", "", 400, "Invalid resource. The client has requested access to a resource which is not listed in the requested permissions in the client's application registration. Client app ID: {client_id}({client_name}). Resource value from request: {resource}."},

	// The assertion of an on-behalf-of request.
	{50013, "invalid_grant", "", 400, "Assertion failed signature validation. [Reason - The key was not found or the assertion is malformed.]"},
	{500131, "invalid_grant", "", 400, "Assertion audience does not match the Client app presenting the assertion. The audience in the assertion was '{audience}' and the expected audience is '{client_id}' or one of the Application Uris of this application with App ID '{client_id}'({client_name}). The downstream client must request a token for the expected audience (the application that made the OBO request) and this application should use that token as the assertion."},
	{500133, "invalid_grant", "", 400, "Assertion is not within its valid time range. Ensure that the access token is not expired before using it for user assertion, or request a new token. Current time: {now}, expiry time of assertion {expired}."},
	{240002, "invalid_request", "", 400, "Input id_token cannot be used as 'urn:ietf:params:oauth:grant-type:jwt-bearer' grant."},
	{7000114, "unauthorized_client", "", 400, "Application '{client_id}' is not allowed to make application on-behalf-of calls."},

	// Conditional Access.
	{50076, "invalid_grant", "basic_action", 400, "Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication to access '{resource}'."},
	{50079, "invalid_grant", "basic_action", 400, "Due to a configuration change made by your administrator, or because you moved to a new location, you must enroll in multi-factor authentication to access '{resource}'."},
	{53003, "invalid_grant", "message_only", 400, "Access has been blocked by Conditional Access policies. The access policy does not allow token issuance."},
	{50105, "invalid_grant", "", 400, "Your administrator has configured the application {client_name} ('{client_id}') to block users unless they are specifically granted ('assigned') access to the application. The signed-in user '{user}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator. Please contact your administrator to assign access to this application."},
	{500121, "access_denied", "", 400, "Authentication failed during strong authentication request."},

	// The user and their session.
	{50020, "invalid_request", "", 400, "User account from identity provider 'live.com' does not exist in tenant '{tenant}' and cannot access the application '{client_id}'({client_name}) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different Microsoft Entra user account."},
	{50034, "invalid_grant", "bad_token", 400, "The user account {user} does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory."},
	{500208, "invalid_grant", "", 400, "The domain is not a valid login domain for the account type."},
	{50126, "invalid_grant", "", 400, "Error validating credentials due to invalid username or password."},
	{50057, "invalid_grant", "", 400, "The user account is disabled."},
	{50058, "login_required", "", 400, "A silent sign-in request was sent but no user is signed in."},
	{50173, "invalid_grant", "bad_token", 400, "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password. The grant was issued on '{issued}' and the TokensValidFrom date (before which tokens are not valid) for this user is '{valid_from}'."},

	// Codes and refresh tokens.
	{54005, "invalid_grant", "", 400, "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token."},
	{501481, "invalid_grant", "", 400, "The Code_Verifier does not match the code_challenge supplied in the authorization request."},
	{70000, "invalid_grant", "", 400, "Provided grant is invalid or malformed."},
	{70008, "invalid_grant", "", 400, "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive authorization request for this user and resource."},
	{700082, "invalid_grant", "", 400, "The refresh token has expired due to inactivity. The token was issued on {issued} and was inactive for 90.00:00:00."},
	{700084, "invalid_grant", "", 400, "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which cannot be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page. The token was issued on {issued}."},
	{700005, "invalid_grant", "", 400, "Provided Authorization Code is intended to use against other tenant, thus rejected."},
	{70016, "authorization_pending", "", 400, "OAuth 2.0 device flow error. Authorization is pending. Continue polling."},
	{70018, "invalid_grant", "", 400, "Invalid verification code due to User typing in wrong user code for device code flow."},
	{70019, "expired_token", "", 400, "Verification code expired. Have the user retry the sign-in."},

	// Codes and refresh tokens of single-page applications, which a browser redeems.
	{9002325, "invalid_request", "", 400, "Proof Key for Code Exchange is required for cross-origin authorization code redemption."},
	{9002326, "invalid_request", "", 400, "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type. Request origin: '{origin}'."},
	{9002327, "invalid_request", "", 400, "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests."},

	// The client.
	{700016, "unauthorized_client", "", 400, "Application with identifier '{client_id}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant."},
	{7000215, "invalid_client", "", 401, "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{client_id}'."},
	{7000218, "invalid_client", "", 401, "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."},
	{7000222, "invalid_client", "", 401, "The provided client secret keys for app '{client_id}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds."},
	{700021, "invalid_client", "", 401, "Client assertion application identifier doesn't match 'client_id' parameter. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials."},
	{700023, "invalid_client", "", 401, "Client assertion audience claim does not match Realm issuer. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials."},
	{700024, "invalid_client", "", 401, "Client assertion is not within its valid time range. Review the documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials."},
	{700025, "invalid_client", "", 401, "Client is public so neither 'client_assertion' nor 'client_secret' should be presented."},
	{700027, "invalid_client", "", 401, "The certificate with identifier used to sign the client assertion is not registered on application. [Reason - The key was not found.]"},

	// The client's token of an outside issuer. Status 401 is a best reading.
	{700211, "invalid_client", "", 401, "No matching federated identity record found for presented assertion issuer '{issuer}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation"},
	{700212, "invalid_client", "", 401, "No matching federated identity record found for presented assertion audience '{audience}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation"},
	{700213, "invalid_client", "", 401, "No matching federated identity record found for presented assertion subject '{subject}'. Check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/entra/workload-id/workload-identity-federation"},
	{700222, "invalid_client", "", 401, "AAD-issued tokens may not be used for federated identity flows."},
	{7000272, "invalid_client", "", 401, "The certificate with identifier {kid} used to sign the federated credential could not be found in the metadata of identity provider {issuer}. Validate that your identity provider's metadata exposes the key used to sign the incoming token."},
	{90061, "invalid_request", "", 400, "Request to External OIDC endpoint failed."},

	// What is asked for.
	{500011, "invalid_resource", "", 400, "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant."},
	{70011, "invalid_scope", "", 400, "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."},
	{700022, "invalid_request", "", 400, "The provided value for the input parameter scope '{scope}' is not valid because it contains more than one resource."},
	{9010010, "invalid_target", "", 400, "The resource parameter provided in the request doesn't match with the requested scopes."},
	{1002012, "invalid_scope", "", 400, "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."},
	{90009, "invalid_request", "", 400, "Application '{client_id}'({client_name}) is requesting a token for itself. This scenario is supported only if resource is specified using the GUID based App Identifier."},

	// The request.
	{50011, "invalid_request", "", 400, "The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs configured for the application '{client_id}'. Make sure the redirect URI sent in the request matches one added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError to learn more about how to troubleshoot this issue."},
	{500112, "invalid_client", "", 400, "The reply address '{redirect_uri}' does not match the reply address '{registered}' provided when requesting Authorization code."},
	{50049, "invalid_instance", "", 400, "Unknown or invalid instance."},
	{50194, "invalid_request", "", 400, "Application '{client_id}'({client_name}) is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant."},
	{70003, "unsupported_grant_type", "", 400, "The app requested an unsupported grant type '{grant_type}'."},
	{700051, "unsupported_response_type", "", 400, "response_type 'token' is not enabled for the application."},
	{700054, "unsupported_response_type", "", 400, "response_type '{response_type}' is not enabled for the application."},
	{70007, "unsupported_response_mode", "", 400, "'{response_mode}' is not a supported value of 'response_mode' when requesting a token."},
	{90002, "invalid_tenant", "", 400, "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant."},
	{900144, "invalid_request", "", 400, "The request body must contain the following parameter: '{parameter}'."},
	{9001023, "invalid_request", "", 400, "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint."},
	{9002313, "invalid_request", "", 400, "Invalid request. Request is malformed or invalid."},

	// The service itself.
	{90033, "temporarily_unavailable", "", 503, "A transient error has occurred. Please try again."},
}

// Failures is the table of AADSTS codes, for pages and tests that list them.
func Failures() []Failure { return append([]Failure(nil), failures...) }

func failureByCode(code int) (Failure, bool) {
	for _, f := range failures {
		if f.Code == code {
			return f, true
		}
	}
	return Failure{}, false
}

// refusal is a failure that happened: a row of the table, its sentence with the names filled in.
type refusal struct {
	Failure
	names  map[string]string
	claims string // what a token must have before the answer is another one; JSON
}

// refuse makes a refusal: names come in pairs, as in refuse(500011, "resource", name).
func refuse(code int, names ...string) *refusal {
	row, ok := failureByCode(code)
	if !ok {
		row = Failure{Code: code, Error: "invalid_request", Status: 400, Sentence: "The request was refused."}
	}
	r := &refusal{Failure: row, names: map[string]string{}}
	for i := 0; i+1 < len(names); i += 2 {
		r.names[names[i]] = names[i+1]
	}
	return r
}

// withClaims adds what the client has to ask for at its next interactive request.
func (r *refusal) withClaims(claims string) *refusal {
	r.claims = claims
	return r
}

// sentence fills in the row's names: from the refusal, else from the request.
func (r *refusal) sentence(c *call) string {
	pairs := []string{}
	for name, value := range r.names {
		pairs = append(pairs, "{"+name+"}", value)
	}
	for name, value := range c.names() {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(r.Sentence)
}

// as gives the refusal another error than its row has: Entra's depends on the request for some codes.
func (r *refusal) as(oauthError string) *refusal {
	r.Error = oauthError
	return r
}

// description is error_description as Entra writes it: clients and people take the code and the ids out of it. Until
// late 2023 its parts were lines of their own; the switch description-lines brings that form back.
func (r *refusal) description(c *call) string {
	separator := " "
	if altered(c, func(f Fault) bool { return f.DescriptionLines }) {
		separator = "\r\n"
	}
	return strings.Join([]string{
		fmt.Sprintf("AADSTS%d: %s", r.Code, r.sentence(c)), "Trace ID: " + c.traceID, "Correlation ID: " + c.correlationID, "Timestamp: " + timestamp(c.start),
	}, separator)
}

type errorBody struct {
	Error         string `json:"error"`
	Description   string `json:"error_description"`
	Codes         []int  `json:"error_codes"`
	Timestamp     string `json:"timestamp"`
	TraceID       string `json:"trace_id"`
	CorrelationID string `json:"correlation_id"`
	URI           string `json:"error_uri"`
	Suberror      string `json:"suberror,omitempty"`
	Claims        string `json:"claims,omitempty"` // a JSON string that holds JSON
}

// writeRefusal answers a program: RFC 6749 section 5.2 with Entra's additions.
func (t *Tenant) writeRefusal(w http.ResponseWriter, r *http.Request, refused *refusal) {
	c := callOf(r)
	c.aadsts = refused.Code
	w.Header().Set("X-Ms-Clitelem", fmt.Sprintf("1,%d,0,,", refused.Code))
	writeJSON(w, refused.Status, errorBody{
		Error: refused.Error, Description: refused.description(c), Codes: []int{refused.Code},
		Timestamp: timestamp(c.start), TraceID: c.traceID, CorrelationID: c.correlationID,
		URI: fmt.Sprintf("%s/error?code=%d", t.BrowserURL(), refused.Code), Suberror: refused.Suberror, Claims: refused.claims,
	})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	// An error here is the client's connection going away; there is nobody left to tell.
	_ = json.NewEncoder(w).Encode(body)
}

func timestamp(at time.Time) string { return at.UTC().Format("2006-01-02 15:04:05Z") }

// exactTime is how sentences write the times of tokens.
func exactTime(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05.0000000Z") }
