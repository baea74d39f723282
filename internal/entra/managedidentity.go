package entra

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	msalerrors "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"
	"golang.org/x/sync/singleflight"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/guid"
)

const (
	// exchangeAudience is what Entra wants as aud of a token that stands in for a secret. The national clouds have names of
	// their own, see [Authority.exchangeAudience].
	exchangeAudience = "api://AzureADTokenExchange"
	// identityTimeout bounds one request for the identity's token, its repetitions included. The endpoint is on the same
	// machine; what takes longer leaves no time for the token request that waits for it.
	identityTimeout = 5 * time.Second
)

// managedIdentityCredential is a credential by a managed identity: its token for [exchangeAudience] is the assertion. MSAL finds
// the endpoint that the platform offers (IDENTITY_ENDPOINT on Container Apps and App Service, the instance metadata service on
// virtual machines), and keeps the token, which lives for a day, until it is time for another one.
func (a Authority) managedIdentityCredential(name, value string) (confidential.Credential, error) {
	var id managedidentity.ID
	switch {
	case value == "system":
		id = managedidentity.SystemAssigned()
	case guid.Valid(value):
		id = managedidentity.UserAssignedClientID(value)
	default:
		return confidential.Credential{}, fmt.Errorf("is %q", value)
	}
	client, err := managedidentity.New(id, managedidentity.WithHTTPClient(identityHTTPClient()))
	if err != nil {
		return confidential.Credential{}, fmt.Errorf("can't be used here (%w)", err)
	}
	source := &identitySource{client: client, name: name, audience: a.exchangeAudience()}
	return confidential.NewCredFromAssertionCallback(source.assertion), nil
}

// exchangeAudience returns the resource to ask a managed identity's token for ("Workload identity federation", important
// considerations, which lists the clouds).
func (a Authority) exchangeAudience() string {
	switch a.host {
	case "login.microsoftonline.us":
		return exchangeAudience + "USGov"
	case "login.partner.microsoftonline.cn":
		return exchangeAudience + "China"
	}
	return exchangeAudience
}

// identityHTTPClient returns a client for an address on this machine or its link-local network. No proxy: it would be asked
// for 169.254.169.254, and would answer with its own machine's identity, or hand this one's to whoever runs it.
func identityHTTPClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConns: 4, IdleConnTimeout: 30 * time.Second, ResponseHeaderTimeout: identityTimeout},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// identitySource gets a managed identity's token, once for all who ask at the same time: the instance metadata service
// refuses more than some requests a second, and a tier begins with many at once.
type identitySource struct {
	client   managedidentity.Client
	name     string // the setting's
	audience string
	flight   singleflight.Group
}

func (s *identitySource) assertion(ctx context.Context, _ confidential.AssertionRequestOptions) (string, error) {
	done := s.flight.DoChan("", func() (any, error) {
		// Whoever asked first may go away; the others wait for the same answer.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), identityTimeout)
		defer cancel()
		result, err := s.client.AcquireToken(ctx, s.audience+"/.default")
		return result.AccessToken, err
	})
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case got := <-done:
		if got.Err != nil {
			return "", &TokenError{Kind: NoCredential, Reason: s.name + " " + identityProblem(got.Err)}
		}
		return got.Val.(string), nil
	}
}

// identityProblem says what is wrong with a managed identity. MSAL's text may hold the endpoint's whole answer, so that only
// the status is taken from it.
func identityProblem(err error) string {
	if call, ok := errors.AsType[msalerrors.CallErr](err); ok && call.Resp != nil {
		if call.Resp.StatusCode == http.StatusBadRequest {
			return "names a managed identity that isn't assigned to this resource (the endpoint answered 400)"
		}
		return fmt.Sprintf("gave no token (the endpoint answered %d)", call.Resp.StatusCode)
	}
	return "gave no token (the endpoint can't be reached: is this running on Azure, with a managed identity?)"
}
