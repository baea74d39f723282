package mcp

import (
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"
)

// answer is the response to a request, which can still become another one until something of it was sent. The SDK answers from a
// goroutine of its own.
type answer struct {
	gin.ResponseWriter

	mu   sync.Mutex
	sent bool
	err  error
}

// refuse has the request answered with an error, if that can still be.
func (a *answer) refuse(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.sent {
		a.err = err
	}
}

// refused returns the error to answer with, nil where the SDK has answered.
func (a *answer) refused() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}

// dropped reports whether what the SDK writes goes nowhere.
func (a *answer) dropped() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent = a.sent || a.err == nil
	return a.err != nil
}

// Header implements [http.ResponseWriter]. What the SDK sets for an answer that is dropped must not be on the other one.
func (a *answer) Header() http.Header {
	if a.refused() != nil {
		return http.Header{}
	}
	return a.ResponseWriter.Header()
}

// WriteHeader implements [http.ResponseWriter].
func (a *answer) WriteHeader(status int) {
	if !a.dropped() {
		a.ResponseWriter.WriteHeader(status)
		a.WriteHeaderNow()
	}
}

// Write implements [http.ResponseWriter].
func (a *answer) Write(p []byte) (int, error) {
	if a.dropped() {
		return len(p), nil
	}
	return a.ResponseWriter.Write(p)
}

// Flush implements [http.Flusher].
func (a *answer) Flush() {
	if !a.dropped() {
		a.ResponseWriter.Flush()
	}
}
