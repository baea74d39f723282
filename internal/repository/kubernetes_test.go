package repository

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/joho/godotenv"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// TestTiersStartWithKubernetesSettings: as for Bicep. That the manifests are Kubernetes' is checked in a module of its own,
// deploy/kubernetes/validate, which .ci/run tests.
func TestTiersStartWithKubernetesSettings(t *testing.T) {
	t.Parallel()
	for tier, prefix := range map[string]string{"api": "API", "webui": "WEBUI"} {
		content := read(t, filepath.Join("deploy", "kubernetes", tier+".env"))
		manifest := read(t, filepath.Join("deploy", "kubernetes", tier+".yaml"))
		replaced := content
		for placeholder, value := range map[string]string{
			"ReplaceWithTenantID": "11111111-2222-3333-4444-555555555555", "ReplaceWithApiClientID": bicepValues["apiClientId"], "ReplaceWithWebUIClientID": bicepValues["webuiClientId"],
		} {
			replaced = strings.ReplaceAll(replaced, placeholder, value)
		}
		settings, err := godotenv.Unmarshal(replaced)
		if err != nil {
			t.Fatal(err)
		}
		port := regexp.MustCompile(`containerPort: (\d+)`).FindStringSubmatch(manifest)
		if port == nil || settings[prefix+"_ADDR"] != ":"+port[1] {
			t.Errorf("the %s listens on %s, and is asked on %v", tier, settings[prefix+"_ADDR"], port)
		}
		// A pod has the file that the setting names; here is one like it.
		if !strings.Contains(manifest, "mountPath: "+filepath.Dir(settings[prefix+"_CLIENT_ASSERTION_FILE"])) {
			t.Errorf("the %s has no volume for %s", tier, settings[prefix+"_CLIENT_ASSERTION_FILE"])
		}
		settings[prefix+"_CLIENT_ASSERTION_FILE"] = tokenFile(t)
		secrets := regexp.MustCompile(`secretKeyRef: \{name: \w+, key: ([A-Z_]+)\}`).FindAllStringSubmatch(manifest, -1)
		for _, secret := range secrets {
			settings[secret[1]] = map[string]string{
				"REDIS_URL": bicepValues["redis-url"], "API_STORE_KEY": bicepValues["store-key"], "WEBUI_SESSION_KEY": bicepValues["session-key"],
			}[secret[1]]
		}
		if len(secrets) != 2 {
			t.Errorf("the %s takes %d secrets, want 2", tier, len(secrets))
		}
		reader := env.From(settings)
		if err := readConfig[tier](reader); err != nil {
			t.Errorf("%s doesn't start: %v", tier, err)
		}
		for name := range settings {
			if !slices.Contains(reader.Names(), name) {
				t.Errorf("%s doesn't read %s", tier, name)
			}
		}
		// Untouched, it doesn't: whoever forgot to fill something in is told.
		untouched, err := godotenv.Unmarshal(content)
		if err != nil {
			t.Fatal(err)
		}
		if err := readConfig[tier](env.From(untouched)); err == nil || !strings.Contains(err.Error(), "AUTHORITY") || !strings.Contains(err.Error(), prefix+"_CLIENT_ID") {
			t.Errorf("%s with placeholders: %v", tier, err)
		}
		for _, path := range regexp.MustCompile(`httpGet: \{path: ([^,]+),`).FindAllStringSubmatch(manifest, -1) {
			if !answersRoute(t, tier, path[1]) {
				t.Errorf("the %s has no route %s", tier, path[1])
			}
		}
	}
}

func tokenFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("a.federated.token"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
