package store

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// MemoryOptions bounds a [Memory]. Zero values get the defaults.
type MemoryOptions struct {
	MaxEntries int              // default 200,000
	MaxBytes   int64            // of all that the entries cost; default 1 GiB
	Now        func() time.Time // the clock; default time.Now
}

// Memory is a [Store] in this process's memory. Past its bounds it forgets what was used least recently: a user whose
// session is forgotten signs in again, without noticing where Entra still knows them.
type Memory struct {
	maxBytes int64
	now      func() time.Time
	locks    keyedLocks

	mu      sync.Mutex
	entries *simplelru.LRU[string, entry]
	index   map[string][]string
	bytes   int64
}

type entry struct {
	value   []byte
	expires time.Time
	indexes []string
}

// NewMemory returns an empty store.
func NewMemory(o MemoryOptions) *Memory {
	if o.MaxEntries <= 0 {
		o.MaxEntries = 200_000
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 1 << 30
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	m := &Memory{maxBytes: o.MaxBytes, now: o.Now, index: map[string][]string{}}
	m.entries, _ = simplelru.NewLRU(o.MaxEntries, m.forgotten) // fails for a size below one
	return m
}

// forgotten is called for each entry that leaves, whatever the reason, with the lock held.
func (m *Memory) forgotten(key string, e entry) {
	m.bytes -= size(key, e)
	for _, index := range e.indexes {
		keys := slices.DeleteFunc(m.index[index], func(other string) bool { return other == key })
		if len(keys) == 0 {
			delete(m.index, index)
			continue
		}
		m.index[index] = keys
	}
}

// What an entry costs besides key and value, in bytes: list element and slot of a map; and each index: another slot, and slices.
const entryOverhead, indexOverhead = 200, 120

// size is what an entry costs. The allocator rounds a value up, and cap tells to what.
func size(key string, e entry) int64 {
	cost := len(key) + cap(e.value) + entryOverhead
	for _, index := range e.indexes {
		cost += len(index) + indexOverhead
	}
	return int64(cost)
}

// Put implements [Store].
func (m *Memory) Put(_ context.Context, key string, value []byte, lifetime time.Duration, indexes ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(key, value, lifetime, indexes)
	return nil
}

func (m *Memory) add(key string, value []byte, lifetime time.Duration, indexes []string) {
	m.entries.Remove(key)
	m.sweep()
	if lifetime <= 0 {
		return
	}
	indexes = slices.DeleteFunc(slices.Clone(indexes), func(index string) bool { return index == "" })
	e := entry{value: slices.Clone(value), expires: m.now().Add(lifetime), indexes: indexes}
	if size(key, e) > m.maxBytes {
		return // it would drive out all others, and not fit either
	}
	m.bytes += size(key, e)
	m.entries.Add(key, e)
	for _, index := range indexes {
		m.index[index] = append(m.index[index], key)
	}
	m.shrink()
}

// Mark implements [Store].
func (m *Memory) Mark(_ context.Context, key string, lifetime time.Duration) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, err := m.live(key); err == nil {
		return false, nil
	}
	m.add(key, nil, lifetime, nil)
	return true, nil
}

// sweepPerPut is how many ended entries one new one removes. More than one, so that the ended are gone faster than
// entries come; few, so that no caller pays for all.
const sweepPerPut = 8

// sweep removes ended entries from the end of the list where the least recently used are. Nobody asks for a session again
// whose user has gone, and its tokens would stay until the bounds are reached.
func (m *Memory) sweep() {
	now := m.now()
	for range sweepPerPut {
		if _, oldest, ok := m.entries.GetOldest(); !ok || now.Before(oldest.expires) {
			return
		}
		m.entries.RemoveOldest()
	}
}

// shrink forgets what was used least recently until the rest fits.
func (m *Memory) shrink() {
	for m.bytes > m.maxBytes {
		m.entries.RemoveOldest()
	}
}

// Get implements [Store].
func (m *Memory) Get(_ context.Context, key string, extend time.Duration) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, err := m.live(key)
	if err != nil {
		return nil, err
	}
	if extend > 0 {
		e.expires = m.now().Add(extend)
		m.entries.Add(key, e)
	}
	return e.value, nil
}

// live returns an entry that has not expired.
func (m *Memory) live(key string) (entry, error) {
	e, ok := m.entries.Get(key)
	if !ok {
		return entry{}, ErrNotFound
	}
	if !m.now().Before(e.expires) {
		m.entries.Remove(key)
		return entry{}, ErrNotFound
	}
	return e, nil
}

// Replace implements [Store].
func (m *Memory) Replace(_ context.Context, key string, value []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, err := m.live(key)
	if err != nil {
		return err
	}
	changed := e
	changed.value = slices.Clone(value)
	if size(key, changed) > m.maxBytes {
		m.entries.Remove(key)
		return ErrNotFound
	}
	m.bytes += size(key, changed) - size(key, e)
	m.entries.Add(key, changed)
	m.shrink()
	return nil
}

// Delete implements [Store].
func (m *Memory) Delete(_ context.Context, keys ...string) (deleted int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, key := range keys {
		if _, err := m.live(key); err == nil {
			m.entries.Remove(key)
			deleted++
		}
	}
	return deleted, nil
}

// Indexed implements [Store].
func (m *Memory) Indexed(_ context.Context, index string) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	keys := slices.Clone(m.index[index])
	return slices.DeleteFunc(keys, func(key string) bool { // what has ended leaves with the next sweep
		e, _ := m.entries.Peek(key)
		return !m.now().Before(e.expires)
	}), nil
}

// Lock implements [Store].
func (m *Memory) Lock(ctx context.Context, key string) (func(), error) { return m.locks.lock(ctx, key) }

// Ping implements [Store]: this process's memory is never away.
func (m *Memory) Ping(context.Context) error { return nil }

// Usage returns how many entries there are, and how many bytes they cost.
func (m *Memory) Usage() (entries int, bytes int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.entries.Len(), m.bytes
}
