package main

import (
	"cmp"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// settings are the flags of the program.
type settings struct {
	options     devtenant.Options
	certificate string
	daemon      string // a file for the certificate of the program without a user
	writeEnv    string
	health      bool
	logLevel    slog.Level
}

// readSettings reads the flags. Each but -health has an environment variable that stands in for it, named like it:
// -browser-addr is DEVTENANT_BROWSER_ADDR.
func readSettings(arguments []string, getenv func(string) string, stderr io.Writer) (settings, error) {
	var s settings
	var tenantFile, hostNames, logLevel, issuerCA string
	flags := flag.NewFlagSet("devtenant", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "devtenant is for development only: a stand-in for Microsoft Entra and Azure Resource Manager.\n\nFlags, each but -health also as an environment variable (-browser-addr is DEVTENANT_BROWSER_ADDR):")
		flags.PrintDefaults()
	}
	text := func(target *string, name, fallback, usage string) {
		flags.StringVar(target, name, cmp.Or(getenv(environmentName(name)), fallback), usage)
	}
	text(&s.options.BrowserAddr, "browser-addr", "localhost:8002", "where the front channel listens, plain http; none keeps it closed")
	text(&s.options.BackAddr, "back-addr", "localhost:8003", "where the back channel listens, TLS")
	text(&s.options.BrowserURL, "browser-url", "", "public address of the front channel, if it differs, for example http://localhost:8002")
	text(&s.options.BackURL, "back-url", "", "public address of authority, issuer and keys, if it differs, for example https://devtenant:8003")
	text(&s.options.ResourceManagerURL, "resource-manager-url", "", "public address of Resource Manager, if it is not the back channel's")
	text(&hostNames, "host-names", "", "more names that both channels answer to and that the back channel's certificate has, separated by commas")
	text(&s.options.WebUIURL, "webui-url", "http://localhost:8000", "where the sample's web UI is reached")
	text(&s.options.APIURL, "api-url", "http://localhost:8001", "where the sample's API is reached")
	text(&tenantFile, "tenant", "", "a file with other users, applications and subscriptions; its form is devtenant/directory/tenant.json")
	text(&issuerCA, "issuer-ca", "", "a file with a certificate authority, PEM, for outside issuers of federated credentials")
	text(&s.options.IdentityHeader, "identity-header", "", "the IDENTITY_HEADER of the managed identity endpoint; a random one if it is empty")
	text(&s.certificate, "certificate", "devtenant-ca.pem", "where the certificate authority of the back channel is written, for TRUSTED_CA_FILE")
	text(&s.daemon, "daemon-certificate", "", "write a new client certificate of the sample's program without a user, and its key, to this file")
	text(&s.writeEnv, "write-env", "", "write the settings of both tiers to this file, for example development.env")
	flags.BoolVar(&s.options.PasswordGrant, "password-grant", getenv(environmentName("password-grant")) == "true", "allow the username/password grant to users who have a password in the tenant file")
	flags.BoolVar(&s.options.MultiTenant, "multi-tenant", getenv(environmentName("multi-tenant")) == "true", "register the sample for users of any organization, with Fabrikam as a second one")
	flags.BoolVar(&s.health, "health", false, "ask the devtenant that runs at -browser-addr whether it is well, and exit 0 or 1")
	text(&logLevel, "log-level", "warn", "debug, info, warn or error")
	if err := flags.Parse(arguments); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("%q is not a flag; devtenant -help lists them", flags.Arg(0))
	}
	if err := s.logLevel.UnmarshalText([]byte(logLevel)); err != nil {
		return s, fmt.Errorf("-log-level %s: want debug, info, warn or error", logLevel)
	}
	for _, name := range strings.Split(hostNames, ",") {
		if name = strings.TrimSpace(name); name != "" {
			s.options.HostNames = append(s.options.HostNames, name)
		}
	}
	if issuerCA != "" {
		var err error
		if s.options.IssuerCA, err = os.ReadFile(issuerCA); err != nil {
			return s, fmt.Errorf("-issuer-ca: %w", err)
		}
	}
	if tenantFile != "" {
		file, err := os.Open(tenantFile)
		if err != nil {
			return s, fmt.Errorf("opening the tenant file: %w", err)
		}
		defer file.Close()
		if s.options.Directory, err = directory.Load(file); err != nil {
			return s, fmt.Errorf("-tenant %s: %w", tenantFile, err)
		}
	}
	return s, nil
}

func environmentName(flagName string) string {
	return "DEVTENANT_" + strings.ToUpper(strings.ReplaceAll(flagName, "-", "_"))
}
