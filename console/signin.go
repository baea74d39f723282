package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// config is what the console needs to know.
type config struct {
	authority     entra.Authority
	clientID      string
	credential    entra.Credential // of the application, where there is no user
	apiURL        *url.URL
	apiScope      string
	identity, api *http.Client
}

func readConfig(r *env.Reader, o options) (config, error) {
	cfg := readAPI(r)
	cfg.apiScope = r.Text("CONSOLE_API_SCOPE", "api://<the API's client id>/access_as_user")
	if o.asApplication {
		if cfg.authority.Several() {
			r.Reject("AUTHORITY", "stands for several organizations, and a program acts in one: it should end with that tenant's id")
		}
		cfg.clientID, cfg.credential = r.GUID("CONSOLE_APPLICATION_CLIENT_ID"), entra.ReadCredential(r, "CONSOLE_APPLICATION", cfg.authority)
	} else {
		cfg.clientID = r.GUID("CONSOLE_CLIENT_ID")
	}
	return cfg, cfg.connect(r)
}

// readAPI asks for what each command needs: where to sign in, and where the API is.
func readAPI(r *env.Reader) config {
	return config{authority: entra.ReadAuthority(r), apiURL: r.URLOr("CONSOLE_API_URL", "http://localhost:8001")}
}

// connect makes the clients for both, once all settings are asked for. Its error names those that are missing or wrong.
func (c *config) connect(r *env.Reader) (err error) {
	ca := r.TextOr("TRUSTED_CA_FILE", "")
	if err := r.Err(); err != nil {
		return err
	}
	if c.identity, err = entra.NewHTTPClient(ca, 30*time.Second); err != nil {
		return err
	}
	c.api, err = outbound.NewClient(outbound.Options{TrustedCAFile: ca, Timeout: 30 * time.Second, MaxBody: 16 << 20})
	return err
}

// signIn returns a token for the API, and which of its routes the token is for.
func (c config) signIn(ctx context.Context, o options, stderr io.Writer) (secret.String, string, error) {
	if o.asApplication {
		token, err := c.asApplication(ctx)
		return token, "application/subscriptions", err
	}
	client, err := c.publicClient()
	if err != nil {
		return secret.String{}, "", err
	}
	scopes := []string{c.apiScope}
	var result public.AuthResult
	if o.deviceCode {
		code, asked := client.AcquireTokenByDeviceCode(ctx, scopes)
		if asked != nil {
			return secret.String{}, "", refused(ctx, asked)
		}
		fmt.Fprintf(stderr, "Visit %s on any device and enter the code %s\n", oneLine(code.Result.VerificationURL), oneLine(code.Result.UserCode))
		result, err = code.AuthenticationResult(ctx)
	} else {
		fmt.Fprintln(stderr, "Signing in with your browser …")
		result, err = client.AcquireTokenInteractive(ctx, scopes, public.WithOpenURL(o.browse))
	}
	if err != nil {
		return secret.String{}, "", refused(ctx, err)
	}
	return secret.New(result.AccessToken), "subscriptions", nil
}

// publicClient is MSAL for a program that can keep no secret.
func (c config) publicClient() (public.Client, error) {
	client, err := public.New(c.clientID,
		public.WithAuthority(c.authority.String()), public.WithHTTPClient(c.identity), public.WithInstanceDiscovery(c.authority.Microsoft()))
	if err != nil {
		return public.Client{}, fmt.Errorf("making the MSAL client: %w", err)
	}
	return client, nil
}

// asApplication gets the application's own token (RFC 6749, section 4.4). What it may do is in its app roles, not in a scope.
func (c config) asApplication(ctx context.Context) (secret.String, error) {
	client, err := c.credential.NewClient(c.authority, c.clientID, c.identity)
	if err != nil {
		return secret.String{}, err
	}
	resource := c.apiScope[:max(strings.LastIndexByte(c.apiScope, '/'), 0)]
	result, err := client.AcquireTokenByCredential(ctx, []string{resource + "/.default"})
	if err != nil {
		return secret.String{}, refused(ctx, err)
	}
	return secret.New(result.AccessToken), nil
}

// refused says what the table of failures says. MSAL's own text holds the whole answer.
func refused(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return errors.New("nobody finished signing in, and the time for it is over: run it again")
	}
	why := entra.AsTokenError(err).WithNumber(err.Error()) // while it polls for a device code, MSAL reads refusals to their end
	row := why.Explain(apperror.SignIn).Row()
	if why.AADSTS == 53003 {
		return errors.New("AADSTS53003: a Conditional Access policy of your organization blocks this way to sign in. Many block device codes, with which others are tricked into signing an attacker in; sign in with the browser, without -device-code")
	}
	return fmt.Errorf("%s: %s %s (%w)", row.Code, row.What, row.User, why)
}
