package entra

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/guid"
)

// IssuerError is a discovery document of another tenant, or of another cloud, than the one that AUTHORITY names.
type IssuerError struct {
	Found    string // the document's issuer, quoted, and cut where it is long
	Expected string // the form that it should have
	// Authority is what AUTHORITY would be for the issuer that was found; "" where that has not the form of one of Entra's.
	Authority string
}

// Error names the issuer that was found, the one that was expected, and the setting to change.
func (e *IssuerError) Error() string {
	text := fmt.Sprintf("its issuer is %s, and for AUTHORITY it should be %s", e.Found, e.Expected)
	if e.Authority != "" {
		text += "; if the one that was found is your tenant's, set AUTHORITY to " + e.Authority
	}
	return text
}

// check holds the document against the authority.
func (p *Provider) check(m Metadata) error {
	if err := p.checkIssuer(m); err != nil {
		return err
	}
	for name, endpoint := range map[string]string{"token_endpoint": m.TokenEndpoint, "jwks_uri": m.JWKSURI} {
		// Secrets are sent to the one and trust comes from the other.
		if parsed, err := url.Parse(endpoint); err != nil || parsed.Scheme != "https" || parsed.Host == "" {
			return fmt.Errorf("its %s is not an https URL", name)
		}
	}
	if parsed, err := url.Parse(m.AuthorizationEndpoint); err != nil || parsed.Host == "" {
		return errors.New("its authorization_endpoint is not a URL")
	}
	return nil
}

// checkIssuer holds the issuer against the authority. OpenID Connect Discovery 1.0 section 4.3 wants the issuer to be the
// address that was asked; Entra's holds the tenant's GUID even where the authority names its domain, so that host and
// form are compared, and the tenant where the authority has its GUID.
func (p *Provider) checkIssuer(m Metadata) error {
	address := "https://" + p.authority.host + "/"
	if p.authority.Several() {
		if several := address + tenantPlaceholder + "/v2.0"; m.Issuer != several {
			return &IssuerError{Found: bounded(m.Issuer), Expected: several}
		}
		return nil
	}
	tenant, issuersTenant := p.authority.tenant, m.TenantID()
	if !guid.ValidLower(tenant) {
		tenant = "<tenant id>"
	}
	// The issuer is compared with those of tokens to the letter, so that it may hold nothing else.
	if issuersTenant != "" && m.Issuer == address+issuersTenant+"/v2.0" && (tenant == "<tenant id>" || tenant == issuersTenant) {
		return nil
	}
	mismatch := &IssuerError{Found: bounded(m.Issuer), Expected: address + tenant + "/v2.0"}
	whole := mismatch.Found == `"`+m.Issuer+`"` // nothing in it had to be escaped or cut
	if issuer, err := url.Parse(m.Issuer); err == nil && whole && issuersTenant != "" && m.Issuer == "https://"+issuer.Host+"/"+issuersTenant+"/v2.0" {
		mismatch.Authority = strings.TrimSuffix(m.Issuer, "/v2.0")
	}
	return mismatch
}
