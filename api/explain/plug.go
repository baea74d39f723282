// Package explain shows in development what happened to a request inside the API: what each hop took, what was asked, and what
// token B says. It looks at requests through app.Config's Hooks, and puts what it saw into the answers as the member "explain". It
// never records a token, and in production it does nothing.
//
// A request with Cache-Control: no-cache (RFC 9111, section 5.2.1.4) has its token exchanged anew.
//
// Nothing depends on it. To leave it out, delete this folder and the line with explain.Plug in api/main.go.
package explain

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/wire"
)

// Plug has an API explain itself, where its configuration is for development.
func Plug(cfg *app.Config) {
	if !cfg.Development {
		return
	}
	exchanges := wire.NewRecent[secret.Digest, wire.Request]()
	cfg.Hooks = app.Hooks{
		Middleware: []gin.HandlerFunc{explained},
		Identity: func(next http.RoundTripper) http.RoundTripper {
			return wire.TokenRequests{Next: next, Now: time.Now, Seen: func(ctx context.Context, sent wire.Request, token secret.Digest) {
				exchanges.Add(token, sent)
				recorderOf(ctx).sent(sent)
			}}
		},
		Exchanger: func(next onbehalfof.Exchanger) onbehalfof.Exchanger { return observedExchanger{next, exchanges} },
		Transport: func(service string, next http.RoundTripper) http.RoundTripper {
			return observedTransport{service: service, RoundTripper: next}
		},
	}
}

// explained records a request, and adds the record to a JSON answer, errors included.
func explained(c *gin.Context) {
	seen := &recorder{started: time.Now(), fresh: c.GetHeader("Cache-Control") == "no-cache", Steps: []step{}}
	c.Request = c.Request.WithContext(context.WithValue(c.Request.Context(), recorderKey{}, seen))
	original := c.Writer
	kept := &bufferedWriter{ResponseWriter: original}
	c.Writer = kept
	defer func() { c.Writer = original }() // before a panic is answered
	c.Next()
	body := kept.body.Bytes()
	if end, ok := bytes.CutSuffix(bytes.TrimSpace(body), []byte("}")); ok && isJSON(original.Header()) {
		body = append(append(append(end, `,"explain":`...), seen.json()...), '}')
	}
	if len(body) == 0 {
		return // there is none, or it has been sent
	}
	original.Header().Del("Content-Length") // gin has set that of the body without the record
	_, _ = original.Write(body)             // an error means that the client has gone
}

func isJSON(header http.Header) bool {
	kind := header.Get("Content-Type")
	return strings.HasPrefix(kind, "application/json") || strings.HasPrefix(kind, "application/problem+json")
}

// bufferedWriter keeps a JSON body for the middleware to add to. Any other one goes on as it comes: an agent that waits for the
// events of a tool gets each when it happens.
type bufferedWriter struct {
	gin.ResponseWriter
	body bytes.Buffer
}

func (b *bufferedWriter) Write(p []byte) (int, error) {
	if isJSON(b.Header()) {
		return b.body.Write(p)
	}
	return b.ResponseWriter.Write(p)
}

func (b *bufferedWriter) WriteString(s string) (int, error) { return b.Write([]byte(s)) }

func (b *bufferedWriter) WriteHeaderNow() {
	if !isJSON(b.Header()) {
		b.ResponseWriter.WriteHeaderNow()
	}
}

func (b *bufferedWriter) Flush() {
	if !isJSON(b.Header()) {
		b.ResponseWriter.Flush()
	}
}
