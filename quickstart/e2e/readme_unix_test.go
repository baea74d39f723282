//go:build unix

package e2e

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// elsewhere are the commands of the documentation that other parts of the check run, and which.
var elsewhere = map[string]string{
	"go test ./...":                                 ".ci/run",
	"go run ./appcreation configure":                "the tests of appcreation/command, which answer its sign-in",
	"docker compose up":                             "deploy/check.sh",
	"docker compose --profile scale up -d balancer": "deploy/check.sh",
	"docker compose -f docker-compose.yml --env-file development.env up": "deploy/check.sh",
}

// TestREADMECommands runs what README and docs/operations.md tell people to type, on the sample's own ports.
func TestREADMECommands(t *testing.T) {
	for _, port := range []string{"8000", "8001", "8002", "8003"} {
		listener, err := net.Listen("tcp", "localhost:"+port)
		if err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skipf("port %s is in use here: %v", port, err)
		}
		listener.Close()
	}
	here := map[string]func(t *testing.T, command, dir string){
		"go run ./quickstart": func(t *testing.T, command, dir string) {
			running := runCommand(t, command, dir)
			running.answers("http://localhost:8000/readyz")
			running.answers("http://localhost:8002/")
			running.interrupt()
		},
		"go run ./devtenant/cmd/devtenant -write-env development.env": func(t *testing.T, command, dir string) {
			tenant := runCommand(t, command, dir)
			tenant.answers("http://localhost:8002/")
			api := runCommand(t, "go run ./api", dir)
			api.answers("http://localhost:8001/readyz")
			webUI := runCommand(t, "go run ./webui", dir)
			webUI.answers("http://localhost:8000/readyz")
			for _, program := range []*running{webUI, api, tenant} {
				program.interrupt()
			}
		},
		"go run ./api":   nil, // with devtenant, above
		"go run ./webui": nil,
	}
	var documents strings.Builder
	for _, name := range []string{"README.md", "docs/operations.md"} {
		content, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		documents.Write(content)
	}
	dir := copyOfTheRepository(t)
	seen := map[string]bool{}
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(documents.String(), -1) {
		for command := range strings.Lines(block[1]) {
			command = strings.TrimSpace(command)
			run, ok := here[command]
			if !ok && elsewhere[command] == "" {
				t.Errorf("nothing runs the documented command %q", command)
			}
			if run == nil || seen[command] {
				continue
			}
			seen[command] = true
			t.Run(command, func(t *testing.T) { run(t, command, dir) })
		}
	}
	if len(seen) != 2 {
		t.Errorf("the documentation has %d of the commands that are run here", len(seen))
	}
}

// copyOfTheRepository returns a folder with the repository's files, where commands may write.
func copyOfTheRepository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "production.env", "api", "webui", "devtenant", "orders", "quickstart", "internal"} {
		source := filepath.Join("..", "..", name)
		info, err := os.Stat(source)
		if err != nil {
			t.Fatal(err)
		}
		if info.IsDir() {
			err = os.CopyFS(filepath.Join(dir, name), os.DirFS(source))
		} else {
			var content []byte
			if content, err = os.ReadFile(source); err == nil {
				err = os.WriteFile(filepath.Join(dir, name), content, 0o600)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// running is a command that a person would have typed into a terminal of its own.
type running struct {
	t       *testing.T
	name    string
	command *exec.Cmd
	ended   chan error
	stdout  bytes.Buffer
	stderr  bytes.Buffer
}

func runCommand(t *testing.T, line, dir string) *running {
	t.Helper()
	words := strings.Fields(line)
	r := &running{t: t, name: line, command: exec.Command(words[0], words[1:]...), ended: make(chan error, 1)}
	r.command.Dir = dir
	r.command.Stdout, r.command.Stderr = &r.stdout, &r.stderr
	// go run starts the program as a child: Ctrl-C in a terminal reaches both, since they are one group.
	r.command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := r.command.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { r.ended <- r.command.Wait() }()
	t.Cleanup(func() { _ = syscall.Kill(-r.command.Process.Pid, syscall.SIGKILL) })
	return r
}

// answers waits until an address answers 200. Building on a cold cache takes a while.
func (r *running) answers(address string) {
	r.t.Helper()
	deadline := time.After(3 * time.Minute)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if response, err := http.Get(address); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return
			}
		}
		select {
		case err := <-r.ended:
			r.t.Fatalf("%s ended: %v\n%s%s", r.name, err, r.stdout.String(), r.stderr.String())
		case <-deadline:
			r.t.Fatalf("%s: %s doesn't answer", r.name, address)
		case <-tick.C:
		}
	}
}

// interrupt presses Ctrl-C and waits for a clean end. go run itself exits with 1 then, whatever the program does; the
// status of a program that failed it prints.
func (r *running) interrupt() {
	r.t.Helper()
	if err := syscall.Kill(-r.command.Process.Pid, syscall.SIGINT); err != nil {
		r.t.Fatal(err)
	}
	<-r.ended
	if strings.Contains(r.stderr.String(), "exit status") {
		r.t.Errorf("%s after Ctrl-C:\n%s%s", r.name, r.stdout.String(), r.stderr.String())
	}
}
