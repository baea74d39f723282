// Package signin gets a credential for Graph: the Azure CLI's login if there is one, otherwise a device code.
package signin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"ms-identity-go-on-behalf-of/appcreation/cloud"
	"ms-identity-go-on-behalf-of/internal/failure"
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
	scopes := policy.TokenRequestOptions{Scopes: []string{o.Cloud.GraphAudience + "/.default"}}
	if o.Method != "device" && !o.Cloud.Development {
		credential, err := azidentity.NewAzureCLICredential(&azidentity.AzureCLICredentialOptions{TenantID: o.Tenant})
		if err == nil {
			_, err = credential.GetToken(ctx, scopes)
		}
		if err == nil {
			_, _ = fmt.Fprintln(o.Out, "Signing in with the Azure CLI's login.")
			return credential, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if o.Method == "cli" {
			return nil, &Error{what: "the Azure CLI has no login that serves here",
				help: "Run: az cloud set --name " + azureCLIName(o.Cloud) + " && az login --tenant " + orTenant(o.Tenant) + "\nOr sign in with --sign-in device."}
		}
		_, _ = fmt.Fprintln(o.Out, "No Azure CLI login that serves here; signing in with a device code.")
	}
	credential, err := deviceCode(o)
	if err != nil {
		return nil, fmt.Errorf("signing in: %w", err)
	}
	if _, err := credential.GetToken(ctx, scopes); err != nil {
		return nil, explain(ctx, err)
	}
	return credential, nil
}

func deviceCode(o Options) (azcore.TokenCredential, error) {
	prompt := o.Prompt
	if prompt == nil {
		prompt = func(_ context.Context, code azidentity.DeviceCodeMessage) error {
			_, err := fmt.Fprintf(o.Out, "\nTo sign in, open this page in a browser:\n\n    %s\n\nand enter the code:\n\n    %s\n\nWaiting for you ...\n",
				code.VerificationURL, code.UserCode)
			return err
		}
	}
	return azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
		ClientOptions:            azcore.ClientOptions{Cloud: o.Cloud.Configuration(), Transport: o.Client},
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

var aadsts = regexp.MustCompile(`AADSTS(\d+)`)

// explain keeps Entra's code of a failed sign-in, and says what it means where the table of failures has it.
func explain(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	failed, ok := errors.AsType[*azidentity.AuthenticationFailedError](err)
	if !ok || failed.RawResponse == nil {
		return &Error{what: "no token came", help: "The device code may have expired: run the command again. Behind a proxy, HTTPS_PROXY and TRUSTED_CA_FILE say how to get out."}
	}
	var body struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
	}
	_ = json.NewDecoder(io.LimitReader(failed.RawResponse.Body, 1<<16)).Decode(&body) // without it the status has to do
	what := fmt.Sprintf("the token endpoint answered %d", failed.RawResponse.StatusCode)
	match := aadsts.FindStringSubmatch(body.Description)
	if match == nil {
		return &Error{what: what}
	}
	var number int
	_, _ = fmt.Sscan(match[1], &number)
	help := "Look it up: https://login.microsoftonline.com/error?code=" + match[1]
	if known, ok := failure.ForAADSTS(number); ok {
		help = known.Title + ": " + known.What
	}
	return &Error{what: what + ", " + match[0], help: help}
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
