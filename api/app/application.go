package app

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/clientcredentials"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
)

// application answers programs without a user.
type application struct {
	own           *clientcredentials.Client // tokens of the API itself
	subscriptions *subscriptions
}

func (a *App) applicationRoutes(s *subscriptions) []route {
	program := applicationRole("Subscriptions.Read.All")
	own := clientcredentials.NewClient(a.cfg.Credential, a.cfg.Authority, a.cfg.ClientID, a.identity)
	programs := &application{own, s}
	return []route{{method: http.MethodGet, path: "/application/subscriptions", rule: program, handler: programs.list}}
}

// list answers GET /application/subscriptions: what this API may see itself. There is no user, and nobody's token is exchanged.
func (a *application) list(c *gin.Context) {
	found, err := a.subscriptions.fetch(c.Request.Context(), a.own.In(bearer.CallerOf(c).TenantID), nil)
	if err != nil {
		a.subscriptions.fail(c, err)
		return
	}
	c.Data(http.StatusOK, "application/json; charset=utf-8", jsonbody.List(found))
}

// applicationRole lets in applications that act for themselves, without a user, and have an app role of this API. An administrator has
// assigned it to that very application, so that no list of clients is needed beside it. A user's token is refused whatever its roles
// are: those are the user's, and what the route shows is the API's own.
func applicationRole(name string) bearer.Rule {
	return func(c bearer.Caller) error {
		switch {
		case !c.Application:
			return &apperror.Error{Code: apperror.MissingRole, Check: "idtyp", Detail: "The token is a user's, and this route is for applications."}
		case !slices.Contains(c.Roles, name):
			return &apperror.Error{Code: apperror.MissingRole, Check: "roles"}
		}
		return nil
	}
}
