package app

import (
	"context"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/mcp"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
)

// mcpProfile has Microsoft Graph say to an agent who its user is. Without API_GRAPH_URL it is nil, and no such tool is offered.
func (a *App) mcpProfile() func(context.Context, bearer.Caller) (mcp.Profile, error) {
	if a.cfg.GraphURL == nil {
		return nil
	}
	profile := a.newProfile()
	return func(ctx context.Context, caller bearer.Caller) (mcp.Profile, error) {
		me, err := profile.forUser(ctx, caller)
		return mcp.Profile{DisplayName: me.DisplayName, Username: me.UserPrincipalName, JobTitle: me.JobTitle}, err
	}
}
