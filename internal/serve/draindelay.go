package serve

import (
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// productionDrainDelay gives a balancer time for a few checks of GET /readyz. With the 20 seconds of grace behind it, it stays
// below the 30 that Kubernetes and most platforms leave a program to end in.
const productionDrainDelay = 5 * time.Second

// readDrainDelay asks for DRAIN_DELAY, which is [Options.DrainDelay]. The default is none in development, where nobody
// wants to wait after Ctrl-C.
func readDrainDelay(r *env.Reader) time.Duration {
	if r.Development() {
		return r.Duration("DRAIN_DELAY", 0)
	}
	return r.Duration("DRAIN_DELAY", productionDrainDelay)
}
