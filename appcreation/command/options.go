// Package command is what appcreation does: configure, cleanup and doctor, as functions that a program or a test calls.
//
//	options.go    what the caller may choose, and the flags for it
//	run.go        the command line
//	session.go    signed in, with everything read
//	federated.go  flags for a credential that isn't kept here
//	settings.go   flags, development.env and defaults become the desired settings
//	configure.go  plan, ask, apply, look again
//	cleanup.go    the same, backwards
//	doctor.go     what is wrong, and the command that mends it
//
// Progress and questions go to Err, the plan and the findings to Out, so that both can be piped. Nothing that is written
// anywhere but to development.env and the key files holds a secret.
package command

import (
	"context"
	"errors"
	"flag"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/apply"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
)

// Options is what the caller may choose. The zero value works on the current folder, in the cloud and tenant that
// development.env names, else in the public cloud and the user's own tenant.
type Options struct {
	Dir          string // where development.env is; "" is the current folder
	Tenant       string // GUID or domain
	Cloud        string // public, usgov, china or devtenant
	DevtenantURL string // devtenant's back-channel address
	SignIn       string // auto, cli or device
	// TrustedCAFile is a PEM file with one more certificate authority. "": TRUSTED_CA_FILE of the environment, then of
	// development.env, then, for devtenant, where it writes its own.
	TrustedCAFile string

	Name               string // of the pair of applications in the tenant
	WebUIName, APIName string // what people see
	WebUIURL, APIURL   string // base URLs
	WebUIPort, APIPort int    // of localhost, in place of the URLs; they set WEBUI_ADDR and API_ADDR as well
	ResourceManagerURL string

	With     []desired.Part // nil keeps those that development.env has
	Audience string         // tenant or organizations; "" keeps what development.env has

	ServiceManagementReference string // whom the applications belong to, where the tenant wants to know

	Certificate  *bool // key pairs in place of secrets; nil keeps what development.env has
	Federated    Federated
	Life         time.Duration
	AdminConsent bool

	Yes    bool // don't ask
	DryRun bool // stop after the plan
	Purge  bool // cleanup: empty the bin as well

	In       io.Reader
	Out, Err io.Writer

	// The rest is for tests; nil takes the real thing.
	Credential azcore.TokenCredential
	Prompt     func(context.Context, azidentity.DeviceCodeMessage) error
	Client     *http.Client
	Retry      policy.RetryOptions
	Clock      apply.Clock
}

func (o Options) withDefaults() Options {
	if o.Dir == "" {
		o.Dir = "."
	}
	if o.In == nil {
		o.In = strings.NewReader("") // nobody there to say yes
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Err == nil {
		o.Err = io.Discard
	}
	if o.Clock == nil {
		o.Clock = apply.SystemClock{}
	}
	return o
}

// flags declares the flags of a subcommand.
func (o *Options) flags(name string) *flag.FlagSet {
	set := flag.NewFlagSet(name, flag.ContinueOnError)
	set.StringVar(&o.Tenant, "tenant", "", "`tenant`: its id or domain; default: development.env's, then your own")
	set.StringVar(&o.Cloud, "cloud", "", "public, usgov, china or devtenant; default: development.env's, then public")
	set.StringVar(&o.DevtenantURL, "devtenant-url", "", "devtenant's back-channel address; default https://localhost:8003")
	set.StringVar(&o.SignIn, "sign-in", "auto", "auto, cli (the Azure CLI's login) or device (a code to enter in a browser)")
	set.StringVar(&o.TrustedCAFile, "trusted-ca-file", "", "PEM `file` with one more certificate authority; default: TRUSTED_CA_FILE")
	set.StringVar(&o.Dir, "dir", ".", "`folder` of development.env")
	set.StringVar(&o.Name, "name", "", "what this pair of applications is called in the tenant; default: development.env's, then the sample's")
	if name == "cleanup" {
		set.BoolVar(&o.Purge, "purge", false, "delete for good: empty the bin of what was made here, as well")
	} else {
		o.settingFlags(set)
	}
	if name != "doctor" {
		set.BoolVar(&o.Yes, "yes", false, "don't ask before doing it")
		set.BoolVar(&o.DryRun, "dry-run", false, "show the plan and stop")
	}
	return set
}

func (o *Options) settingFlags(set *flag.FlagSet) {
	set.StringVar(&o.WebUIName, "webui-name", "", "display `name` of the web UI's application")
	set.StringVar(&o.APIName, "api-name", "", "display `name` of the API's application")
	set.StringVar(&o.WebUIURL, "webui-url", "", "base `URL` of the web UI; default: development.env's, then http://localhost:8000")
	set.StringVar(&o.APIURL, "api-url", "", "base `URL` of the API; default: development.env's, then http://localhost:8001")
	set.IntVar(&o.WebUIPort, "webui-port", 0, "`port` of the web UI on localhost, in place of --webui-url")
	set.IntVar(&o.APIPort, "api-port", 0, "`port` of the API on localhost, in place of --api-url")
	set.StringVar(&o.ResourceManagerURL, "resource-manager-url", "", "Resource Manager; default: the cloud's")
	set.StringVar(&o.ServiceManagementReference, "service-management-reference", "", "`id` of whom the applications belong to, where the tenant wants to know (ServiceTreeValueMissing)")
	set.BoolFunc("certificate", "key pairs made here in place of secrets; default: what development.env has", func(text string) error {
		value, err := strconv.ParseBool(text)
		o.Certificate = &value
		return err
	})
	set.Func("with", "`parts` to register besides web UI and API, with commas between: graph, orders, console, application, mcp; default: those that development.env has, "+
		"which is graph in a new one", func(text string) (err error) {
		o.With, err = parts(text)
		return err
	})
	set.StringVar(&o.Audience, "audience", "", "`tenant` or organizations: whose users may sign in; default: what development.env has")
	o.Federated.flags(set)
	set.Func("life", "how long a new secret or certificate is good for, such as 90d; default 180d", func(text string) error {
		days, err := strconv.Atoi(strings.TrimSuffix(text, "d"))
		if err != nil || days < 8 || days > 730 {
			return errors.New("it should be between 8d and 730d")
		}
		o.Life = time.Duration(days) * 24 * time.Hour
		return nil
	})
	set.BoolVar(&o.AdminConsent, "admin-consent", false, "consent for all users of the tenant; takes an administrator")
}
