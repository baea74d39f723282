package bearer_test

import (
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
)

// TestNoCallerWithoutRequire: a handler that was put on a route without Require works for nobody.
func TestNoCallerWithoutRequire(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a request that nobody has checked has a caller")
		}
	}()
	c, _ := gin.CreateTestContext(httptest.NewRecorder())
	bearer.CallerOf(c)
}
