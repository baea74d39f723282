package devtenant

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// TestTheBoardIsBounded: what it remembers is of switches that there are, and short.
func TestTheBoardIsBounded(t *testing.T) {
	t.Parallel()
	tenant := Start(t)
	long := strings.Repeat("x", 100_000)
	for _, name := range []string{"mfa", "none", "none-either"} {
		request := httptest.NewRequestWithContext(t.Context(), "POST", "/switches/"+name, strings.NewReader("off=1&user="+long))
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		request.SetPathValue("name", name)
		tenant.throwSwitch(httptest.NewRecorder(), request)
	}
	if got := tenant.board.chosen; len(got) > 1 || len(got["mfa"]) > 1000 {
		t.Errorf("the board remembers %d names", len(got))
	}
}
