package doctor

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
)

// FederatedToken compares the token in a file with what an application trusts, in the order in which Entra does: issuer,
// subject, audience. A file that isn't on this machine says nothing: it is a pod's. The result has no fix.
func FederatedToken(role desired.Role, file string, trusted []graph.FederatedIdentityCredential) (*Finding, error) {
	raw, err := os.ReadFile(file)
	if file == "" || errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the federated token of the %s: %w", role, err)
	}
	finding := func(code, what string) *Finding {
		return &Finding{Code: role.Code() + "-federated-" + code, What: file + ": " + what}
	}
	var token jwt.Claims
	signed, err := jwt.ParseSigned(strings.TrimSpace(string(raw)), []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.PS256, jose.RS384, jose.RS512, jose.ES384})
	if err == nil {
		err = signed.UnsafeClaimsWithoutVerification(&token) // Entra verifies it; here it is only compared
	}
	if err != nil {
		return finding("token", "it holds no signed JWT"), nil
	}
	trusted = slices.DeleteFunc(slices.Clone(trusted), func(c graph.FederatedIdentityCredential) bool { return c.Issuer != token.Issuer })
	if len(trusted) == 0 {
		return finding("issuer", "its token is of the issuer "+token.Issuer+", which the application doesn't trust"), nil
	}
	trusted = slices.DeleteFunc(trusted, func(c graph.FederatedIdentityCredential) bool { return c.Subject != token.Subject })
	if len(trusted) == 0 {
		return finding("subject", "its token has the subject "+token.Subject+", which the application doesn't trust"), nil
	}
	if !slices.ContainsFunc(token.Audience, func(audience string) bool { return slices.Contains(trusted[0].Audiences, audience) }) {
		return finding("audience", "its token is for "+strings.Join(token.Audience, ", ")+", should be for "+strings.Join(trusted[0].Audiences, ", ")), nil
	}
	return nil, nil
}
