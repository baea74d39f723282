package devtenant

import (
	"slices"
	"testing"
)

// Each step is ticked by what it is about, by nothing else, and once for all.
func TestPath(t *testing.T) {
	t.Parallel()
	exchange := func(trace, user, fault string, status int) Request {
		return Request{TraceID: trace, Endpoint: "token:on_behalf_of", User: user, Fault: fault, Status: status}
	}
	list := func(trace, user string, status int) Request {
		return Request{TraceID: trace, Endpoint: "subscriptions", User: user, Status: status}
	}
	answered := func(decision string) Request {
		return Request{Endpoint: "consent", User: "dave", Status: 303, Parameters: []Parameter{{"decision", decision}}}
	}
	for name, test := range map[string]struct {
		asked []Request
		want  []string
	}{
		"alice's list":                     {[]Request{exchange("1", "alice", "", 200), list("1", "alice", 200)}, []string{"The four hops"}},
		"an exchange that is refused":      {[]Request{exchange("1", "alice", "", 400), list("1", "alice", 403)}, nil},
		"a reload":                         {[]Request{exchange("1", "alice", "", 200), list("2", "alice", 200)}, []string{"Once more"}},
		"two pages of a list":              {[]Request{exchange("1", "grace", "", 200), list("1", "grace", 200), list("1", "grace", 200)}, nil},
		"bob's list":                       {[]Request{exchange("1", "bob", "", 200), list("1", "bob", 200)}, []string{"An empty list"}},
		"dave accepts":                     {[]Request{answered("accept")}, []string{"Consent"}},
		"dave declines":                    {[]Request{answered("decline")}, nil},
		"carol's exchange is refused":      {[]Request{exchange("1", "carol", "", 400)}, nil},
		"carol's list":                     {[]Request{exchange("1", "carol", "", 200), list("1", "carol", 200)}, []string{"A second factor"}},
		"the switch":                       {[]Request{exchange("1", "alice", "expired-secret", 401)}, []string{"A secret that has expired"}},
		"another switch":                   {[]Request{exchange("1", "alice", "mfa", 401)}, nil},
		"a challenge":                      {[]Request{list("1", "alice", 401)}, []string{"Sessions that were revoked"}},
		"a token that can't be read":       {[]Request{list("1", "", 401)}, nil},
		"an application without a user":    {[]Request{list("1", "", 200)}, nil},
		"an exchange for somebody else":    {[]Request{exchange("1", "bob", "", 200), list("1", "alice", 200)}, []string{"Once more"}},
		"long after the last 200 requests": {append([]Request{answered("accept")}, make([]Request, 250)...), []string{"Consent"}},
	} {
		var log requestLog
		for _, request := range test.asked {
			log.add(request)
		}
		var got []string
		for _, step := range path() {
			if log.done[step.Title] {
				got = append(got, step.Title)
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	var log requestLog
	log.add(answered("accept"))
	log.clear()
	if log.done["Consent"] {
		t.Error("a tick outlived a reset")
	}
	for _, step := range path() {
		if _, ok := findSwitch(step.Switch); step.Switch != "" && !ok {
			t.Errorf("there is no switch %s", step.Switch)
		}
	}
}
