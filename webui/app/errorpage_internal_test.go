package app

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

// TestTryAgain holds the button of each failure's page against the advice above it.
func TestTryAgain(t *testing.T) {
	t.Parallel()
	a := &App{}
	for _, row := range apperror.All() {
		t.Run(row.Code, func(t *testing.T) {
			c, _ := gin.CreateTestContext(httptest.NewRecorder())
			c.Request = httptest.NewRequest("GET", "/", nil)
			again, at := a.tryAgain(c, apperror.New(row.Code, nil))
			advice := strings.ToLower(row.User)
			wanted := (strings.Contains(advice, "try again") || strings.HasPrefix(advice, "reload")) && !offersSignIn(row)
			if again != wanted || at != "" {
				t.Errorf("the button is to try again: %v, at %q; the advice is %q", again, at, row.User)
			}
			if strings.HasPrefix(advice, "sign in again") && !offersSignIn(row) {
				t.Errorf("the advice is %q, and the button leads elsewhere", row.User)
			}
		})
	}
}
