package entra

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// warmUpPause is between two attempts to reach the tenant, while it can't be reached.
const warmUpPause = time.Second

// WarmUp fetches metadata and keys ahead of the first request. It waits for limit at most; a tenant that can't be reached for
// longer is asked in the background until it answers. stop ends that, and returns when it has ended.
func (p *Provider) WarmUp(ctx context.Context, limit time.Duration, log *slog.Logger) (stop func()) {
	first, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := p.fetch(first)
	if err == nil {
		return func() {}
	}
	message := "the tenant can't be reached; not ready until it can"
	if _, mismatch := errors.AsType[*IssuerError](err); mismatch {
		message = "AUTHORITY is not the tenant's address; not ready until it is"
	}
	log.WarnContext(ctx, message, "error", err)
	background, end := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	group.Go(func() {
		for {
			select {
			case <-background.Done():
				return
			case <-time.After(warmUpPause):
			}
			if p.fetch(background) == nil {
				log.InfoContext(background, "the tenant can be reached; ready")
				return
			}
		}
	})
	return func() {
		end()
		group.Wait()
	}
}
