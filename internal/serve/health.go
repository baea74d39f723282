package serve

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Readiness answers the two questions of a platform: is the process alive (GET /healthz), and should it be sent
// requests (GET /readyz)? A tier whose store or identity provider is away is alive and not ready: to restart it would
// mend nothing.
type Readiness struct {
	check    func(context.Context) error
	log      *slog.Logger
	draining atomic.Bool

	mu   sync.Mutex
	last string // why it wasn't ready when it was asked last; "" where it was
}

// NewReadiness returns a readiness that asks check each time, for two seconds at most. nil is always ready.
func NewReadiness(check func(context.Context) error, log *slog.Logger) *Readiness {
	return &Readiness{check: check, log: log}
}

// note writes to the log why the tier isn't ready, and that it is again. What was true the last time, too, isn't written again:
// platforms ask every few seconds.
func (r *Readiness) note(ctx context.Context, err error) {
	why := ""
	if err != nil {
		why = err.Error()
	}
	r.mu.Lock()
	changed := why != r.last
	r.last = why
	r.mu.Unlock()
	switch {
	case !changed:
	case err != nil:
		r.log.WarnContext(ctx, "not ready", "cause", why)
	default:
		r.log.InfoContext(ctx, "ready again")
	}
}

// Healthz answers 200 while the process lives.
func (r *Readiness) Healthz() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "alive") })
}

// Readyz answers 200 while the tier wants requests, and 503 with one word of why where it doesn't.
func (r *Readiness) Readyz() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		if r.draining.Load() {
			answer(w, http.StatusServiceUnavailable, "draining")
			return
		}
		if r.check != nil {
			ctx, cancel := context.WithTimeout(request.Context(), 2*time.Second)
			defer cancel()
			err := r.check(ctx)
			if request.Context().Err() == nil { // who left without waiting for the answer learned nothing
				r.note(ctx, err)
			}
			if err != nil {
				// The reason is for the tier's own log; whoever can reach this route need not learn it.
				answer(w, http.StatusServiceUnavailable, "not ready")
				return
			}
		}
		answer(w, http.StatusOK, "ready")
	})
}

func answer(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, word+"\n")
}

// AskReady asks GET /readyz of the server on this machine that listens on addr. net.Dial takes an address without a host, and
// 0.0.0.0, for this machine. It is what a program's -health flag does, so that a container's health check needs neither a shell
// nor curl.
func AskReady(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
	if err != nil {
		return fmt.Errorf("asking for health: %w", err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("asking for health: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("asking for health: the answer is %s", response.Status)
	}
	return nil
}
