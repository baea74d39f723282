package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/store"
)

// Session is a signed-in user's record as a request sees it.
type Session struct {
	Record

	store  *Store
	key    string
	cookie cookieContent
}

// End deletes the record, and the cookie where it was this session's: where the record is gone already, the browser may
// have another user's by now.
func (h *Session) End(ctx context.Context, w http.ResponseWriter) error {
	deleted, err := h.store.backend.Delete(ctx, h.key)
	if err != nil {
		return fmt.Errorf("ending the session: %w", err)
	}
	if deleted > 0 {
		h.store.Cookies.Forget(w, h.store.name)
	}
	return nil
}

// Update changes the record, one request at a time for each session. change gets the record as it is now, which another
// request may have changed since this one began. Where it changes nothing, nothing is written. Where the user has signed
// out in the meantime the result is [ErrGone], and nothing is written, either.
func (h *Session) Update(ctx context.Context, change func(*Record) error) error {
	unlock, err := h.store.backend.Lock(ctx, h.key)
	if err != nil {
		return fmt.Errorf("waiting for the session: %w", err)
	}
	defer unlock()
	sealed, err := h.store.backend.Get(ctx, h.key, 0)
	if errors.Is(err, store.ErrNotFound) {
		return ErrGone
	}
	if err != nil {
		return fmt.Errorf("loading the session: %w", err)
	}
	record, err := h.store.open(sealed, h.key)
	if err != nil {
		return ErrGone
	}
	before := record
	before.Cache = bytes.Clone(record.Cache)
	if err := change(&record); err != nil {
		return err
	}
	if !reflect.DeepEqual(before, record) {
		if err := h.write(ctx, record); err != nil {
			return err
		}
	}
	h.Record = record
	return nil
}

// saveTimeout bounds writing a record, beyond the time that its caller had.
const saveTimeout = time.Second

// write saves a record that still exists. What took long to get, as a renewed token from a slow Entra, is not thrown away
// because ctx ends meanwhile: the next request would have to get it again.
func (h *Session) write(ctx context.Context, record Record) error {
	plain, err := record.encode()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTimeout)
	defer cancel()
	err = h.store.backend.Replace(ctx, h.key, h.store.sealer.Seal(plain, h.key))
	if errors.Is(err, store.ErrNotFound) {
		return ErrGone
	}
	if err != nil {
		return fmt.Errorf("saving the session: %w", err)
	}
	return nil
}
