package devtenant

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// call is one request on its way through the tenant: what answers, pages and the list of requests say of it.
type call struct {
	endpoint      string // as Count names it
	start         time.Time
	traceID       string // this tenant's own id of the request
	correlationID string // the caller's client-request-id, else one made here
	tenant        string // the organization's name
	clientID      string
	clientName    string
	user          string
	scope         string
	grantType     string
	redirectURI   string
	origin        string // of the page that a browser sends the request for
	aadsts        int
	faults        []Fault // what was switched on for this request
}

type callKey struct{}

func callOf(r *http.Request) *call {
	if c, ok := r.Context().Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// names are what sentences of the table of failures may mention. Whatever refuses says itself what it found; audience and
// parameter stand for that where a refusal is on demand: a token for Graph, and an assertion that isn't there.
func (c *call) names() map[string]string {
	return map[string]string{
		"client_id": c.clientID, "client_name": c.clientName, "user": c.user, "scope": c.scope, "resource": c.scope,
		"grant_type": c.grantType, "redirect_uri": c.redirectURI, "tenant": c.tenant, "audience": directory.GraphAppID, "issued": exactTime(c.start),
		"valid_from": exactTime(c.start), "now": exactTime(c.start), "expired": exactTime(c.start), "parameter": "assertion",
		"response_type": "", "response_mode": "", "registered": "", "origin": c.origin, "issuer": "", "subject": "", "kid": "",
	}
}

// altered is the first value that a fault of the request gives to one of its members; zero if none does.
func altered[T comparable](c *call, member func(Fault) T) T {
	var zero T
	for _, fault := range c.faults {
		if value := member(fault); value != zero {
			return value
		}
	}
	return zero
}

// Largest bodies that are read, in bytes. A token request holds an assertion and a signed client credential.
const (
	maxBody  = 128 << 10
	maxQuery = 16 << 10
)

// endpoint wraps a handler with what all of them share: ids, headers, limits, the question whether a fault is switched
// on, and the entry in the list of requests.
func (t *Tenant) endpoint(name string, handle http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := &call{endpoint: name, tenant: t.dir.DisplayName(), start: t.Now(), traceID: uuid.NewString(), correlationID: correlationID(r)}
		r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		began := time.Now()
		recorder := &statusRecorder{ResponseWriter: w, status: http.StatusOK, call: c}
		defer func() {
			t.requests.add(t.describe(r, c, recorder.status, time.Since(began)))
			t.log.InfoContext(r.Context(), "request", slog.String("endpoint", c.endpoint), slog.Int("status", recorder.status),
				slog.Int("aadsts", c.aadsts), slog.String("trace_id", traceID(r, c.correlationID)))
		}()
		if resourceManagerEndpoint(name) {
			resourceManagerHeaders(w.Header(), c, r)
		} else {
			entraHeaders(w.Header(), c, r)
		}
		if len(r.URL.RawQuery) > maxQuery {
			http.Error(recorder, "The query is too long.", http.StatusRequestURITooLong)
			return
		}
		if name != tokenEndpoint && t.interfere(recorder, r) {
			return // the token endpoint asks once it knows the grant
		}
		handle(recorder, r)
	})
}

// entraHeaders are Entra's on every answer. Nothing of it may be kept by a cache: codes and tokens pass here.
func entraHeaders(h http.Header, c *call, r *http.Request) {
	maps.Copy(h, http.Header{
		"Cache-Control":             {"no-store, no-cache"},
		"Pragma":                    {"no-cache"},
		"Expires":                   {"-1"},
		"X-Content-Type-Options":    {"nosniff"},
		"Strict-Transport-Security": {"max-age=31536000; includeSubDomains"},
		"X-Ms-Request-Id":           {c.traceID},
		"X-Ms-Ests-Server":          {"devtenant - for development only"},
		"X-Ms-Clitelem":             {"1,0,0,,"},
	})
	if r.TLS == nil {
		h.Del("Strict-Transport-Security") // means nothing on plain http
	}
	if strings.EqualFold(r.Header.Get("Return-Client-Request-Id"), "true") {
		h.Set("Client-Request-Id", c.correlationID)
	}
}

// correlationID is the caller's, if it is a GUID: it ends up in headers and pages.
func correlationID(r *http.Request) string {
	for _, sent := range []string{r.Header.Get("Client-Request-Id"), r.URL.Query().Get("client-request-id")} {
		if id, err := uuid.Parse(sent); err == nil {
			return id.String()
		}
	}
	return uuid.NewString()
}

// statusRecorder notes the status of an answer, and writes what a fault puts before its body.
type statusRecorder struct {
	http.ResponseWriter
	status int
	call   *call
	began  bool
}

func (s *statusRecorder) WriteHeader(status int) {
	s.status = status
	s.ResponseWriter.WriteHeader(status)
}

func (s *statusRecorder) Write(body []byte) (int, error) {
	if prefix := altered(s.call, func(f Fault) string { return f.Prefix }); prefix != "" && !s.began {
		if _, err := io.WriteString(s.ResponseWriter, prefix); err != nil {
			return 0, err
		}
	}
	s.began = true
	return s.ResponseWriter.Write(body)
}

// Unwrap lets http.ResponseController reach the connection.
func (s *statusRecorder) Unwrap() http.ResponseWriter { return s.ResponseWriter }
