package entra

import (
	"fmt"
	"net/http"
	"os"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// Credential is how an application proves to the tenant that it is who it says: a client secret, or a certificate whose
// private key signs an assertion (RFC 7523), so that no secret crosses the wire or lies in the portal.
type Credential struct {
	msal confidential.Credential
}

// ReadCredential reads <prefix>_CLIENT_SECRET or <prefix>_CLIENT_CERTIFICATE, a PEM file with certificate and unencrypted
// private key. Exactly one of the two must be set.
func ReadCredential(r *env.Reader, prefix string) Credential {
	secretName, certificateName := prefix+"_CLIENT_SECRET", prefix+"_CLIENT_CERTIFICATE"
	clientSecret, certificate := r.Secret(secretName), r.TextOr(certificateName, "")
	switch {
	case clientSecret.IsZero() && certificate == "":
		r.Reject(secretName, "is missing; it should be the Value (not the Secret ID) of a client secret of the app registration, or set "+certificateName+" to a PEM file")
	case !clientSecret.IsZero() && certificate != "":
		r.Reject(secretName, "and "+certificateName+" are both set; leave one of them out")
	case certificate != "":
		credential, err := certificateCredential(certificate)
		if err != nil {
			r.Reject(certificateName, err.Error()+"; it should be a PEM file with an RSA certificate and its private key")
		}
		return credential
	default:
		credential, err := confidential.NewCredFromSecret(clientSecret.Reveal())
		if err != nil {
			r.Reject(secretName, "can't be used; it should be the Value of a client secret of the app registration")
		}
		return Credential{msal: credential}
	}
	return Credential{}
}

// certificateCredential reads a PEM file. MSAL's error texts name a block's kind and never hold key material.
func certificateCredential(file string) (Credential, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return Credential{}, fmt.Errorf("can't be read (%w)", err)
	}
	certificates, key, err := confidential.CertFromPEM(pem, "")
	if err != nil {
		return Credential{}, fmt.Errorf("can't be used (%w)", err)
	}
	credential, err := confidential.NewCredFromCert(certificates, key)
	if err != nil {
		return Credential{}, fmt.Errorf("can't be used (%w)", err)
	}
	return Credential{msal: credential}, nil
}

// NewClient returns an MSAL client for an application of the tenant. It declares the client capability CP1: without it
// Entra and Resource Manager never send claims challenges, and a revoked session lives on until its tokens expire
// ("How to use Continuous Access Evaluation enabled APIs in your applications").
func (c Credential) NewClient(authority Authority, clientID string, httpClient *http.Client, options ...confidential.Option) (confidential.Client, error) {
	options = append([]confidential.Option{
		confidential.WithHTTPClient(httpClient),
		confidential.WithInstanceDiscovery(authority.Microsoft()),
		confidential.WithClientCapabilities([]string{"CP1"}),
	}, options...)
	client, err := confidential.New(authority.String(), clientID, c.msal, options...)
	if err != nil {
		return confidential.Client{}, fmt.Errorf("making the MSAL client: %w", err)
	}
	return client, nil
}
