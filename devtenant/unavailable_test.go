package devtenant_test

import (
	"os"
	"testing"
)

// unavailable skips a test for what this machine lacks. Where CI=true everything has to be there.
func unavailable(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}
