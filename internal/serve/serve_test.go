package serve_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/serve"
)

func TestBusyPortIsNamed(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	addr := taken.Addr().String()
	_, err = serve.Listen(addr, "API_ADDR")
	if err == nil || !strings.Contains(err.Error(), addr) || !strings.Contains(err.Error(), "API_ADDR") {
		t.Errorf("error is %v, want the address and the setting in it", err)
	}
}

func TestRequestsUnderWayFinish(t *testing.T) {
	t.Parallel()
	listener, err := serve.Listen("localhost:0", "test")
	if err != nil {
		t.Fatal(err)
	}
	readiness := serve.NewReadiness(nil, slog.New(slog.DiscardHandler))
	entered, leave := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-leave
		_, _ = io.WriteString(w, "whole")
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- serve.Run(ctx, serve.Options{Name: "test", Listener: listener, Handler: handler, Readiness: readiness, Log: slog.New(slog.DiscardHandler)})
	}()

	type result struct {
		body string
		err  error
	}
	got := make(chan result, 1)
	go func() {
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			got <- result{err: err}
			return
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		got <- result{string(body), err}
	}()
	<-entered
	stop()
	for { // until the server has noticed
		if status(readiness.Readyz()) == http.StatusServiceUnavailable {
			break
		}
	}
	if status(readiness.Healthz()) != http.StatusOK {
		t.Error("a server that drains is not alive")
	}
	close(leave)
	if r := <-got; r.err != nil || r.body != "whole" {
		t.Errorf("the request under way got %q, %v", r.body, r.err)
	}
	if err := <-ended; err != nil {
		t.Errorf("Run returned %v", err)
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		check func(context.Context) error
		want  int
	}{
		{"no check", nil, http.StatusOK},
		{"ready", func(context.Context) error { return nil }, http.StatusOK},
		{"not ready", func(context.Context) error { return errors.New("redis is away") }, http.StatusServiceUnavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			readiness := serve.NewReadiness(test.check, slog.New(slog.DiscardHandler))
			if got := status(readiness.Readyz()); got != test.want {
				t.Errorf("readyz is %d, want %d", got, test.want)
			}
			if got := status(readiness.Healthz()); got != http.StatusOK {
				t.Errorf("healthz is %d", got)
			}
			server := httptest.NewServer(readiness.Readyz())
			defer server.Close()
			err := serve.AskReady(t.Context(), server.Listener.Addr().String())
			if (err == nil) != (test.want == http.StatusOK) {
				t.Errorf("AskReady says %v", err)
			}
		})
	}
}

// TestAskReadyOfEveryAddress: what a server listens on is where -health asks, whatever the form.
func TestAskReadyOfEveryAddress(t *testing.T) {
	t.Parallel()
	listener, err := serve.Listen(":0", "test")
	if err != nil {
		t.Fatal(err)
	}
	server := http.Server{Handler: serve.NewReadiness(nil, slog.New(slog.DiscardHandler)).Readyz()}
	t.Cleanup(func() { _ = server.Close() })
	go func() { _ = server.Serve(listener) }()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	for _, host := range []string{"", "0.0.0.0", "127.0.0.1", "localhost"} {
		if err := serve.AskReady(t.Context(), host+":"+port); err != nil {
			t.Errorf("%q: %v", host, err)
		}
	}
}

func status(handler http.Handler) int {
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/", nil))
	return recorder.Code
}

func TestReadDrainDelay(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, environment, value string
		want                     time.Duration
	}{
		{"development", "development", "", 0},
		{"production", "production", "", 5 * time.Second},
		{"set in development", "development", "2s", 2 * time.Second},
		{"none in production", "production", "0s", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := env.From(map[string]string{"ENVIRONMENT": test.environment, "DRAIN_DELAY": test.value})
			if got := drainDelay(r); got != test.want || r.Err() != nil {
				t.Errorf("the delay is %s, %v; want %s", got, r.Err(), test.want)
			}
		})
	}
}

// drainDelay is what a program reads of its settings.
func drainDelay(r *env.Reader) time.Duration {
	return serve.Program{AddrSetting: "API_ADDR", DefaultAddr: "localhost:0"}.ReadSettings(r).DrainDelay
}

// TestSettingsOfAProgram: what is wrong with them is named along with all else that is wrong.
func TestSettingsOfAProgram(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ setting, value string }{
		"a level that doesn't exist": {"LOG_LEVEL", "loud"},
		"a form that doesn't exist":  {"LOG_FORMAT", "xml"},
		"an address without a port":  {"API_ADDR", "localhost"},
		"a delay without its unit":   {"DRAIN_DELAY", "3"},
	} {
		t.Run(name, func(t *testing.T) {
			r := env.From(map[string]string{test.setting: test.value})
			serve.Program{AddrSetting: "API_ADDR", DefaultAddr: "localhost:8001"}.ReadSettings(r)
			if err := r.Err(); err == nil || !strings.Contains(err.Error(), "\n  "+test.setting+" ") {
				t.Errorf("the error is %v, want one about %s", err, test.setting)
			}
		})
	}
}

// TestFieldCase33WhyNotReady: the answer doesn't say why, so that the log has to; once, however often the platform asks.
func TestFieldCase33WhyNotReady(t *testing.T) {
	t.Parallel()
	listener, err := serve.Listen("localhost:0", "test")
	if err != nil {
		t.Fatal(err)
	}
	var state atomic.Pointer[error]
	var log strings.Builder // written by the handler, and read when that has answered
	readiness := serve.NewReadiness(func(context.Context) error {
		if failed := state.Load(); failed != nil {
			return *failed
		}
		return nil
	}, slog.New(slog.NewTextHandler(&log, nil)))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- serve.Run(ctx, serve.Options{Name: "test", Listener: listener, Handler: readiness.Readyz(), Readiness: readiness, Log: slog.New(slog.DiscardHandler)})
	}()
	ask := func() int {
		response, err := http.Get("http://" + listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		return response.StatusCode
	}
	replica, full := errors.New("it is a replica"), errors.New("its memory is full")
	for _, failed := range []*error{nil, &replica, &replica, &replica, &full, nil, nil} {
		state.Store(failed)
		if got := ask(); (got == http.StatusOK) != (failed == nil) {
			t.Errorf("got %d", got)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for text, times := range map[string]int{"it is a replica": 1, "its memory is full": 1, "ready again": 1} {
		if got := strings.Count(log.String(), text); got != times {
			t.Errorf("%q is in the log %d times, want %d:\n%s", text, got, times, log.String())
		}
	}
}
