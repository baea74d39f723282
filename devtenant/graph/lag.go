package graph

import (
	"net/http"
	"sync"
	"time"
)

// Lag imitates eventual consistency: Graph answers from several replicas, and for some seconds after a create one or
// the other doesn't know the new object. Each kind of call to a new object misses it Misses times, counted for each
// object and kind on its own, as long as the object is younger than Window.
type Lag struct {
	Misses int
	Window time.Duration // zero means a minute
}

// fresh remembers what is new and which calls have missed it.
type fresh struct {
	lag    Lag
	now    func() time.Time
	mu     sync.Mutex
	born   map[string]time.Time
	missed map[string]int
}

// add notes a new object.
func (f *fresh) add(id string) {
	if f.lag.Misses == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.born[id] = f.now()
}

// hides reports whether this request lands on a replica that doesn't know the object.
func (f *fresh) hides(r *http.Request, id string) bool {
	if f.lag.Misses == 0 {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	born, isFresh := f.born[id]
	if !isFresh {
		return false
	}
	window := f.lag.Window
	if window == 0 {
		window = time.Minute
	}
	if f.now().Sub(born) >= window {
		delete(f.born, id)
		return false
	}
	kind := id + " " + r.Pattern
	f.missed[kind]++
	return f.missed[kind] <= f.lag.Misses
}
