package graph_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/graph"
)

// TestLag: each kind of call misses a new object as often as it should, and then no more.
func TestLag(t *testing.T) {
	t.Parallel()
	now := time.Now()
	n := newTenant(t, func(o *graph.Options) {
		o.Lag, o.Now = graph.Lag{Misses: 2, Window: time.Minute}, func() time.Time { return now }
	})
	id, appID := n.created("/applications", `{"displayName":"first","tags":["mine"]}`)
	calls := []struct {
		method, path, body string
		miss, hit          int
	}{
		{"GET", "/applications/" + id, "", 404, 200},
		{"PATCH", "/applications/" + id, `{}`, 404, 204},
		{"POST", "/applications/" + id + "/addPassword", `{}`, 404, 200},
		{"POST", "/servicePrincipals", `{"appId":"` + appID + `"}`, 400, 201},
	}
	for _, call := range calls {
		for range 2 {
			if a := n.call(call.method, call.path, call.body); a.status != call.miss {
				t.Errorf("%s %s: %d, want %d", call.method, call.path, a.status, call.miss)
			}
		}
		if a := n.call(call.method, call.path, call.body); a.status != call.hit {
			t.Errorf("%s %s: %d, want %d\n%s", call.method, call.path, a.status, call.hit, a.raw)
		}
	}
	for i, want := range []int{0, 0, 1} {
		list, _ := n.call("GET", "/applications?$filter=tags/any(t:t%20eq%20'mine')", "").body["value"].([]any)
		if len(list) != want {
			t.Errorf("search %d finds %d", i+1, len(list))
		}
	}
	other, _ := n.created("/applications", `{"displayName":"second"}`)
	now = now.Add(time.Minute)
	n.want(200, "", "GET", "/applications/"+other, "")
}

func TestIntercept(t *testing.T) {
	t.Parallel()
	n := newTenant(t, func(o *graph.Options) {
		o.Intercept = func(w http.ResponseWriter, r *http.Request) bool {
			switch {
			case r.URL.Path == "/me":
				graph.Throttle(w, r, 10*time.Second)
			case r.URL.Path == "/organization":
				graph.Fail(w, r, http.StatusServiceUnavailable, "ServiceNotAvailable", "Try later.")
			default:
				return false
			}
			return true
		}
	})
	if a := n.want(429, "TooManyRequests", "GET", "/me", ""); a.header.Get("Retry-After") != "10" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
	n.want(503, "ServiceNotAvailable", "GET", "/organization", "")
	n.want(200, "", "GET", "/applications", "")
}

func TestOptions(t *testing.T) {
	t.Parallel()
	if _, err := graph.New(graph.Options{}); err == nil {
		t.Error("a handler without a directory was made")
	}
}
