package azurenames

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// cli is one Azure CLI: a home of its own, so that nobody's login is touched.
type cli struct {
	tenant *devtenant.Tenant
	home   string
	env    []string
	pages  []string // that the user saw at the last login
}

func newCLI(t *testing.T, tenant *devtenant.Tenant) *cli {
	t.Helper()
	if _, err := exec.LookPath("az"); err != nil {
		unavailable(t, "there is no az here")
	}
	home := t.TempDir()
	return &cli{tenant: tenant, home: home, env: append(environment(t, tenant, home),
		"AZURE_CONFIG_DIR="+filepath.Join(home, ".azure"), "AZURE_CORE_COLLECT_TELEMETRY=no", "AZURE_CORE_NO_COLOR=yes")}
}

// result is what a command wrote and how it ended.
type result struct {
	line   string
	stdout string
	stderr string
	err    error
}

const patience = 2 * time.Minute // for one command; the CLI takes seconds to start

func (c *cli) command(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, "az", arguments...)
	command.Env, command.Dir = c.env, c.home
	return command
}

// try runs a command, however it ends.
func (c *cli) try(t *testing.T, arguments ...string) result {
	t.Helper()
	command := c.command(t, arguments...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	return result{"az " + strings.Join(arguments, " "), stdout.String(), stderr.String(), err}
}

// run runs a command that has to succeed, and reads its JSON into into, unless that is nil.
func (c *cli) run(t *testing.T, into any, arguments ...string) {
	t.Helper()
	c.read(t, c.try(t, arguments...), into)
}

func (c *cli) read(t *testing.T, r result, into any) {
	t.Helper()
	if r.err != nil {
		t.Fatalf("%s: %v\n%s", r.line, r.err, r.stderr)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal([]byte(r.stdout), into); err != nil {
		t.Fatalf("%s: %v\n%s\n%s", r.line, err, r.stdout, r.stderr)
	}
}

var devicePrompt = regexp.MustCompile(`open the page (\S+) and enter the code (\S+) to authenticate`)

// loginByPassword signs alice in, who is an administrator. It is the quickest way.
func (c *cli) loginByPassword(t *testing.T) {
	t.Helper()
	c.run(t, nil, "login", "--username", "alice@devtenant.example", "--password", alicesPassword)
}

// administrator is a CLI that alice has signed in to, of a new tenant.
func administrator(t *testing.T) *cli {
	t.Helper()
	c := newCLI(t, start(t, allowPasswords))
	c.loginByPassword(t)
	return c
}

const alicesPassword = "alice-for-development-only" // of directory/tenant.json

func allowPasswords(o *devtenant.Options) { o.PasswordGrant = true }

// loginByDevice runs az login with a device code, which has to succeed.
func (c *cli) loginByDevice(t *testing.T, into any, user string, arguments ...string) {
	t.Helper()
	c.read(t, c.tryLoginByDevice(t, user, arguments...), into)
}

// tryLoginByDevice runs az login with a device code; the user signs in as soon as the CLI says where.
func (c *cli) tryLoginByDevice(t *testing.T, user string, arguments ...string) result {
	t.Helper()
	command := c.command(t, append([]string{"login", "--use-device-code"}, arguments...)...)
	var stdout bytes.Buffer
	command.Stdout = &stdout
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if m := devicePrompt.FindStringSubmatch(lines.Text()); m != nil {
			agent := devtenant.NewUserAgent(c.tenant)
			if _, err := agent.EnterDeviceCode(t.Context(), m[1], m[2], user); err != nil {
				t.Errorf("the user at the device page: %v", err)
			}
			c.pages = agent.Pages
		}
	}
	return result{"az login --use-device-code " + strings.Join(arguments, " "), stdout.String(), said.String(), command.Wait()}
}

// token is what the claims of az account get-access-token say.
func (c *cli) token(t *testing.T, arguments ...string) map[string]any {
	t.Helper()
	var got struct{ AccessToken string }
	c.run(t, &got, append([]string{"account", "get-access-token"}, arguments...)...)
	return claimsOf(t, got.AccessToken)
}
