// Package redistest starts real Redis servers for tests.
package redistest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redisclient"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// startTimeout bounds how long a server may take until it says that it is ready.
const startTimeout = 20 * time.Second

// Server is a redis-server on a free port of this machine. It isn't for several goroutines at once.
type Server struct {
	Addr string // host:port
	// URL is what REDIS_URL says of it.
	URL string

	path    string
	options []string
	command *exec.Cmd
	ended   chan struct{}
}

// Start runs a redis-server until the test ends. It writes nothing to disk unless options (redis-server's own, such as
// "--appendonly", "yes") say so. Where there is no redis-server the test is skipped; where CI=true it fails.
func Start(t testing.TB, options ...string) *Server {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		const reason = "there is no redis-server on this machine (Debian: apt-get install redis-server)"
		if os.Getenv("CI") == "true" {
			t.Fatal(reason)
		}
		t.Skip(reason)
	}
	s := &Server{path: path, options: append([]string{"--bind", "127.0.0.1", "--save", "", "--dir", t.TempDir()}, options...)}
	// Between choosing a free port and opening it somebody else may take it.
	for range 5 {
		s.Addr = FreeAddress(t)
		if err = s.Restart(t.Context()); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	s.URL = "redis://" + s.Addr + "/0"
	t.Cleanup(s.Kill)
	return s
}

// FreeAddress returns an address of this machine where nobody listens. Its port is below those that the system gives to
// outgoing connections: one of these on a server's own port would keep it from starting again there.
func FreeAddress(t testing.TB) string {
	t.Helper()
	for range 50 {
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.N(12000)))
		if err == nil {
			defer listener.Close()
			return listener.Addr().String()
		}
	}
	t.Fatal("there is no free port")
	return ""
}

// Restart starts the server on the same address after a [Server.Kill]. What it then holds is what it wrote to disk.
func (s *Server) Restart(ctx context.Context) error {
	_, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	// The context must not end the process: it is a test's, which ends before its cleanup.
	s.command = exec.Command(s.path, append([]string{"--port", port}, s.options...)...)
	output, err := s.command.StdoutPipe()
	if err != nil {
		return fmt.Errorf("starting redis-server: %w", err)
	}
	if err := s.command.Start(); err != nil {
		return fmt.Errorf("starting redis-server: %w", err)
	}
	command, ready, ended := s.command, make(chan struct{}), make(chan struct{})
	s.ended = ended
	var said strings.Builder
	go func() {
		defer close(ended)
		for lines := bufio.NewScanner(output); lines.Scan(); {
			said.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "Ready to accept connections") {
				close(ready)
				break
			}
		}
		_, _ = io.Copy(io.Discard, output) // a full pipe would hold it up
		_ = command.Wait()
	}()
	select {
	case <-ready:
		return nil
	case <-ended:
		return errors.New("redis-server ended at once; it said:\n" + said.String())
	case <-ctx.Done():
	case <-time.After(startTimeout):
	}
	s.Kill()
	return errors.New("redis-server didn't get ready in time")
}

// Kill ends the server as kill -9 does. What it hasn't written is lost.
func (s *Server) Kill() {
	_ = s.command.Process.Kill()
	<-s.ended
}

// Client returns a new client of the server, made as the tiers make theirs.
func (s *Server) Client(t testing.TB) *redis.Client {
	t.Helper()
	client, err := redisclient.New(secret.New(s.URL), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}
