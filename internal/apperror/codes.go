package apperror

// Codes that the programs name. Those that an AADSTS number leads to, and nothing else, stand in their rows alone. Clients compare codes:
// none changes its meaning.
const (
	// Signing in.
	SignInExpired      = "sign_in_expired"
	SignInMismatch     = "sign_in_mismatch"
	SignInRefused      = "sign_in_refused"
	TenantNotAllowed   = "tenant_not_allowed"
	PersonalAccount    = "personal_account"
	NoServicePrincipal = "no_service_principal"
	SignInCancelled    = "sign_in_cancelled"
	IDTokenRejected    = "id_token_rejected"
	ConsentDeclined    = "consent_declined"
	CodeRedeemed       = "code_redeemed"
	PKCEMismatch       = "pkce_mismatch"
	WrongClientForCode = "wrong_client_for_code"

	// The validation of token A.
	NoToken           = "no_token"
	MalformedRequest  = "malformed_request"
	InvalidToken      = "invalid_token"
	TokenExpired      = "token_expired"
	WrongAudience     = "wrong_audience"
	WrongIssuer       = "wrong_issuer"
	WrongTenant       = "wrong_tenant"
	WrongVersion      = "wrong_token_version"
	InsufficientScope = "insufficient_scope"
	AppOnlyToken      = "app_only_token"
	ClientNotAllowed  = "client_not_allowed"
	MissingRole       = "missing_app_role"
	KeysUnavailable   = "keys_unavailable"

	// The exchange, and tokens that come to their end.
	ConsentRequired     = "consent_required"
	AdminConsent        = "admin_consent_required"
	ClaimsUnusable      = "claims_unusable"
	MFARequired         = "mfa_required"
	MFAEnrolment        = "mfa_enrolment_required"
	ClaimsChallenge     = "insufficient_claims"
	UserDisabled        = "user_disabled"
	UserNotFound        = "user_not_found"
	InteractionRequired = "interaction_required"
	TokenNotTheUsers    = "token_not_the_users"
	TokenRejected       = "token_request_rejected"
	ProviderThrottled   = "identity_provider_throttled"
	ProviderUnavailable = "identity_provider_unavailable"
	ProviderMalformed   = "identity_provider_malformed"
	ProviderUntrusted   = "identity_provider_untrusted"
	NoCredential        = "client_credential_unavailable"

	// The call. Those of the other services have the same endings.
	ResourceForbidden   = "resource_manager_forbidden"
	ResourceNotFound    = "resource_manager_not_found"
	ResourceThrottled   = "resource_manager_throttled"
	ResourceUnavailable = "resource_manager_unavailable"
	ResourceTimeout     = "resource_manager_timeout"
	ResourceMalformed   = "resource_manager_malformed"
	ResourceEndless     = "resource_manager_endless"
	ResourceRefused     = "resource_manager_token_refused"
	NoSubscriptions     = "no_subscriptions"
	NotConfigured       = "not_configured"

	// The tiers themselves.
	NoTokenLeft      = "no_token_left"
	StillRefused     = "still_refused"
	APIUnavailable   = "api_unavailable"
	APIMalformed     = "api_malformed"
	APIRefused       = "api_refused"
	StoreUnavailable = "store_unavailable"
	CrossSite        = "cross_site"
	MethodNotAllowed = "method_not_allowed"
	NotFound         = "not_found"
	BadRequest       = "bad_request"
	Internal         = "internal_error"
)
