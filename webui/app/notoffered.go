package app

import (
	"errors"
	"sync"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

// notOfferedFor is how long the API is believed that a part of it is switched off. Each page would otherwise ask for it, and get nothing.
const notOfferedFor = time.Minute

// notOffered remembers which resources the API said to have none of. Their paths are those in this package's code: it can't grow.
type notOffered struct {
	mu    sync.Mutex
	until map[string]time.Time
}

// check returns the error of a resource that was switched off a moment ago.
func (n *notOffered) check(path string, now time.Time) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now.Before(n.until[path]) {
		return apperror.New(apperror.NotConfigured, errors.New("the API said so less than a minute ago"))
	}
	return nil
}

// note remembers an answer that says so, and returns its error.
func (n *notOffered) note(path string, now time.Time, err error) error {
	if err != nil && apperror.As(err).Code == apperror.NotConfigured {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.until == nil {
			n.until = map[string]time.Time{}
		}
		n.until[path] = now.Add(notOfferedFor)
	}
	return err
}
