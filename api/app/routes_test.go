package app

import (
	"net/http"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
)

// TestARouteHasARuleOrIsPublic: one whose rule was forgotten would be open to everybody.
func TestARouteHasARuleOrIsPublic(t *testing.T) {
	t.Parallel()
	rule := bearer.Scope("access_as_user", nil)
	for name, test := range map[string]struct {
		rule    bearer.Rule
		public  bool
		refused bool
	}{
		"a rule":  {rule: rule},
		"public":  {public: true},
		"neither": {refused: true},
		"both":    {rule: rule, public: true, refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if reason := recover(); (reason != nil) != test.refused {
					t.Errorf("panic: %v", reason)
				}
			}()
			handler := func(c *gin.Context) { c.Status(http.StatusNoContent) }
			(&App{}).register(gin.New(), []route{{method: http.MethodGet, path: "/", rule: test.rule, public: test.public, handler: handler}})
		})
	}
}
