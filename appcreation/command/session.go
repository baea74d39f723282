package command

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/cloud"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/doctor"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/envfile"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/graph"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/keypair"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/plan"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/signin"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/tenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// session is one run: what was chosen, and the way to the tenant.
type session struct {
	options  Options
	cloud    cloud.Cloud
	tenant   string // as it was asked for
	caFile   string
	client   *http.Client
	graph    *graph.Client // nil until signed in
	settings desired.Settings
	file     *envfile.File
}

// open reads what lies here. It sends nothing.
func open(o Options) (*session, error) {
	s := &session{options: o}
	var err error
	if s.file, err = envfile.Open(filepath.Join(o.Dir, "development.env"), filepath.Join(o.Dir, "production.env")); err != nil {
		return nil, err
	}
	if s.cloud, s.tenant, err = pickCloud(o, s.file); err != nil {
		return nil, err
	}
	s.caFile = trustedCAFile(o, s.cloud, s.file)
	if s.settings, err = settings(o, s.cloud, s.file, s.caFile); err != nil {
		return nil, err
	}
	s.client = o.Client
	if s.client == nil {
		s.client, err = outbound.NewClient(outbound.Options{TrustedCAFile: s.caFile, Timeout: time.Minute, MaxBody: maxAnswer, Proxied: true})
	}
	if err != nil && s.cloud.Development {
		return nil, &devtenantError{address: s.cloud.Authority, cause: err}
	}
	return s, err
}

const maxAnswer = 16 << 20 // bytes; a page of the bin may hold hundreds of applications

// reach makes sure that the tenant's authority answers, before anybody is asked to sign in there.
func (s *session) reach(ctx context.Context) error {
	err := doctor.Reach(ctx, s.client, s.cloud.Discovery(s.tenant))
	if err != nil && s.cloud.Development && ctx.Err() == nil {
		return &devtenantError{address: s.cloud.Authority, cause: err}
	}
	return err
}

// signIn signs in and finds out which tenant it is.
func (s *session) signIn(ctx context.Context) error {
	credential := s.options.Credential
	if credential == nil {
		var err error
		credential, err = signin.Credential(ctx, signin.Options{
			Cloud: s.cloud, Tenant: s.tenant, Method: s.options.SignIn, Client: s.client, Prompt: s.options.Prompt, Out: s.options.Err,
		})
		if err != nil {
			return err
		}
	}
	var err error
	s.graph, err = graph.NewClient(graph.Options{
		Endpoint: s.cloud.Graph, Audience: s.cloud.GraphAudience, Credential: credential, Transport: s.client, Retry: s.options.Retry,
	})
	if err != nil {
		return err
	}
	organization, err := s.graph.Organization(ctx)
	if err != nil {
		return err
	}
	if organization.ID == "" {
		return errors.New("reading the tenant: Graph tells no id")
	}
	s.settings.Authority = s.cloud.Authority + "/" + organization.ID
	return nil
}

// read reads the tenant and what lies here.
func (s *session) read(ctx context.Context) (tenant.State, plan.Local, error) {
	state, err := tenant.Read(ctx, s.graph, s.settings)
	if err != nil {
		return state, plan.Local{}, err
	}
	local, err := s.local()
	return state, local, err
}

// local reads what lies here.
func (s *session) local() (plan.Local, error) {
	id, _ := s.file.Installation()
	local := plan.Local{
		File: "development.env", Exists: s.file.Exists(), Private: s.file.Private(), Values: map[string]string{}, Installation: id,
		Pairs: map[desired.Role]*keypair.Pair{}, PairFiles: map[desired.Role]string{}, Now: s.options.Clock.Now(),
	}
	for name := range s.file.Values() {
		if value := s.file.Filled(name); value != "" {
			local.Values[name] = value
		}
	}
	for _, role := range s.settings.Confidential() {
		file := s.file.Filled(role.Prefix() + "_CLIENT_CERTIFICATE")
		if file == "" {
			file = filepath.Join(s.options.Dir, role.Code()+".pem") // git ignores *.pem
		}
		pair, err := keypair.Read(file)
		if err != nil {
			return local, err
		}
		local.PairFiles[role], local.Pairs[role] = file, pair
	}
	return local, nil
}

// devtenantError is a devtenant that isn't there.
type devtenantError struct {
	address string
	cause   error
}

func (e *devtenantError) Error() string {
	return fmt.Sprintf("no devtenant answers at %s: %v", e.address, e.cause)
}

func (e *devtenantError) Unwrap() error { return e.cause }

// Help says what to do next.
func (e *devtenantError) Help() string {
	return "Start one: go run ./devtenant/cmd/devtenant\nIf it stands elsewhere, say where: --devtenant-url https://localhost:8003 --trusted-ca-file devtenant-ca.pem"
}
