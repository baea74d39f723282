package mcp

import (
	"maps"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"
)

// answer is the response to a request, which can still become another one until something of it was sent. The SDK answers from a
// goroutine of its own.
type answer struct {
	gin.ResponseWriter
	header http.Header // of the SDK's answer: what it sets must not be on another one

	mu   sync.Mutex
	sent bool
	over bool // the request is answered; its writer belongs to another one soon
	err  error
}

// end keeps whatever the SDK still writes from reaching anybody. It returns the error to answer with, nil where the SDK has answered.
func (a *answer) end() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	return a.err
}

// refuse has the request answered with an error, if that can still be.
func (a *answer) refuse(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.sent {
		a.err = err
	}
}

// send does something with the writer, unless what the SDK writes is to go nowhere.
func (a *answer) send(write func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over || a.err != nil {
		return
	}
	if !a.sent {
		a.sent = true
		maps.Copy(a.ResponseWriter.Header(), a.header)
	}
	write()
}

// Header implements [http.ResponseWriter].
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements [http.ResponseWriter].
func (a *answer) WriteHeader(status int) {
	a.send(func() {
		a.ResponseWriter.WriteHeader(status)
		a.WriteHeaderNow()
	})
}

// Write implements [http.ResponseWriter].
func (a *answer) Write(p []byte) (written int, err error) {
	written = len(p) // where it is dropped
	a.send(func() { written, err = a.ResponseWriter.Write(p) })
	return written, err
}

// Flush implements [http.Flusher].
func (a *answer) Flush() { a.send(a.ResponseWriter.Flush) }
