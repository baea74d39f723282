package command_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/joho/godotenv"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/envfile"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/graph"
)

// fixture is a tenant that answers as Graph does, a folder with a template, and someone who is signed in.
type fixture struct {
	t         testing.TB
	directory *directory.Directory
	url       string
	send      func(*http.Request) *http.Response
	folder    string
	user      string // short name
	clock     *fakeClock
	options   []func(*graph.Options)

	// before is asked before a request is sent, after once it was answered; an error takes the place of the answer.
	before, after func(*http.Request) error

	mu       sync.Mutex
	requests []request
	out, err bytes.Buffer
}

// request is one that was sent to Graph.
type request struct {
	method, path string
	prefer       string
	body         []byte
}

func (r request) write() bool { return r.method != http.MethodGet }

func (r request) String() string { return r.method + " " + r.path }

func newFixture(t testing.TB, options ...func(*graph.Options)) *fixture {
	t.Helper()
	f := &fixture{
		t: t, user: "alice", folder: t.TempDir(), options: options,
		directory: directory.Default(), clock: &fakeClock{now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)},
	}
	f.directory.SetClock(f.clock.Now)
	f.serve()
	template, err := os.ReadFile(filepath.Join("..", "..", "production.env"))
	if err != nil {
		t.Fatal(err)
	}
	f.write("production.env", string(template))
	return f
}

// serve puts Graph and the authority's metadata behind send, without a network: with it each test would spend its time
// on TLS, and synctest could not tell when everybody waits. TestAgainstDevtenant has the network.
func (f *fixture) serve() {
	o := graph.Options{Directory: f.directory, Verify: f.verify, Now: f.clock.Now}
	for _, option := range f.options {
		option(&o)
	}
	handler, err := graph.New(o)
	if err != nil {
		f.t.Fatal(err)
	}
	f.url = "https://tenant.test"
	f.send = func(r *http.Request) *http.Response {
		recorder := httptest.NewRecorder()
		if strings.HasPrefix(r.URL.Path, "/v1.0/") {
			handler.ServeHTTP(recorder, r)
		} else {
			recorder.Header().Set("Date", f.clock.Now().UTC().Format(http.TimeFormat))
			_, _ = fmt.Fprintf(recorder, `{"issuer":"%s/v2.0"}`, f.url)
		}
		return recorder.Result()
	}
}

// verify takes a user's short name for a token.
func (f *fixture) verify(token string) (graph.Claims, error) {
	user, ok := f.directory.User(token)
	if !ok {
		return graph.Claims{}, errors.New("no such user")
	}
	return graph.Claims{
		Audience: "https://graph.microsoft.com", ObjectID: user.ID,
		Scopes: []string{"Application.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All", "AppRoleAssignment.ReadWrite.All"},
	}, nil
}

// GetToken implements azcore.TokenCredential.
func (f *fixture) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: f.user, ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// RoundTrip implements http.RoundTripper: it notes what is sent to Graph, and fails where a test wants it to.
func (f *fixture) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/v1.0/") {
		noted := request{method: r.Method, path: strings.TrimPrefix(r.URL.Path, "/v1.0"), prefer: r.Header.Get("Prefer")}
		if r.Body != nil {
			noted.body, _ = io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(noted.body))
		}
		f.mu.Lock()
		f.requests = append(f.requests, noted)
		f.mu.Unlock()
		if f.before != nil {
			if err := f.before(r); err != nil {
				return nil, err
			}
		}
	}
	if r.URL.Scheme+"://"+r.URL.Host != f.url {
		return nil, errors.New("nobody is there")
	}
	response := f.send(r)
	if f.after != nil && strings.HasPrefix(r.URL.Path, "/v1.0/") {
		if err := f.after(r); err != nil {
			return nil, err
		}
	}
	return response, nil
}

// run is the options of a run of this fixture.
func (f *fixture) run(change ...func(*command.Options)) command.Options {
	f.mu.Lock()
	f.requests = nil
	f.mu.Unlock()
	f.out.Reset()
	f.err.Reset()
	o := command.Options{
		Dir: f.folder, Cloud: "devtenant", DevtenantURL: f.url, TrustedCAFile: "ca.pem", Yes: true,
		Out: &f.out, Err: &f.err,
		Credential: f, Client: &http.Client{Transport: f}, Clock: f.clock,
		Retry: policy.RetryOptions{MaxRetries: 4, RetryDelay: time.Microsecond, MaxRetryDelay: time.Minute},
	}
	for _, c := range change {
		c(&o)
	}
	return o
}

func (f *fixture) configure(change ...func(*command.Options)) command.Result {
	f.t.Helper()
	result, err := command.Configure(f.t.Context(), f.run(change...))
	if err != nil {
		f.t.Fatalf("configure: %v\n%s%s", err, &f.out, &f.err)
	}
	return result
}

// writes are the requests of the last run that could change something.
func (f *fixture) writes() []request {
	f.mu.Lock()
	defer f.mu.Unlock()
	var writes []request
	for _, request := range f.requests {
		if request.write() {
			writes = append(writes, request)
		}
	}
	return writes
}

// doctor returns the codes of what doctor finds wrong.
func (f *fixture) doctor() []string {
	f.t.Helper()
	findings, err := command.Doctor(f.t.Context(), f.run())
	if err != nil {
		f.t.Fatalf("doctor: %v", err)
	}
	codes := []string{}
	for _, finding := range findings {
		if !finding.Note {
			codes = append(codes, finding.Code)
		}
		if finding.Fix == "" {
			f.t.Errorf("%s has no fix", finding.Code)
		}
	}
	if writes := f.writes(); len(writes) > 0 {
		f.t.Errorf("doctor wrote: %v", writes)
	}
	return codes
}

// env is development.env as the programs read it.
func (f *fixture) env() map[string]string {
	f.t.Helper()
	values, err := godotenv.Read(filepath.Join(f.folder, "development.env"))
	if err != nil {
		f.t.Fatal(err)
	}
	return values
}

// setEnv changes a setting in development.env by hand.
func (f *fixture) setEnv(name, value string) {
	f.t.Helper()
	file, err := envfile.Open(filepath.Join(f.folder, "development.env"), "")
	if err != nil {
		f.t.Fatal(err)
	}
	file.Set(name, value)
	if err := file.Save(); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) installation() string {
	file, err := envfile.Open(filepath.Join(f.folder, "development.env"), "")
	if err != nil {
		f.t.Fatal(err)
	}
	id, _ := file.Installation()
	return id
}

// made is the application that configure made for a role.
func (f *fixture) made(role desired.Role) directory.Application {
	f.t.Helper()
	for _, app := range f.directory.Applications() {
		if madeHere(app) == role {
			return app
		}
	}
	f.t.Fatalf("there is no application for the %s", role)
	return directory.Application{}
}

// alter changes the application of a role behind configure's back.
func (f *fixture) alter(role desired.Role, change func(*directory.Application)) {
	f.t.Helper()
	_, err := f.directory.UpdateApplication(f.made(role).ID, func(app *directory.Application) error {
		change(app)
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) write(name, content string) {
	f.t.Helper()
	if err := os.WriteFile(filepath.Join(f.folder, name), []byte(content), 0o600); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) read(name string) string {
	f.t.Helper()
	content, err := os.ReadFile(filepath.Join(f.folder, name))
	if err != nil {
		f.t.Fatal(err)
	}
	return string(content)
}

// snapshot is all that the tenant has, for comparing.
func (f *fixture) snapshot() string {
	f.t.Helper()
	owners := map[string][]string{}
	for _, app := range f.directory.Applications() {
		owners[app.ID] = f.directory.Owners(app.ID)
	}
	raw, err := json.MarshalIndent(map[string]any{
		"applications": f.directory.Applications(), "servicePrincipals": f.directory.ServicePrincipals(), "grants": f.directory.Grants(),
		"owners": owners, "deletedApplications": f.directory.DeletedApplications(), "deletedServicePrincipals": f.directory.DeletedServicePrincipals(),
	}, "", "  ")
	if err != nil {
		f.t.Fatal(err)
	}
	return string(raw)
}

func (f *fixture) exists(name string) bool {
	_, err := os.Stat(filepath.Join(f.folder, name))
	return err == nil
}
