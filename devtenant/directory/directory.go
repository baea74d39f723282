package directory

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Directory is one tenant.
type Directory struct {
	mu          *sync.RWMutex
	peers       []*Directory // the other tenants, see Together
	now         func() time.Time
	tenantID    string
	displayName string
	domain      string
	sample      Sample
	content
}

// New is a tenant with nothing in it but Microsoft's own service principals, as a tenant is on its first day.
func New(tenantID, displayName, domain string) *Directory {
	d := &Directory{mu: &sync.RWMutex{}, now: time.Now, tenantID: tenantID, displayName: displayName, domain: domain, content: emptyContent()}
	for _, b := range builtIns() {
		d.servicePrincipals = append(d.servicePrincipals, &b)
	}
	return d
}

// TenantID is the tenant's GUID, the tid of its tokens.
func (d *Directory) TenantID() string { return d.tenantID }

// DisplayName is the organisation's name.
func (d *Directory) DisplayName() string { return d.displayName }

// Domain is the tenant's verified domain; it may stand in place of the tenant id in an authority.
func (d *Directory) Domain() string { return d.domain }

// SetClock makes the directory read the time from now, so that times in it follow a clock that a test moves.
func (d *Directory) SetClock(now func() time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.now = now
}

func newID() string { return uuid.NewString() }

// clone copies a value deeply, so that no caller holds what the mutex guards. JSON is slow and can't be got wrong:
// every field of the model is one of Graph's and has a tag.
func clone[T any](v T) T {
	var copied T
	raw, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(raw, &copied)
	}
	if err != nil {
		panic("directory: the model does not survive JSON: " + err.Error())
	}
	return copied
}

// find returns the first item that matches, and clones of it.
func find[T any](items []*T, match func(*T) bool) (*T, bool) {
	for _, item := range items {
		if match(item) {
			return item, true
		}
	}
	return nil, false
}

func cloneAll[T any](items []*T) []T {
	copies := make([]T, 0, len(items))
	for _, item := range items {
		copies = append(copies, clone(*item))
	}
	return copies
}
