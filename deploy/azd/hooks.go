package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
)

// run is one hook. getenv has azd's values: azd puts its environment, outputs of the last provisioning included, into that of a
// hook.
func run(ctx context.Context, hook string, getenv func(string) string, set func(ctx context.Context, name, value string) error) error {
	o, err := options(getenv)
	if err != nil {
		return err
	}
	return runWith(ctx, hook, getenv, set, o)
}

// options are appcreation's for an azd environment: a pair of applications of its own, described by a development.env in azd's
// folder of it, so that `appcreation doctor --dir` can look at them.
func options(getenv func(string) string) (command.Options, error) {
	name := getenv("AZURE_ENV_NAME")
	if name == "" {
		return command.Options{}, errors.New("AZURE_ENV_NAME is missing: this is a hook of azd, and not run by hand")
	}
	folder := filepath.Join(".azure", name)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return command.Options{}, fmt.Errorf("making azd's folder: %w", err)
	}
	// Whoever runs azd is signed in to it, and need not be to anything else.
	credential, err := azidentity.NewAzureDeveloperCLICredential(&azidentity.AzureDeveloperCLICredentialOptions{TenantID: getenv("AZURE_TENANT_ID")})
	if err != nil {
		return command.Options{}, fmt.Errorf("using azd's login: %w", err)
	}
	return command.Options{
		Dir: folder, Tenant: getenv("AZURE_TENANT_ID"), Name: desired.DefaultName + "-" + name,
		Yes: true, Out: os.Stdout, Err: os.Stderr, Credential: credential,
	}, nil
}

func runWith(ctx context.Context, hook string, getenv func(string) string, set func(ctx context.Context, name, value string) error, o command.Options) error {
	switch hook {
	case "preprovision":
		// Without identities nothing is trusted yet: they are made after this.
		o.Federated = command.Federated{Kind: string(desired.ManagedIdentity)}
		result, err := command.Configure(ctx, o)
		if err != nil {
			return err
		}
		return errors.Join(set(ctx, "API_CLIENT_ID", result.APIClientID), set(ctx, "WEBUI_CLIENT_ID", result.WebUIClientID))
	case "postprovision":
		o.Federated = command.Federated{Kind: string(desired.ManagedIdentity), APIIdentity: getenv("API_IDENTITY"), WebUIIdentity: getenv("WEBUI_IDENTITY")}
		if o.WebUIURL = getenv("WEBUI_URL"); o.WebUIURL == "" || o.Federated.APIIdentity == "" {
			return errors.New("WEBUI_URL or API_IDENTITY is missing: nothing was provisioned")
		}
		if _, err := command.Configure(ctx, o); err != nil {
			return err
		}
		return set(ctx, "KEYS_EXIST", "true")
	case "postdown":
		o.Purge = true
		err := command.Cleanup(ctx, o)
		if graph.IsForbidden(err) { // only administrators empty the bin; for others it empties itself after 30 days
			o.Purge = false
			err = command.Cleanup(ctx, o)
		}
		if err != nil {
			return err
		}
		return errors.Join(set(ctx, "KEYS_EXIST", "false"), set(ctx, "API_CLIENT_ID", ""), set(ctx, "WEBUI_CLIENT_ID", ""))
	}
	return fmt.Errorf("there is no hook %q", hook)
}
