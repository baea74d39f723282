package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// build compiles the program that a person runs with go run ./quickstart.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "quickstart")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return program
}

func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	return "localhost:" + port
}

func TestQuickstart(t *testing.T) {
	t.Parallel()
	program := build(t)
	addrs := map[string]string{
		"-webui-addr": freeAddr(t), "-api-addr": freeAddr(t), "-browser-addr": freeAddr(t), "-back-addr": freeAddr(t),
		"-orders-addr": freeAddr(t),
	}
	var args []string
	for name, addr := range addrs {
		args = append(args, name, addr)
	}

	t.Run("prints the table, serves, and stops", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		run := exec.CommandContext(ctx, program, args...)
		run.Dir = t.TempDir() // it needs no file of the repository
		var stderr bytes.Buffer
		run.Stderr = &stderr
		stdout, err := run.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Start(); err != nil {
			t.Fatal(err)
		}
		var table strings.Builder
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			table.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "Ctrl-C") {
				break
			}
		}
		for _, text := range []string{"http://" + addrs["-webui-addr"], "http://" + addrs["-browser-addr"], "alice", "grace"} {
			if !strings.Contains(table.String(), text) {
				t.Errorf("the table lacks %q:\n%s", text, table.String())
			}
		}
		response, err := http.Get("http://" + addrs["-webui-addr"] + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			t.Errorf("the web UI is not ready once the table stands: %s", body)
		}
		if runtime.GOOS == "windows" {
			_ = run.Process.Kill() // has no interrupt that a test could send
			_ = run.Wait()
			return
		}
		if err := run.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, stdout)
		if err := run.Wait(); err != nil {
			t.Errorf("after Ctrl-C: %v\n%s", err, stderr.String())
		}
	})

	for flag := range addrs {
		t.Run("names the busy port of "+flag, func(t *testing.T) {
			taken, err := net.Listen("tcp", addrs[flag])
			if err != nil {
				t.Fatal(err)
			}
			defer taken.Close()
			out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
			if err == nil {
				t.Fatalf("it started:\n%s", out)
			}
			if !strings.Contains(string(out), addrs[flag]) || !strings.Contains(string(out), flag) {
				t.Errorf("the output names neither or one of %s and %s:\n%s", addrs[flag], flag, out)
			}
		})
	}
}
