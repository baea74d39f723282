package app

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/clientcredentials"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
)

// application answers programs without a user.
type application struct {
	own           *clientcredentials.Client // tokens of the API itself
	subscriptions *subscriptions
}

func (a *App) applicationRoutes(s *subscriptions) ([]route, error) {
	program := bearer.ApplicationRole("Subscriptions.Read.All")
	own := &clientcredentials.Client{Credential: a.cfg.Credential, Authority: a.cfg.Authority, ClientID: a.cfg.ClientID, HTTP: a.identity}
	return []route{{http.MethodGet, "/application/subscriptions", program, (&application{own, s}).list}}, nil
}

// list answers GET /application/subscriptions: what this API may see itself. There is no user, and nobody's token is exchanged.
func (a *application) list(c *gin.Context) {
	found, err := a.subscriptions.fetch(c.Request.Context(), a.own.In(bearer.CallerOf(c).TenantID), func(int) {})
	if err != nil {
		a.subscriptions.fail(c, err)
		return
	}
	c.Data(http.StatusOK, "application/json; charset=utf-8", jsonbody.List(found))
}
