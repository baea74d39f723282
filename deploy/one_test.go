package deploy

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// composeCommands are those that check.sh found.
func composeCommands(t *testing.T) []string {
	t.Helper()
	commands := os.Getenv("CHECK_COMPOSE")
	if commands == "" {
		t.Skip("CHECK_COMPOSE names no Compose command: deploy/check.sh sets it, once a Docker engine runs")
	}
	return strings.Split(commands, ",")
}

// TestOneOfEach runs `docker compose up`: the development tenant, the orders API, the API and the web UI.
func TestOneOfEach(t *testing.T) {
	for _, compose := range composeCommands(t) {
		t.Run(path.Base(compose), func(t *testing.T) { oneOfEach(t, compose) })
	}
}

func oneOfEach(t *testing.T, compose string) {
	s := start(t, compose, nil)

	t.Run("four containers", func(t *testing.T) {
		if got, want := s.services(t), []string{"api", "devtenant", "orders", "webui"}; !slices.Equal(got, want) {
			t.Errorf("the services are %v, want %v", got, want)
		}
	})
	t.Run("health orders the start", func(t *testing.T) {
		firsts := s.firsts(t)
		for _, step := range []struct{ before, after string }{{"devtenant", "orders"}, {"orders", "api"}, {"devtenant", "webui"}, {"api", "webui"}} {
			healthy, ok := firsts[step.before+" health_status: healthy"]
			started := firsts[step.after+" start"]
			if !ok || started.Before(healthy) {
				t.Errorf("%s was healthy at %s, and %s started at %s", step.before, healthy, step.after, started)
			}
		}
	})
	t.Run("published ports", func(t *testing.T) {
		want := map[string]string{"webui": "8000/tcp 127.0.0.1:8000", "devtenant": "8002/tcp 127.0.0.1:8002"}
		for _, c := range s.containers(t) {
			if got := published(c); got != want[c.service()] {
				t.Errorf("%s publishes %q, want %q", c.service(), got, want[c.service()])
			}
		}
	})
	checkContainers(t, s)
	t.Run("each tier has its own settings alone", func(t *testing.T) { checkSettings(t, s.containers(t)) })
	t.Run("sign-in", func(t *testing.T) {
		for _, user := range []string{"alice", "bob", "dave", "grace"} {
			b := newBrowser(t, user)
			if err := b.signIn(t.Context()); err != nil {
				t.Error(err)
				continue
			}
			if err := b.visit(t.Context()); err != nil {
				t.Error(err)
			}
			if err := b.visitOrders(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("logs hold no secrets", func(t *testing.T) { checkLogs(t, s) })
	t.Run("stop", func(t *testing.T) { checkStop(t, s) })
}

// TestOwnTenant runs `docker compose -f docker-compose.yml --env-file …`, which is for a tenant of one's own, with the
// template's placeholders: what is in the file has to get to the containers, and nothing of the development tenant.
func TestOwnTenant(t *testing.T) {
	for _, compose := range composeCommands(t) {
		t.Run(path.Base(compose), func(t *testing.T) {
			s := &stack{compose: strings.Fields(compose), flags: []string{"-f", "docker-compose.yml", "--env-file", "production.env"}}
			config := s.run(t, "config")
			if !strings.Contains(config, "ReplaceWithTenantID") {
				t.Error("the file's AUTHORITY does not get to the containers")
			}
			for _, word := range []string{"for-development-only", "devtenant"} {
				if strings.Contains(config, word) {
					t.Errorf("the development tenant has a part in it: %q", word)
				}
			}
			s.build(t)
			output, err := s.command("run", "--rm", "-T", "--no-deps", "api").CombinedOutput()
			if err == nil {
				t.Fatal("the API starts with the template's placeholders")
			}
			for _, setting := range []string{"AUTHORITY", "API_CLIENT_ID", "API_CLIENT_SECRET", "API_ALLOWED_CLIENTS"} {
				if !strings.Contains(string(output), setting) {
					t.Errorf("the API does not say that %s is missing:\n%s", setting, output)
				}
			}
			s.run(t, "down", "--volumes")
		})
	}
}
