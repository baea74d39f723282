package entra

import (
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// Credential is how an application proves to the tenant that it is who it says. There are four, from the one to be rid of
// to the one to have where it can be had:
//
//   - a client secret;
//   - a certificate, whose private key signs an assertion (RFC 7523): no secret crosses the wire or lies in the portal;
//   - a file with a token that somebody else issues about this workload, and that the registration trusts ("Workload
//     identity federation"): Kubernetes writes one;
//   - a managed identity of the Azure resource on which the program runs, trusted in the same way ("Configure an
//     application to trust a managed identity"). Nothing is kept anywhere.
type Credential struct {
	msal confidential.Credential
}

// ReadCredential reads the one of <prefix>_CLIENT_SECRET, _CLIENT_CERTIFICATE, _CLIENT_ASSERTION_FILE and
// _CLIENT_MANAGED_IDENTITY that is set. Where none is, it takes the file that AZURE_FEDERATED_TOKEN_FILE names, which is how
// workload identity on AKS tells a pod. A managed identity's token is for the authority's cloud.
func ReadCredential(r *env.Reader, prefix string, authority Authority) Credential {
	kinds := []struct {
		name string
		make func(name, value string) (confidential.Credential, error)
		want string
	}{
		{prefix + "_CLIENT_SECRET", secretCredential, "the Value (not the Secret ID) of a client secret of the app registration"},
		{prefix + "_CLIENT_CERTIFICATE", certificateCredential, "a PEM file with an RSA certificate and its private key, unencrypted"},
		{prefix + "_CLIENT_ASSERTION_FILE", fileCredential, "a file with a token that the registration's federated credential trusts, such as the one that Kubernetes projects into a pod"},
		{prefix + "_CLIENT_MANAGED_IDENTITY", authority.managedIdentityCredential, "the client id of a user-assigned managed identity, a GUID, or the word system"},
	}
	var names, set []string
	chosen, value := kinds[0], ""
	for _, kind := range kinds {
		names = append(names, kind.name)
		if found := r.Secret(kind.name).Reveal(); found != "" {
			set = append(set, kind.name)
			chosen, value = kind, found
		}
	}
	const onAKS = "AZURE_FEDERATED_TOKEN_FILE"
	if found := r.TextOr(onAKS, ""); found != "" && len(set) == 0 {
		set = append(set, onAKS)
		chosen, value = kinds[2], found
		chosen.name = onAKS
	}
	switch {
	case len(set) == 0:
		r.Reject(names[0], "is missing; it should be "+chosen.want+", or set one of "+strings.Join(names[1:], ", ")+" in its place")
		return Credential{}
	case len(set) > 1:
		r.Reject(set[0], "is set together with "+strings.Join(set[1:], ", ")+"; leave one of them and take out the rest")
		return Credential{}
	}
	credential, err := chosen.make(chosen.name, value)
	if err != nil {
		r.Reject(chosen.name, err.Error()+"; it should be "+chosen.want)
	}
	return Credential{msal: credential}
}

func secretCredential(_, value string) (confidential.Credential, error) {
	return confidential.NewCredFromSecret(value)
}

// certificateCredential reads a PEM file. MSAL's error texts name a block's kind and never hold key material.
func certificateCredential(_, file string) (credential confidential.Credential, err error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return credential, fmt.Errorf("can't be read (%w)", err)
	}
	certificates, key, err := confidential.CertFromPEM(pem, "")
	if err == nil {
		credential, err = confidential.NewCredFromCert(certificates, key)
	}
	if err != nil {
		return credential, fmt.Errorf("can't be used (%w)", err)
	}
	return credential, nil
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
