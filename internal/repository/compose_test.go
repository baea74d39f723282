package repository

import (
	"regexp"
	"strings"
	"testing"
)

// TestComposeHandsOverTheSettings: a setting that docker-compose.yml doesn't name for a tier never reaches it, whatever stands in
// development.env, and nobody says so. A name of the other tier's would hand over its secret.
func TestComposeHandsOverTheSettings(t *testing.T) {
	t.Parallel()
	compose := read(t, "docker-compose.yml")
	names := regexp.MustCompile(`(?m)^ +([A-Z][A-Z0-9_]+):`)
	for tier, anchor := range map[string]string{"web UI": "&webui-settings", "API": "&api-settings"} {
		_, block, found := strings.Cut(compose, "environment: "+anchor+"\n")
		block, _, ended := strings.Cut(block, "\n\n")
		if !found || !ended {
			t.Fatalf("docker-compose.yml has no settings %s", anchor)
		}
		handed := map[string]bool{}
		for _, match := range names.FindAllStringSubmatch(block, -1) {
			handed[match[1]] = true
		}
		for name, who := range settingsInCode(t) {
			reads := who == tier || who == "both"
			if strings.HasSuffix(name, "_ADDR") {
				reads = false // the image says where a tier listens, and a port of it is published
			}
			switch {
			case reads && !handed[name]:
				t.Errorf("docker-compose.yml doesn't hand %s to the %s", name, tier)
			case !reads && handed[name]:
				t.Errorf("docker-compose.yml hands %s to the %s, which has no use for it", name, tier)
			}
			delete(handed, name)
		}
		for name := range handed {
			t.Errorf("docker-compose.yml hands %s to the %s, and nothing reads it", name, tier)
		}
	}
}
