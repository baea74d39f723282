package devtenant

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// onlyOwnHosts refuses requests that were sent to a name that isn't the tenant's. A page of another site can make its own
// name resolve to this machine (DNS rebinding); it would be of the same origin as the tenant then, and could throw
// switches and pick users in a developer's browser. It can't make the browser send another Host.
func (t *Tenant) onlyOwnHosts(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !t.answersTo(r.Host) {
			http.Error(w, "This development tenant answers to localhost and to the names that it was given, and the request was sent to another. "+
				"-host-names adds one.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// answersTo says whether a host, with or without a port, is one of the tenant's: localhost under all its names, the hosts
// of its public addresses, and Options.HostNames. Ports don't count: they are often forwarded.
func (t *Tenant) answersTo(hostport string) bool {
	host := hostport
	if name, _, err := net.SplitHostPort(hostport); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	return slices.Contains(loopbackNames, host) ||
		slices.ContainsFunc(t.hostNames(), func(own string) bool { return strings.EqualFold(own, host) })
}

var loopbackNames = []string{"localhost", "127.0.0.1", "::1"}
