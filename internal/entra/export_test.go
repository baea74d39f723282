package entra

import "context"

// Fetch fetches metadata and keys once, as [Provider.WarmUp] does again and again.
func (p *Provider) Fetch(ctx context.Context) error { return p.fetch(ctx) }
