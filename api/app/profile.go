package app

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/downstream"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
)

// graphScope is what the API asks for. A scope without a resource in front is one of Microsoft Graph, of the authority's own cloud.
// It has a consent of its own: who has consented to Resource Manager alone gets AADSTS65001 here, and the subscriptions all the same.
const graphScope = "User.Read"

// profile tells users who they are, by Microsoft Graph.
type profile struct {
	service   *downstream.Service // nil where API_GRAPH_URL isn't set
	exchanger onbehalfof.Exchanger
	deadline  time.Duration
	fail      func(*gin.Context, error)
}

// user is what Graph's /me says, as far as it is handed on ("user resource type").
type user struct {
	DisplayName string `json:"displayName"`
	GivenName   string `json:"givenName"`
	JobTitle    string `json:"jobTitle"`
}

func (a *App) newProfile() (_ *profile, err error) {
	p := &profile{exchanger: a.exchanger, deadline: a.cfg.Limits.Profile, fail: a.fail}
	if a.cfg.GraphURL != nil {
		p.service, err = a.newService("graph", "graph", a.cfg.GraphURL, "client-request-id")
	}
	return p, err
}

// show answers GET /profile.
func (p *profile) show(c *gin.Context) {
	if p.service == nil {
		p.fail(c, apperror.New(apperror.NotConfigured, nil))
		return
	}
	ctx, cancel := context.WithTimeout(c.Request.Context(), p.deadline)
	defer cancel()
	credential := onbehalfof.NewCredential(p.exchanger, bearer.CallerOf(c)) // hop 3, with the same token A
	var me user
	err := p.service.Do(ctx, credential, downstream.Call{ // hop 4
		Method: http.MethodGet, Path: "v1.0/me", Scopes: []string{graphScope}, Into: &me,
	})
	if errors.Is(err, downstream.ErrTokenRefused) {
		credential.Forget(c.Request.Context())
	}
	if err != nil {
		p.fail(c, err)
		return
	}
	c.JSON(http.StatusOK, me)
}
