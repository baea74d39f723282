package azurenames

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// hosts are the names that the clients ask.
var hosts = []string{"login.microsoftonline.com", "management.azure.com", "graph.microsoft.com", "main.iam.ad.ext.azure.com"}

// insideVariable tells the test program that it runs in the namespace.
const insideVariable = "DEVTENANT_IN_NAMESPACE"

// missing says why the tests can't run on this machine; "" where they can.
var missing string

// TestMain runs the tests in a network namespace. Making one takes Linux, and a kernel that lets users have namespaces,
// or sudo without a password.
func TestMain(m *testing.M) {
	if os.Getenv(insideVariable) != "" {
		os.Exit(m.Run())
	}
	code, err := runInNamespace()
	if err == nil {
		os.Exit(code)
	}
	missing = err.Error()
	os.Exit(m.Run())
}

// enter mounts the file of host names, brings the loopback interface up, and becomes the program that it is given.
const enter = `mount --bind "$0" /etc/hosts && ip link set lo up && exec "$@"`

func runInNamespace() (int, error) {
	switch {
	case runtime.GOOS != "linux":
		return 0, errors.New("network namespaces are Linux's")
	case raceDetector:
		return 0, errors.New("what runs here is other programs: not with the race detector")
	}
	for _, program := range []string{"unshare", "mount", "ip"} {
		if _, err := exec.LookPath(program); err != nil {
			return 0, fmt.Errorf("there is no %s here", program)
		}
	}
	dir, err := os.MkdirTemp("", "azurenames")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "hosts")
	if err := os.WriteFile(file, []byte("127.0.0.1 localhost\n127.0.0.1 "+strings.Join(hosts, " ")+"\n"), 0o644); err != nil {
		return 0, err
	}
	problem := errors.New("no namespace")
	for _, unshare := range [][]string{{"unshare", "--map-root-user"}, {"sudo", "-n", "-E", "unshare"}} {
		line := append(unshare, "--net", "--mount", "--", "sh", "-c", enter, file)
		if out, err := exec.Command(line[0], append(line[1:], "true")...).CombinedOutput(); err != nil {
			problem = fmt.Errorf("no network namespace: %w: %s", err, out)
			continue
		}
		tests := exec.Command(line[0], append(append(line[1:], os.Args[0]), os.Args[1:]...)...)
		tests.Env = append(os.Environ(), insideVariable+"=1")
		tests.Stdout, tests.Stderr = os.Stdout, os.Stderr
		if err := tests.Run(); err != nil {
			if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
				return exit.ExitCode(), nil
			}
			return 0, err
		}
		return 0, nil
	}
	return 0, problem
}

// unavailable skips a test for what this machine lacks. Where CI=true everything has to be there that can be.
func unavailable(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" && runtime.GOOS == "linux" && !raceDetector {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// start runs a tenant under Azure's names. Tests that use it are not parallel: there is one port 443.
func start(t *testing.T, change ...func(*devtenant.Options)) *devtenant.Tenant {
	t.Helper()
	if missing != "" {
		unavailable(t, missing)
	}
	return devtenant.Start(t, append(change, func(o *devtenant.Options) {
		o.BrowserAddr, o.BackAddr = devtenant.NoAddress, "127.0.0.1:443"
		o.BackURL, o.BrowserURL = "https://login.microsoftonline.com", "https://login.microsoftonline.com"
		o.ResourceManagerURL = "https://management.azure.com"
		o.HostNames = hosts
	})...)
}

// environment is a client's: a home of its own, so that nobody's login is touched, and the certificate to trust.
func environment(t *testing.T, tenant *devtenant.Tenant, home string) []string {
	t.Helper()
	bundle := filepath.Join(home, "ca.pem")
	if err := tenant.WriteCertificate(bundle); err != nil {
		t.Fatal(err)
	}
	return append(os.Environ(), "HOME="+home, "REQUESTS_CA_BUNDLE="+bundle, "NO_PROXY=*")
}
