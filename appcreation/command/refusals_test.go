package command_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/graph"
)

// TestRefusals: an error says what right or role is missing, and who can help.
func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		user    string
		options func(*graph.Options)
		prepare func(*fixture)
		change  func(*command.Options)
		run     func(context.Context, command.Options) error
		err     string
		help    []string
	}{
		{
			name: "users may not register applications", user: "bob",
			options: func(o *graph.Options) { o.UsersMayNotRegister = true },
			err:     "creating the application: Graph answered 403 Authorization_RequestDenied",
			help:    []string{"users may register applications in this tenant", "Application Developer", "Who can help: an administrator"},
		},
		{
			name: "a guest", user: "frank",
			err: "403", help: []string{"Application Developer"},
		},
		{
			name: "consent for all by an ordinary user", user: "bob", change: adminConsent,
			err: "giving consent for all users: Graph answered 403", help: []string{"Cloud Application Administrator", "--admin-consent"},
		},
		{
			name: "somebody else's pair", user: "bob", prepare: func(f *fixture) {
				f.configure()
				f.user = "bob"
				f.alter("API", func(app *directory.Application) { app.API.RequestedAccessTokenVersion = nil })
			},
			err: "changing the application: Graph answered 403", help: []string{"owner of the application"},
		},
		{
			name: "an application of that name that was not made here", user: "alice", prepare: func(f *fixture) {
				if _, err := f.directory.CreateApplication(directory.Application{DisplayName: "mine", UniqueName: "ms-identity-go-on-behalf-of-api"}); err != nil {
					f.t.Fatal(err)
				}
			},
			err: "was not made here", help: []string{"--name"},
		},
		{
			name: "two with the same tag", user: "alice", prepare: func(f *fixture) {
				for range 2 {
					if _, err := f.directory.CreateApplication(directory.Application{DisplayName: "copy", Tags: []string{"ms-identity-go-on-behalf-of:api"}}); err != nil {
						f.t.Fatal(err)
					}
				}
			},
			err: "2 applications have the tag", help: []string{"Manifest"},
		},
		{
			name: "the name rests in the bin, and the caller may not look", user: "bob", prepare: func(f *fixture) {
				f.user = "alice"
				f.configure()
				f.cleanup()
				f.user = "bob"
			},
			err: "Another object with the same value for property uniqueName already exists", help: []string{"in the bin", "--name"},
		},
		{
			name: "the bin by an ordinary user", user: "bob", run: command.Cleanup, change: purge,
			err: "looking into the bin: Graph answered 403", help: []string{"Application Administrator"},
		},
		{
			name: "a token that is worth nothing", user: "nobody",
			err: "reading the tenant: Graph answered 401 InvalidAuthenticationToken", help: []string{"az login"},
		},
		{
			name: "another cloud", user: "alice", change: func(o *command.Options) { o.Cloud = "moon" },
			err: `there is no cloud "moon"`,
		},
		{
			name: "plain http elsewhere", user: "alice", change: func(o *command.Options) { o.WebUIURL = "http://web.example.com" },
			err: "https://",
		},
		{
			name: "a URL with a path", user: "alice", change: func(o *command.Options) { o.APIURL = "https://api.example.com/v1" },
			err: "--api-url",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if test.options == nil {
				test.options = func(*graph.Options) {}
			}
			if test.change == nil {
				test.change = func(*command.Options) {}
			}
			f := newFixture(t, test.options)
			if test.prepare != nil {
				test.prepare(f)
			}
			f.user = test.user
			if test.run == nil {
				test.run = func(ctx context.Context, o command.Options) error {
					_, err := command.Configure(ctx, o)
					return err
				}
			}
			err := test.run(t.Context(), f.run(test.change))
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Fatalf("the error is %v, want %s", err, test.err)
			}
			if len(test.help) == 0 {
				return
			}
			var helpful interface{ Help() string }
			if !errors.As(err, &helpful) {
				t.Fatalf("no help with %v", err)
			}
			for _, want := range test.help {
				if !strings.Contains(helpful.Help(), want) {
					t.Errorf("the help is %q, want %q in it", helpful.Help(), want)
				}
			}
		})
	}
}

// TestAnOrdinaryUser may register applications, is their owner without a request for it, and needs nothing else.
func TestAnOrdinaryUser(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.user = "bob"
	f.configure()
	for _, app := range []directory.Application{f.made("API"), f.made("web UI")} {
		if owners := f.directory.Owners(app.ID); len(owners) != 1 {
			t.Errorf("%s has the owners %v", app.DisplayName, owners)
		}
	}
	f.configure()
	if writes := f.writes(); len(writes) > 0 {
		t.Errorf("the second run wrote %v", writes)
	}
	if found := f.doctor(); len(found) > 0 {
		t.Errorf("doctor finds %v", found)
	}
	f.cleanup()
	if len(f.directory.DeletedApplications()) != 2 {
		t.Error("cleanup left something")
	}
}

// TestAnswers: only yes is yes.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"y\n": true, "YES\n": true, "\n": false, "n\n": false, "": false, "maybe\n": false} {
		f := newFixture(t)
		result, err := command.Configure(t.Context(), f.run(func(o *command.Options) { o.Yes, o.In = false, strings.NewReader(answer) }))
		if result.Applied != want || want && err != nil || !want && !errors.Is(err, command.ErrDeclined) {
			t.Errorf("%q: applied %v, error %v", answer, result.Applied, err)
		}
		if wrote := len(f.writes()) > 0; wrote != want {
			t.Errorf("%q: wrote %v", answer, wrote)
		}
	}
}

// TestDryRun writes nothing, neither there nor here.
func TestDryRun(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	before := f.snapshot()
	result := f.configure(func(o *command.Options) { o.DryRun = true })
	if result.Applied || result.Plan.Empty() || len(f.writes()) > 0 || f.snapshot() != before {
		t.Errorf("a dry run did something: %v", f.writes())
	}
	if f.exists("development.env") {
		t.Error("a dry run wrote development.env")
	}
}

// TestOtherAddresses: ports and URLs by flags reach the tenant and development.env, the former ones go, and the next run
// keeps to them without being told.
func TestOtherAddresses(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.configure()
	f.configure(func(o *command.Options) { o.WebUIPort, o.APIPort = 9000, 9001 })
	want := map[string]string{
		"WEBUI_REDIRECT_URI": "http://localhost:9000/account/callback", "WEBUI_POST_LOGOUT_REDIRECT_URI": "http://localhost:9000/",
		"WEBUI_API_URL": "http://localhost:9001", "WEBUI_ADDR": "localhost:9000", "API_ADDR": "localhost:9001",
	}
	for name, value := range want {
		if got := f.env()[name]; got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
	web := f.made("web UI").Web
	if strings.Join(web.RedirectURIs, " ") != "http://localhost:9000/account/callback http://localhost:9000/" || web.LogoutURL != "http://localhost:9000/account/frontchannel-logout" {
		t.Errorf("the web UI has %v %s", web.RedirectURIs, web.LogoutURL)
	}
	f.configure()
	if writes := f.writes(); len(writes) > 0 {
		t.Errorf("without flags the next run wrote %v", writes)
	}
	if found := f.doctor(); len(found) > 0 {
		t.Errorf("doctor finds %v", found)
	}
}

// TestTwoPairs stand beside one another under two names; each development.env remembers its own.
func TestTwoPairs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first := f.configure()
	folder := f.folder
	f.folder = t.TempDir()
	second := f.configure(func(o *command.Options) { o.Name, o.APIName = "another", "Another API" })
	if first.APIClientID == second.APIClientID || first.WebUIClientID == second.WebUIClientID {
		t.Fatal("both names are the same applications")
	}
	f.configure()
	if writes := f.writes(); len(writes) > 0 {
		t.Errorf("without --name the next run wrote %v", writes)
	}
	f.cleanup()
	f.folder = folder
	if found := f.doctor(); len(found) > 0 {
		t.Errorf("the first pair is hurt: %v", found)
	}
}
