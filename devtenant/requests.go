package devtenant

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one request that the tenant was asked, with nothing secret in it.
type Request struct {
	At            time.Time // the tenant's clock
	Endpoint      string
	Method        string
	Path          string
	ClientID      string
	User          string // short name, where the request has one
	Scope         string
	Status        int
	AADSTS        int    // 0: no failure
	Fault         string // name of the fault that met it, if one did
	Took          time.Duration
	CorrelationID string // the client-request-id
	TraceID       string // 32 hexadecimal digits, the same in the logs of the tiers; one for each page of the web UI
	Traceparent   string // W3C trace context, as sent
	Parameters    []Parameter
}

// Parameter is one parameter of a request. Its value is left out if it is secret: code, token, assertion, credential.
type Parameter struct{ Name, Value string }

const keptRequests = 200 // the list shows the last ones; counting goes on

// requestLog remembers the last requests and counts all of them.
type requestLog struct {
	mu     sync.Mutex
	last   []Request // oldest first
	counts map[string]int
	done   map[string]bool // steps of the path through the sample, by title
}

func (l *requestLog) add(request Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts == nil {
		l.counts, l.done = map[string]int{}, map[string]bool{}
	}
	l.counts[request.Endpoint]++
	for _, step := range path() {
		if !l.done[step.Title] && step.done(request, l.last) {
			l.done[step.Title] = true
		}
	}
	if len(l.last) == keptRequests {
		l.last = slices.Delete(l.last, 0, 1)
	}
	l.last = append(l.last, request)
}

func (l *requestLog) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last, l.counts, l.done = nil, nil, nil
}

// Requests lists what the tenant was asked, last first: at most the last 200.
func (t *Tenant) Requests() []Request {
	t.requests.mu.Lock()
	defer t.requests.mu.Unlock()
	last := slices.Clone(t.requests.last)
	slices.Reverse(last)
	return last
}

// Count says how often an endpoint was asked since the start: "discovery", "instance-discovery", "keys", "authorize",
// "sign-in", "second-factor", "consent", "device", "devicecode", "logout", "subscriptions", "graph", "managed-identity", and for the token endpoint
// "token:authorization_code", "token:refresh_token", "token:client_credentials", "token:on_behalf_of",
// "token:device_code", "token:password" and "token:unsupported". "token" is all of the latter together.
func (t *Tenant) Count(endpoint string) int {
	t.requests.mu.Lock()
	defer t.requests.mu.Unlock()
	if endpoint != tokenEndpoint {
		return t.requests.counts[endpoint]
	}
	sum := 0
	for name, count := range t.requests.counts {
		if name == tokenEndpoint || strings.HasPrefix(name, tokenEndpoint+":") {
			sum += count
		}
	}
	return sum
}

// describe makes the entry for a request that was answered.
func (t *Tenant) describe(r *http.Request, c *call, status int, took time.Duration) Request {
	return Request{
		At: c.start, Endpoint: c.endpoint, Method: r.Method, Path: shorten(r.URL.Path), ClientID: shorten(c.clientID), User: shorten(c.user),
		Scope: shorten(c.scope), Status: status, AADSTS: c.aadsts, Fault: altered(c, func(f Fault) string { return f.Name }), Took: took,
		CorrelationID: c.correlationID, TraceID: traceID(r, c.correlationID), Traceparent: shorten(r.Header.Get("Traceparent")), Parameters: parameters(r),
	}
}

// shown are the parameters whose values may be seen. All others are named only: an unknown one may be a secret.
var shown = []string{
	"client_id", "scope", "response_type", "response_mode", "redirect_uri", "code_challenge_method", "prompt", "claims",
	"login_hint", "domain_hint", "max_age", "grant_type", "requested_token_use", "client_assertion_type", "client_info",
	"post_logout_redirect_uri", "api-version", "authorization_endpoint", "resource", "user", "decision",
}

func parameters(r *http.Request) []Parameter {
	values := r.Form // parsed by whoever handled it; a handler that refused early may have left it nil
	if values == nil {
		values = r.URL.Query()
	}
	var list []Parameter
	for name, sent := range values {
		value := "[redacted]"
		if slices.Contains(shown, name) {
			value = shorten(strings.Join(sent, " | "))
		}
		list = append(list, Parameter{Name: shorten(name), Value: value})
	}
	slices.SortFunc(list, func(a, b Parameter) int { return strings.Compare(a.Name, b.Name) })
	return list[:min(len(list), 40)]
}

const shownLength = 300 // bytes of a value that the list keeps: what a caller sends must not fill the memory

func shorten(value string) string {
	if len(value) <= shownLength {
		return value
	}
	return strings.ToValidUTF8(value[:shownLength], "") + "…"
}
