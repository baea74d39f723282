package explain

import (
	"testing"
	"time"
)

// TestHopsOfTheOrders: the page with the orders tells of the orders API, and what it took.
func TestHopsOfTheOrders(t *testing.T) {
	t.Parallel()
	hops := newHops(&figures{
		about:  subjectOf("/orders"),
		answer: &explanation{Steps: []step{{Name: "exchange", Milliseconds: 7}, {Name: "orders", Milliseconds: 3}}},
	}, time.Now())
	if got := hops[3]; got.To != "Orders" || got.Took != "3.0 ms" || got.File != "api/app/orders.go" {
		t.Errorf("hop 4 is %+v", got)
	}
	if got := hops[1].File; got != "webui/app/orders.go" {
		t.Errorf("hop 2 is in %s", got)
	}
}
