package azurecli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// hosts are the names that the Azure CLI asks.
var hosts = []string{"login.microsoftonline.com", "management.azure.com", "graph.microsoft.com", "main.iam.ad.ext.azure.com"}

// insideVariable tells the test program that it runs in the namespace.
const insideVariable = "DEVTENANT_AZURECLI_NAMESPACE"

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
	for _, program := range []string{"az", "unshare", "mount", "ip"} {
		if _, err := exec.LookPath(program); err != nil {
			return 0, fmt.Errorf("there is no %s here", program)
		}
	}
	dir, err := os.MkdirTemp("", "azurecli")
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
