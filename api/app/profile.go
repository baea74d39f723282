package app

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/downstream"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
)

// graphScope is what the API asks for. A scope without a resource in front is one of Microsoft Graph, of the authority's own cloud.
// It has a consent of its own: who has consented to Resource Manager alone gets AADSTS65001 here, and the subscriptions all the same.
const graphScope = "User.Read"

// profileTimeout bounds Graph's answer, retries included: a page waits for it.
const profileTimeout = 4 * time.Second

// profile tells users who they are, by Microsoft Graph.
type profile struct {
	graph *userService // off where API_GRAPH_URL isn't set
	fail  func(*gin.Context, error)
}

// user is what Graph's /me says, as far as it is handed on ("user resource type").
type user struct {
	DisplayName       string `json:"displayName"`
	GivenName         string `json:"givenName"`
	JobTitle          string `json:"jobTitle"`
	UserPrincipalName string `json:"userPrincipalName"` // what they sign in with; it may change owners, see [bearer.Caller]
}

func (a *App) profileRoutes(user bearer.Rule) []route {
	return []route{{method: http.MethodGet, path: "/profile", rule: user, handler: a.newProfile().show}}
}

func (a *App) newProfile() *profile {
	graph := downstream.Service{Name: "graph", Codes: "graph", BaseURL: a.cfg.GraphURL, RequestIDHeader: "client-request-id"}
	return &profile{a.newUserService(graph, profileTimeout), a.fail}
}

// show answers GET /profile.
func (p *profile) show(c *gin.Context) {
	me, err := p.forUser(c.Request.Context(), bearer.CallerOf(c))
	if err != nil {
		p.fail(c, err)
		return
	}
	c.JSON(http.StatusOK, me)
}

// forUser returns who a user is.
func (p *profile) forUser(ctx context.Context, caller bearer.Caller) (me user, err error) {
	err = p.graph.call(ctx, caller, downstream.Call{Method: http.MethodGet, Path: "v1.0/me", Scopes: []string{graphScope}, Into: &me})
	return me, err
}
