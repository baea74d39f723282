package store

import (
	"bytes"
	"context"
	"math"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	// entryOverhead is what an entry costs besides its value: key, list element, map slot and slice header.
	entryOverhead = 256
	// sweepPerSave is how many expired entries one save removes. More than one, so that the expired are gone faster
	// than entries come; few, so that no caller pays for all.
	sweepPerSave = 4
)

// Memory is the [Store] of a single process. When it is full, what was used least recently goes first.
type Memory struct {
	maxBytes int
	now      func() time.Time

	mu      sync.Mutex
	entries *simplelru.LRU[Key, entry]
	bytes   int
}

type entry struct {
	value   []byte
	expires time.Time
}

// NewMemory returns a store that holds at most maxBytes, entries' own cost included. now is the clock; nil is time.Now.
func NewMemory(maxBytes int, now func() time.Time) *Memory {
	if now == nil {
		now = time.Now
	}
	m := &Memory{maxBytes: maxBytes, now: now}
	// The bound is in bytes and kept below, since tokens differ in length by a factor of ten; the list itself needs
	// none. NewLRU fails for a size of zero alone.
	m.entries, _ = simplelru.NewLRU(math.MaxInt, func(_ Key, e entry) { m.bytes -= e.size() })
	return m
}

func (e entry) size() int { return len(e.value) + entryOverhead }

// Load implements [Store].
func (m *Memory) Load(_ context.Context, key Key) ([]byte, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	kept, ok := m.entries.Get(key)
	if !ok {
		return nil, false, nil
	}
	if !m.now().Before(kept.expires) {
		m.entries.Remove(key)
		return nil, false, nil
	}
	return kept.value, true, nil
}

// Save implements [Store]. A value that is larger than the whole store is not kept.
func (m *Memory) Save(_ context.Context, key Key, value []byte, lifetime time.Duration) error {
	added := entry{value: bytes.Clone(value), expires: m.now().Add(lifetime)}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries.Remove(key) // for its size to be counted off
	if lifetime <= 0 || added.size() > m.maxBytes {
		return nil
	}
	m.sweep()
	for m.bytes+added.size() > m.maxBytes {
		m.entries.RemoveOldest()
	}
	m.entries.Add(key, added)
	m.bytes += added.size()
	return nil
}

// Delete implements [Store].
func (m *Memory) Delete(_ context.Context, key Key) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries.Remove(key)
	return nil
}

// Ready implements [Store]: this process's memory always is.
func (m *Memory) Ready(context.Context) error { return nil }

// Size returns how many entries are kept and how many bytes they cost.
func (m *Memory) Size() (entries, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.entries.Len(), m.bytes
}

// sweep removes expired entries from the end of the list where the least recently used are. An entry that nobody asked
// for during its whole lifetime arrives there expired, so that a day of renewed tokens doesn't add up, and no goroutine
// has to walk the whole store.
func (m *Memory) sweep() {
	now := m.now()
	for range sweepPerSave {
		if _, oldest, ok := m.entries.GetOldest(); !ok || now.Before(oldest.expires) {
			return
		}
		m.entries.RemoveOldest()
	}
}
