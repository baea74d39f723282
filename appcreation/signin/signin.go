// Package signin gets a credential for Graph: the Azure CLI's login if there is one, otherwise a device code.
package signin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/cloud"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

// Methods are the values of --sign-in.
var Methods = []string{"auto", "cli", "device"}

// Options says who signs in where.
type Options struct {
	Cloud  cloud.Cloud
	Tenant string // GUID or domain; "" for the user's own
	Method string // one of Methods; "" means auto
	Client *http.Client
	// Prompt shows a device code and where to enter it; nil writes it to Out.
	Prompt func(context.Context, azidentity.DeviceCodeMessage) error
	Out    io.Writer // progress
}

// Credential signs in and returns what gives tokens for Graph.
func Credential(ctx context.Context, o Options) (azcore.TokenCredential, error) {
	if o.Method == "" {
		o.Method = "auto"
	}
	if !slices.Contains(Methods, o.Method) {
		return nil, fmt.Errorf("there is no way to sign in called %q; it is one of %v", o.Method, Methods)
	}
	// EnableCAE as azcore's bearer policy asks: azidentity keeps those tokens apart, and would ask for a second code.
	scopes := policy.TokenRequestOptions{Scopes: []string{o.Cloud.GraphAudience + "/.default"}, EnableCAE: true}
	if o.Method != "device" && !o.Cloud.Development {
		credential, err := azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: o.Tenant})
		if err == nil {
			_, err = credential.GetToken(ctx, scopes)
		}
		if err == nil {
			_, _ = fmt.Fprintln(o.Out, "Signing in with the Azure CLI's login.")
			return explaining{credential: credential, refusals: &refusals{}}, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if o.Method == "cli" {
			return nil, &Error{what: "the Azure CLI has no login that serves here" + code(err),
				help: "Run: az cloud set --name " + azureCLIName(o.Cloud) + " && az login --tenant " + orTenant(o.Tenant) + "\nOr sign in with --sign-in device."}
		}
		_, _ = fmt.Fprintln(o.Out, "No Azure CLI login that serves here; signing in with a device code.")
	}
	transport := &refusals{next: cmp.Or(o.Client, http.DefaultClient)}
	credential, err := deviceCode(o, transport)
	if err != nil {
		return nil, fmt.Errorf("signing in: %w", err)
	}
	explained := explaining{credential: credential, refusals: transport, byDevice: true, tenant: o.Tenant}
	if _, err := explained.GetToken(ctx, scopes); err != nil {
		return nil, err
	}
	return explained, nil
}

// explaining is a credential whose errors can be shown.
type explaining struct {
	credential azcore.TokenCredential
	refusals   *refusals
	byDevice   bool   // by a device code, for which the Azure CLI's login can stand in
	tenant     string // as --tenant has it
}

// GetToken implements [azcore.TokenCredential].
func (e explaining) GetToken(ctx context.Context, o policy.TokenRequestOptions) (azcore.AccessToken, error) {
	token, err := e.credential.GetToken(ctx, o)
	if err != nil {
		err = e.explain(ctx, err)
	}
	return token, err
}

func deviceCode(o Options, transport policy.Transporter) (azcore.TokenCredential, error) {
	prompt := o.Prompt
	if prompt == nil {
		prompt = func(_ context.Context, code azidentity.DeviceCodeMessage) error {
			_, err := fmt.Fprintf(o.Out, "\nTo sign in, open this page in a browser:\n\n    %s\n\nand enter the code:\n\n    %s\n\nWaiting for you ...\n",
				code.VerificationURL, code.UserCode)
			return err
		}
	}
	return azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
		ClientOptions:            azcore.ClientOptions{Cloud: o.Cloud.Configuration(), Transport: transport},
		TenantID:                 o.Tenant,
		DisableInstanceDiscovery: o.Cloud.Development, // Microsoft can't vouch for a host that isn't its own
		UserPrompt:               prompt,
	})
}

// Error is a sign-in that failed, without the texts of the libraries: they may hold a whole answer of the token endpoint.
type Error struct {
	what string
	help string
}

func (e *Error) Error() string { return "signing in: " + e.what }

// Help says what to do next; it may be "".
func (e *Error) Help() string { return e.help }

// NonRetriable tells azcore that asking again doesn't help: it would show one device code after the other.
func (e *Error) NonRetriable() {}

// explain keeps Entra's code of a failed sign-in, and says what it means where the table of failures has it.
func (e explaining) explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var answer *http.Response
	if failed, ok := errors.AsType[*azidentity.AuthenticationFailedError](err); ok {
		answer = failed.RawResponse
	}
	refused := e.refusals.explain(err, answer)
	if refused.AADSTS == 0 {
		what := "no token came (" + string(refused.Kind) + ")"
		if kind := e.refusals.kept(); kind != "" {
			what = "no token came (" + string(kind) + ")"
		} else if refused.OAuthError != "" {
			what = "Entra refused (" + refused.OAuthError + ")"
		}
		return &Error{what: what,
			help: "A device code is good for 15 minutes: run the command again. Behind a proxy, HTTPS_PROXY and TRUSTED_CA_FILE say how to get out."}
	}
	help := fmt.Sprintf("Look it up: https://login.microsoftonline.com/error?code=%d", refused.AADSTS)
	if known, ok := apperror.ForAADSTS(apperror.Registration, refused.AADSTS); ok {
		help = known.Title + ": " + known.What
	}
	if e.byDevice && ofPolicy(refused.AADSTS) {
		help += "\nOrganizations often forbid device codes and nothing else. Sign in with the Azure CLI, az login --tenant " + orTenant(e.tenant) + ", and run this with --sign-in cli."
	}
	what := fmt.Sprintf("Entra refused with AADSTS%d", refused.AADSTS)
	if refused.OAuthError != "" {
		what += " (" + refused.OAuthError + ")"
	}
	return &Error{what: what, help: help}
}

// ofPolicy reports whether a number is of a Conditional Access policy or of security defaults: 53000 to 53011, and their
// longer forms such as 530036.
func ofPolicy(number int) bool {
	return number/1000 == 53 || number/10_000 == 53 || slices.Contains([]int{50097, 50005, 50158}, number)
}

// code is Entra's number in what the Azure CLI says, in parentheses, or "". The rest of that isn't shown.
func code(err error) string {
	if number := entra.AsTokenError(err).WithNumber(err.Error()).AADSTS; number != 0 {
		return fmt.Sprintf(" (AADSTS%d)", number)
	}
	return ""
}

// azureCLIName is what `az cloud set` calls a cloud.
func azureCLIName(c cloud.Cloud) string {
	switch c.Name {
	case "usgov":
		return "AzureUSGovernment"
	case "china":
		return "AzureChinaCloud"
	default:
		return "AzureCloud"
	}
}

func orTenant(tenant string) string {
	if tenant == "" {
		return "<tenant>"
	}
	return tenant
}
