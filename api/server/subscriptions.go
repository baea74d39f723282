package server

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"
)

// subscriptions lists a user's Azure subscriptions.
type subscriptions struct {
	exchanger       *exchanger
	resourceManager *resourceManager
}

// subscriptionList is the answer. The subscriptions are as Resource Manager sent them, of all its pages.
type subscriptionList struct {
	Value []json.RawMessage `json:"value"`
	Count int               `json:"count"`
	Trail *trail            `json:"trail,omitempty"` // in development only
}

// list answers GET /subscriptions.
func (s *subscriptions) list(c *gin.Context) {
	ctx, user, trail := c.Request.Context(), callerOf(c), trailOf(c)
	credential := s.exchanger.onBehalfOf(user, trail)                         // hop 3
	found, err := s.resourceManager.listSubscriptions(ctx, credential, trail) // hop 4
	if errors.Is(err, errTokenRefused) {
		credential.forget(ctx)
	}
	if err != nil {
		asProblem(err).answer(c)
		return
	}
	c.JSON(http.StatusOK, subscriptionList{Value: found, Count: len(found), Trail: trail})
}
