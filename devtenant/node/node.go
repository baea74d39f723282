// Package node runs programs in Node.js for tests: real clients in JavaScript, of npm packages that a lock file names.
package node

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// unavailable skips a test for what this machine lacks. Where CI=true everything has to be there.
func unavailable(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// Install copies a folder with a package.json and its lock file to one of the test's own, and installs the packages there.
func Install(t testing.TB, ctx context.Context, folder string) string {
	t.Helper()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			unavailable(t, "there is no "+program+" here")
		}
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
	install.Dir = dir
	if output, err := install.CombinedOutput(); err != nil {
		unavailable(t, "npm could not install "+folder+": "+err.Error()+"\n"+string(output))
	}
	return dir
}

// Script is a program in Node that writes one JSON object a line.
type Script struct {
	t      testing.TB
	run    *exec.Cmd
	stdin  io.WriteCloser
	lines  *bufio.Scanner
	stderr strings.Builder
}

// Start starts main.js of a folder, with settings as JSON in the environment's SETTINGS, and trust in a tenant's certificate.
func Start(t testing.TB, ctx context.Context, dir string, tenant interface{ WriteCertificate(path string) error }, settings any) *Script {
	t.Helper()
	raw, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	certificateFile := filepath.Join(t.TempDir(), "ca.pem")
	if err := tenant.WriteCertificate(certificateFile); err != nil {
		t.Fatal(err)
	}
	s := &Script{t: t, run: exec.CommandContext(ctx, "node", "main.js")}
	s.run.Dir, s.run.Stderr = dir, &s.stderr
	s.run.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+certificateFile, "SETTINGS="+string(raw))
	if s.stdin, err = s.run.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	stdout, err := s.run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.lines = bufio.NewScanner(stdout)
	s.lines.Buffer(nil, 1<<20)
	if err := s.run.Start(); err != nil {
		t.Fatal(err)
	}
	return s
}

// Read reads the next object.
func (s *Script) Read(into any) {
	s.t.Helper()
	if !s.lines.Scan() {
		_ = s.run.Wait()
		s.t.Fatalf("the script ended: %s", s.stderr.String())
	}
	if err := json.Unmarshal(s.lines.Bytes(), into); err != nil {
		s.t.Fatalf("%v: %s", err, s.lines.Text())
	}
}

// Write writes a line to the script.
func (s *Script) Write(line string) {
	s.t.Helper()
	if _, err := io.WriteString(s.stdin, line+"\n"); err != nil {
		s.t.Fatal(err)
	}
}

// End waits for the script's good end.
func (s *Script) End() {
	s.t.Helper()
	_ = s.stdin.Close()
	if err := s.run.Wait(); err != nil {
		s.t.Fatalf("the script failed: %v\n%s", err, s.stderr.String())
	}
}
