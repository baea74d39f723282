package explain

import (
	"context"
	"encoding/json"
	"net/http"
	"sync"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/wire"
)

// recorder is what one request went through.
type recorder struct {
	started time.Time
	fresh   bool // what was exchanged before is forgotten first

	mu    sync.Mutex
	steps []step
	token *entra.Claims // what the last token B says; never the token
	asked *wire.Request // what Entra was asked last in the course of this request
}

// step is one hop, or a part of it.
type step struct {
	Name   string // validation, exchange, or the service that was called
	Took   time.Duration
	Cached bool          // the token came from the store
	Calls  int           // requests to the service, pages and attempts alike
	Sent   *wire.Request // the last one; of a cached token the one that it came by; nil where that isn't known
}

type recorderKey struct{}

// recorderOf returns the request's recorder; nil for work that belongs to no request.
func recorderOf(ctx context.Context) *recorder {
	found, _ := ctx.Value(recorderKey{}).(*recorder)
	return found
}

// add records a step. A second one of the same name, as when a service made the API exchange again, adds up.
func (r *recorder) add(added step) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.steps {
		if known := &r.steps[i]; known.Name == added.Name {
			known.Took += added.Took
			known.Calls += added.Calls
			known.Cached = known.Cached && added.Cached
			known.Sent = added.Sent
			return
		}
	}
	r.steps = append(r.steps, added)
}

// validated records the validation of token A: all that came before the first exchange.
func (r *recorder) validated(at time.Time) {
	if r == nil {
		return
	}
	r.mu.Lock()
	first := len(r.steps) == 0
	r.mu.Unlock()
	if first {
		r.add(step{Name: "validation", Took: at.Sub(r.started)})
	}
}

// show keeps what a token says.
func (r *recorder) show(result onbehalfof.Result) {
	claims, err := entra.DecodeClaims(result.Token)
	if r == nil || err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.token = &claims
}

// sent notes what Entra was asked.
func (r *recorder) sent(request wire.Request) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = &request
}

// lastSent returns what Entra was asked last; nil for nothing.
func (r *recorder) lastSent() *wire.Request {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// json returns the member of the answer.
func (r *recorder) json() []byte {
	type shownStep struct {
		Name         string        `json:"name"`
		Milliseconds float64       `json:"milliseconds"`
		Cached       bool          `json:"cached"`
		Calls        int           `json:"pages,omitempty"`
		Sent         *wire.Request `json:"sent,omitempty"`
	}
	shown := struct {
		Steps []shownStep   `json:"steps"`
		Token *entra.Claims `json:"token,omitempty"`
	}{Steps: []shownStep{}}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.steps {
		shown.Steps = append(shown.Steps, shownStep{s.Name, float64(s.Took.Microseconds()) / 1000, s.Cached, s.Calls, s.Sent})
	}
	shown.Token = r.token
	text, err := json.Marshal(shown)
	if err != nil { // strings, numbers and booleans only: it can't
		return []byte("null")
	}
	return text
}

// observedExchanger records hop 3.
type observedExchanger struct {
	onbehalfof.Exchanger
	known *wire.Recent[secret.Digest, wire.Request] // by the token that came
}

// Exchange implements [onbehalfof.Exchanger].
func (o observedExchanger) Exchange(ctx context.Context, request onbehalfof.Request) (onbehalfof.Result, error) {
	seen, started := recorderOf(ctx), time.Now()
	seen.validated(started)
	if seen != nil && seen.fresh {
		o.Forget(ctx, request)
	}
	result, err := o.Exchanger.Exchange(ctx, request)
	sent := seen.lastSent()
	if known, ok := o.known.Get(result.Token.Digest()); ok && err == nil {
		sent = &known
	}
	seen.add(step{Name: "exchange", Took: time.Since(started), Cached: err == nil && result.Cached, Sent: sent})
	seen.show(result)
	return result, err
}

// observedTransport records hop 4.
type observedTransport struct {
	service string
	http.RoundTripper
}

// RoundTrip implements [http.RoundTripper].
func (o observedTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	started := time.Now()
	response, err := o.RoundTripper.RoundTrip(request)
	sent := wire.Call(request, response, "token B", started)
	recorderOf(request.Context()).add(step{Name: o.service, Took: time.Since(started), Calls: 1, Sent: &sent})
	return response, err
}
