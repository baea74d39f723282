package session

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// maxUpdateTries bounds how often Update reads again because somebody else was faster.
const maxUpdateTries = 8

// load reads a record. One that doesn't open, because the key was changed or the backend's content was, counts as none.
func (s *Store) load(ctx context.Context, key string) (record Record, sealed []byte, left time.Duration, err error) {
	sealed, left, err = s.o.Backend.Get(ctx, key)
	if err != nil {
		return Record{}, nil, 0, fmt.Errorf("reading the session: %w", err)
	}
	plain, err := s.sealer.open(key, sealed)
	if err != nil {
		return Record{}, nil, 0, fmt.Errorf("reading the session: %w", ErrNotFound)
	}
	record, err = decodeRecord(plain)
	if err != nil || !s.o.Now().Before(record.ExpiresAt) {
		return Record{}, nil, 0, fmt.Errorf("reading the session: %w", ErrNotFound)
	}
	return record, sealed, left, nil
}

// Load returns the record of a session by its ID, or an error that wraps ErrNotFound.
func (s *Store) Load(ctx context.Context, id string) (Record, error) {
	record, _, _, err := s.load(ctx, id)
	return record, err
}

// Update changes the record of a session by its ID, and returns what it is then. change may be called more than once: for
// each time that somebody else has written since the record was read. Where the session has ended in the meantime, the
// error wraps ErrNotFound and nothing is brought back.
func (s *Store) Update(ctx context.Context, id string, change func(*Record)) (Record, error) {
	for range maxUpdateTries {
		record, sealed, _, err := s.load(ctx, id)
		if err != nil {
			return Record{}, err
		}
		change(&record)
		plain, err := record.encode()
		if err != nil {
			return Record{}, err
		}
		err = s.o.Backend.Replace(ctx, id, sealed, s.sealer.seal(id, plain))
		if errors.Is(err, ErrChanged) {
			continue
		}
		if err != nil {
			return Record{}, fmt.Errorf("changing the session: %w", err)
		}
		return record, nil
	}
	return Record{}, fmt.Errorf("changing the session: %w", ErrChanged)
}

// Lock makes sure that one process at a time renews the tokens of a session. See [Backend.Lock].
func (s *Store) Lock(ctx context.Context, id string, lifetime time.Duration) (unlock func(), err error) {
	unlock, err = s.o.Backend.Lock(ctx, "renew "+id, lifetime)
	if err != nil {
		return nil, fmt.Errorf("waiting for the session: %w", err)
	}
	return unlock, nil
}

// DeleteBySID ends all sessions that began in one session of Entra's, in one browser, and returns how many there were.
func (s *Store) DeleteBySID(ctx context.Context, sid string) (int, error) {
	deleted, err := s.o.Backend.DeleteGroup(ctx, groupOf(Record{SID: sid}))
	if err != nil {
		return 0, fmt.Errorf("ending the sessions of a sid: %w", err)
	}
	return deleted, nil
}

// groupOf returns the group of a record: a digest, since the sid itself stands in URLs and Entra's logs.
func groupOf(record Record) string {
	if record.SID == "" {
		return ""
	}
	return keyOf("sid " + record.SID)
}
