package explain

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/wire"
)

// recorder is what one request went through, as the answer has it.
type recorder struct {
	started time.Time
	fresh   bool // what was exchanged before is forgotten first

	mu    sync.Mutex
	asked *wire.Request // what Entra was asked last in the course of this request
	Steps []step        `json:"steps"`
	Token *entra.Claims `json:"token,omitempty"` // what the last token B says; never the token
}

// step is one hop, or a part of it.
type step struct {
	Name         string        `json:"name"` // validation, exchange, or the service that was called
	Milliseconds float64       `json:"milliseconds"`
	Cached       bool          `json:"cached"`          // the token came from the store
	Calls        int           `json:"pages,omitempty"` // requests to the service, pages and attempts alike
	Sent         *wire.Request `json:"sent,omitempty"`  // the last one; of a cached token the one that it came by; nil where that isn't known

	took time.Duration
}

type recorderKey struct{}

// recorderOf returns the request's recorder; for work that belongs to no request, one that nobody reads.
func recorderOf(ctx context.Context) *recorder {
	if found, ok := ctx.Value(recorderKey{}).(*recorder); ok {
		return found
	}
	return &recorder{}
}

// add records a step. A second one of the same name, as when a service made the API exchange again, adds up.
func (r *recorder) add(added step) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.Steps, func(s step) bool { return s.Name == added.Name })
	if i < 0 {
		r.Steps = append(r.Steps, added)
		return
	}
	known := &r.Steps[i]
	known.took += added.took
	known.Calls += added.Calls
	known.Cached = known.Cached && added.Cached
	known.Sent = added.Sent
}

// validated records the validation of token A: all that came before the first exchange.
func (r *recorder) validated(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.Steps) == 0 {
		r.Steps = append(r.Steps, step{Name: "validation", took: at.Sub(r.started)})
	}
}

// show keeps what a token says.
func (r *recorder) show(result onbehalfof.Result) {
	claims, err := entra.DecodeClaims(result.Token)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Token = &claims
}

// sent notes what Entra was asked.
func (r *recorder) sent(request wire.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = &request
}

// lastSent returns what Entra was asked last; nil for nothing.
func (r *recorder) lastSent() *wire.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// json returns the member of the answer.
func (r *recorder) json() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.Steps {
		r.Steps[i].Milliseconds = float64(r.Steps[i].took.Microseconds()) / 1000
	}
	text, err := json.Marshal(r)
	if err != nil { // strings, numbers and booleans only: it can't
		return []byte("null")
	}
	return text
}

// observedExchanger records hop 3.
type observedExchanger struct {
	onbehalfof.Exchanger
	known *lru.Cache[secret.Digest, wire.Request] // by the token that came
}

// Exchange implements [onbehalfof.Exchanger].
func (o observedExchanger) Exchange(ctx context.Context, request onbehalfof.Request) (onbehalfof.Result, error) {
	seen, started := recorderOf(ctx), time.Now()
	seen.validated(started)
	if seen.fresh {
		o.Forget(ctx, request)
	}
	result, err := o.Exchanger.Exchange(ctx, request)
	sent := seen.lastSent()
	if known, ok := o.known.Get(result.Token.Digest()); ok && err == nil {
		sent = &known
	}
	seen.add(step{Name: "exchange", took: time.Since(started), Cached: err == nil && result.Cached, Sent: sent})
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
	recorderOf(request.Context()).add(step{Name: o.service, took: time.Since(started), Calls: 1, Sent: &sent})
	return response, err
}
