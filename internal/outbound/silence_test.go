package outbound_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// relay hands connections on to a server until it goes silent: then what is open stays open, and nothing comes through.
type relay struct {
	net.Listener
	target string

	mu     sync.Mutex
	silent chan struct{} // closed for the connections that have gone silent
	opened int
}

func newRelay(t *testing.T, target string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: listener, target: target, silent: make(chan struct{})}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = connection.Close() })
			r.mu.Lock()
			silent := r.silent
			r.opened++
			r.mu.Unlock()
			go r.carry(connection, silent)
		}
	}()
	return r
}

func (r *relay) carry(connection net.Conn, silent <-chan struct{}) {
	server, err := net.Dial("tcp", r.target)
	if err != nil {
		_ = connection.Close()
		return
	}
	defer server.Close()
	copyUntil := func(to, from net.Conn) {
		buffer := make([]byte, 4096)
		for {
			n, err := from.Read(buffer)
			select {
			case <-silent:
				_, _ = io.Copy(io.Discard, from) // until somebody closes it
				return
			default:
			}
			if err != nil {
				return
			}
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
	}
	go copyUntil(connection, server)
	copyUntil(server, connection)
}

// goSilent silences all connections that are open now. Later ones come through.
func (r *relay) goSilent() {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.silent)
	r.silent = make(chan struct{})
}

func (r *relay) connections() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.opened
}

func TestCloseIdleConnections(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(server.Close)
	between := newRelay(t, server.Listener.Addr().String())
	client := trusting(t, server, outbound.Options{})
	for range 2 {
		response, err := client.Get("https://" + between.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		client.CloseIdleConnections()
	}
	if opened := between.connections(); opened != 2 {
		t.Errorf("%d connections for two requests with a close between them, want 2", opened)
	}
}

// TestSilentConnectionsFailOnce: a connection that was dropped on the way fails the request that it is used for, and isn't used again.
func TestSilentConnectionsFailOnce(t *testing.T) {
	t.Parallel()
	const users = 3
	var together sync.WaitGroup
	together.Add(users)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/together" {
			together.Done()
			together.Wait()
		}
		_, _ = io.WriteString(w, r.Proto)
	}))
	server.EnableHTTP2 = true // offered, and not taken
	server.StartTLS()
	t.Cleanup(server.Close)
	between := newRelay(t, server.Listener.Addr().String())
	client := trusting(t, server, outbound.Options{Timeout: 400 * time.Millisecond})
	get := func(path string) (string, error) {
		response, err := client.Get("https://" + between.Addr().String() + path)
		if err != nil {
			return "", err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return string(body), err
	}
	var begun errgroup.Group
	for range users {
		begun.Go(func() error {
			protocol, err := get("/together")
			if err == nil && protocol != "HTTP/1.1" {
				err = errors.New(protocol)
			}
			return err
		})
	}
	if err := begun.Wait(); err != nil {
		t.Fatal(err)
	}
	if opened := between.connections(); opened != users {
		t.Fatalf("%d connections for %d requests at a time", opened, users)
	}
	between.goSilent()
	var failed int
	for range 2 * users {
		if _, err := get("/"); err != nil {
			failed++
		}
	}
	if failed != users {
		t.Errorf("%d requests failed, want %d: one for each connection that was dropped", failed, users)
	}
	if opened := between.connections(); opened != users+1 {
		t.Errorf("%d connections, want one more than were dropped", opened)
	}
}
