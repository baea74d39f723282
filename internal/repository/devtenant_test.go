package repository

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// TestFieldCase39DevtenantsSettingsInProduction: whatever devtenant hands out and publishes is refused there, by name. Its
// session key is random and new at each start, and addresses are no secret.
func TestFieldCase39DevtenantsSettingsInProduction(t *testing.T) {
	t.Parallel()
	settings := devtenant.Start(t).Settings()
	harmless := regexp.MustCompile(`_UR[LI]$|^ENVIRONMENT$|^WEBUI_SESSION_KEY$|^API_REQUIRED_SCOPE$|_ADDR$`)
	for _, environment := range []string{"production", "development"} {
		settings["ENVIRONMENT"] = environment
		r := env.From(settings)
		for _, name := range slices.Sorted(maps.Keys(settings)) {
			r.TextOr(name, "")
			r.Secret(name) // asked twice, named once
		}
		text := ""
		if err := r.Err(); err != nil {
			text = err.Error()
		}
		for name, value := range settings {
			want := 1
			if environment == "development" || harmless.MatchString(name) {
				want = 0
			}
			if got := strings.Count(text, "\n  "+name+" is one of devtenant's"); got != want {
				t.Errorf("%s: %s is named %d times, want %d:\n%s", environment, name, got, want, text)
			}
			if strings.HasSuffix(name, "_SECRET") && strings.Contains(text, value) {
				t.Errorf("%s: the value of %s is shown", environment, name)
			}
		}
	}
}
