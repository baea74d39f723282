package devtenant

import (
	"net/http"
	"time"
)

// remoteRequest is a request as GET /requests has it.
type remoteRequest struct {
	At          time.Time         `json:"at"`
	Endpoint    string            `json:"endpoint"`
	Method      string            `json:"method"`
	Path        string            `json:"path"`
	ClientID    string            `json:"clientId,omitempty"`
	User        string            `json:"user,omitempty"`
	Status      int               `json:"status"`
	AADSTS      int               `json:"aadsts,omitempty"`
	Fault       string            `json:"fault,omitempty"`
	TraceID     string            `json:"traceId"`
	Traceparent string            `json:"traceparent,omitempty"`
	Parameters  map[string]string `json:"parameters"`
}

// showRequests is GET /requests: a page for people, JSON for programs. That is what the tenant was asked, last first, with
// nothing secret in it, and how often in all; ?endpoint= and ?trace= leave those of one.
func (t *Tenant) showRequests(w http.ResponseWriter, r *http.Request) {
	if acceptsHTML(r) {
		t.requestsPage(w, r)
		return
	}
	endpoint, trace := r.URL.Query().Get("endpoint"), plainTraceID(r.URL.Query().Get("trace"))
	found := []remoteRequest{}
	for _, request := range t.Requests() {
		if endpoint != "" && request.Endpoint != endpoint || trace != "" && request.TraceID != trace {
			continue
		}
		parameters := map[string]string{}
		for _, parameter := range request.Parameters {
			parameters[parameter.Name] = parameter.Value
		}
		found = append(found, remoteRequest{
			At: request.At, Endpoint: request.Endpoint, Method: request.Method, Path: request.Path, ClientID: request.ClientID, User: request.User,
			Status: request.Status, AADSTS: request.AADSTS, Fault: request.Fault, TraceID: request.TraceID, Traceparent: request.Traceparent, Parameters: parameters,
		})
	}
	count := len(found)
	if endpoint != "" && trace == "" {
		count = t.Count(endpoint)
	}
	writeJSON(w, http.StatusOK, map[string]any{"count": count, "requests": found})
}

// forgetRequests is DELETE /requests.
func (t *Tenant) forgetRequests(w http.ResponseWriter, _ *http.Request) {
	t.requests.clear()
	w.WriteHeader(http.StatusNoContent)
}

// resetAll is POST /reset.
func (t *Tenant) resetAll(w http.ResponseWriter, _ *http.Request) {
	t.Reset()
	w.WriteHeader(http.StatusNoContent)
}

// Reset puts all tenants back to how they started: users, applications, consents and roles, switches and faults, the clock, the
// list of requests. Its keys and its certificate stay, so whoever trusts it goes on trusting it; tokens stay good as long
// as their users are.
func (t *Tenant) Reset() {
	t.ClearSwitches()
	t.faults.Clear("")
	t.clock.moved.Store(0)
	for _, tenant := range t.tenants {
		tenant.restore()
	}
	webUI, api := t.sample.get()
	t.SetSampleURLs(webUI, api) // as a test or a flag said after the start
	t.requests.clear()
}
