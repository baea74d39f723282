package outbound

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestTheTimeEndsWithTheAnswer: a context that nobody ends would hold its timer, and what it guards, until its time is over.
func TestTheTimeEndsWithTheAnswer(t *testing.T) {
	t.Parallel()
	var given context.Context
	failed := errors.New("failed")
	for name, err := range map[string]error{"an answer": nil, "an error": failed} {
		o := &outgoing{options: Options{Timeout: time.Hour, MaxBody: 10}, next: roundTripper(func(r *http.Request) (*http.Response, error) {
			given = r.Context()
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader("x"))}, err
		})}
		response, got := o.RoundTrip(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil))
		if !errors.Is(got, err) {
			t.Fatalf("%s: %v", name, got)
		}
		if deadline, ok := given.Deadline(); !ok || time.Until(deadline) > time.Hour {
			t.Errorf("%s: the deadline is %v", name, deadline)
		}
		if err == nil {
			if given.Err() != nil {
				t.Errorf("%s: the time is over before it is read", name)
			}
			_ = response.Body.Close()
		}
		if given.Err() == nil {
			t.Errorf("%s: its time goes on", name)
		}
	}
}

// TestIdleConnections: of two sides that close an idle connection, this one has to be the first.
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	client, err := NewClient(Options{Timeout: time.Second, MaxBody: 1})
	if err != nil {
		t.Fatal(err)
	}
	const serversOwn = 75 * time.Second // nginx's; the tiers wait for 90
	if idle := client.Transport.(*outgoing).connections.IdleConnTimeout; idle == 0 || idle >= serversOwn {
		t.Errorf("idle connections are kept for %v", idle)
	}
}
