package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test's own program be the processes of the bench, too.
func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		if err := runRole(context.Background(), role); err != nil {
			os.Stderr.WriteString("bench: " + err.Error() + "\n")
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// TestShort runs the short form: it asserts no times, only that all of it runs, and the bounds of short.go.
func TestShort(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	if _, err := exec.LookPath("wrk"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("wrk, which makes the load, has to be there in CI")
		}
		t.Skip("wrk, which makes the load, is not installed")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	plot := t.TempDir() + "/plot.svg"
	var table, progress strings.Builder
	if err := run(ctx, []string{"-short", "-plot", plot}, &table, &progress); err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	t.Logf("\n%s\n%s", &table, &progress)
	for _, target := range []string{"forwarder", "plain", "api", "two forwarders", "webui"} {
		if !strings.Contains(table.String(), target) {
			t.Errorf("the table has no line of %s", target)
		}
	}
	if picture, err := os.ReadFile(plot); err != nil || !strings.HasPrefix(string(picture), "<svg") {
		t.Errorf("the plot: %v", err)
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for name, arguments := range map[string][]string{
		"a word":           {"everything"},
		"no callers":       {"-callers", "0"},
		"no number":        {"-callers", "many"},
		"one user":         {"-users", "1"},
		"half a second":    {"-duration", "500ms"},
		"not even a round": {"-rounds", "0"},
	} {
		if _, err := readOptions(arguments, &strings.Builder{}); err == nil {
			t.Errorf("%s: %q is taken", name, arguments)
		}
	}
}
