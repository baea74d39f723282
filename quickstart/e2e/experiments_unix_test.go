//go:build unix

package e2e

import "testing"

// TestExperimentsOfReplicas: what alice asks of one web UI the other does as well.
func TestExperimentsOfReplicas(t *testing.T) {
	t.Parallel()
	s := startReplicas(t, 1)
	// The request for token B is known to the API that sent it, which isn't this page's.
	testExperiments(t, s.tenant, s.front.url, "token B came from the API’s cache")
}
