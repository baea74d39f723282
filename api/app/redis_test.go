package app_test

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
)

const storeKey = "lJ0mcn1wQ0oG3Uq5r8cY9yqzq2mJ0m7xw0E5Wb1uVfE=" // random: the API takes no other in production

func withRedis(t *testing.T, issuer *tenant, url string) app.Config {
	t.Helper()
	settings := settingsFor(t, issuer)
	settings["REDIS_URL"], settings["API_STORE_KEY"] = url, storeKey
	return readConfig(t, settings)
}

func TestSettingsForRedis(t *testing.T) {
	t.Parallel()
	good := settingsFor(t, newTenant(t))
	maps.Copy(good, map[string]string{"REDIS_URL": "redis://:hunter2@localhost:6379/0", "API_STORE_KEY": storeKey})
	if _, err := app.ReadConfig(env.From(good)); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ setting, value string }{
		"not Redis":               {"REDIS_URL", "http://:hunter2@localhost:6379"},
		"no key":                  {"API_STORE_KEY", ""},
		"a key that is too short": {"API_STORE_KEY", "c2hvcnQ="},
	} {
		t.Run(name, func(t *testing.T) {
			settings := maps.Clone(good)
			settings[test.setting] = test.value
			_, err := app.ReadConfig(env.From(settings))
			if err == nil || !strings.Contains(err.Error(), "\n  "+test.setting+" ") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error is %v, want one about %s", err, test.setting)
			}
		})
	}
	delete(good, "REDIS_URL")
	delete(good, "API_STORE_KEY")
	if _, err := app.ReadConfig(env.From(good)); err != nil {
		t.Errorf("without Redis: %v", err)
	}
}

// TestReplicasExchangeOnce has one API exchange and another serve from that. What they share is sealed.
func TestReplicasExchangeOnce(t *testing.T) {
	t.Parallel()
	redis, issuer := redistest.Start(t), newTenant(t)
	cfg := withRedis(t, issuer, redis.URL)
	one, two := startConfigured(t, cfg, nil), startConfigured(t, cfg, nil)
	token := issuer.token(nil)
	one.get(t, "Bearer "+token).list(t)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() { []*api{one, two}[i%2].get(t, "Bearer "+token).list(t) })
	}
	group.Wait()
	if got := issuer.count("token"); got != 1 {
		t.Errorf("%d exchanges, want 1", got)
	}
	kept := redistest.Dump(t, redis.Client(t))
	if len(kept) == 0 {
		t.Error("there is nothing in Redis")
	}
	for key, values := range kept {
		if text := strings.Join(values, " "); strings.Contains(text, "eyJ") || strings.Contains(text, "expires_on") {
			t.Errorf("%s is not sealed", key)
		}
	}
}

func TestRedisGoesAndComesBack(t *testing.T) {
	t.Parallel()
	redis, issuer := redistest.Start(t), newTenant(t)
	api := startConfigured(t, withRedis(t, issuer, redis.URL), nil)
	token := issuer.token(nil)
	api.get(t, "Bearer "+token).list(t)

	redis.Kill()
	got := api.get(t, "Bearer "+token)
	if got.status != http.StatusServiceUnavailable || got.problem(t).Code != "store_unavailable" || got.header.Get("Retry-After") == "" {
		t.Errorf("without Redis: %d %s", got.status, got.body)
	}
	if ready, alive := status(t, api, "/readyz"), status(t, api, "/healthz"); ready != http.StatusServiceUnavailable || alive != http.StatusOK {
		t.Errorf("readyz is %d and healthz %d, want 503 and 200", ready, alive)
	}
	if got := issuer.count("token"); got != 1 {
		t.Errorf("%d exchanges: without a store each request would ask Entra", got)
	}
	if err := redis.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	waitFor(ctx, t, func() bool { return status(t, api, "/readyz") == http.StatusOK })
	api.get(t, "Bearer "+token).list(t)
	if got := issuer.count("token"); got != 2 {
		t.Errorf("%d exchanges, want a second one: Redis has forgotten the first", got)
	}
}

func TestRedisIsAwayAtTheStart(t *testing.T) {
	t.Parallel()
	redis, issuer := redistest.Start(t), newTenant(t)
	redis.Kill()
	api := startConfigured(t, withRedis(t, issuer, redis.URL), nil)
	if ready, alive := status(t, api, "/readyz"), status(t, api, "/healthz"); ready != http.StatusServiceUnavailable || alive != http.StatusOK {
		t.Errorf("readyz is %d and healthz %d, want 503 and 200", ready, alive)
	}
	if !strings.Contains(api.log.String(), "the store of exchanged tokens can't be reached") {
		t.Error("the log doesn't say why")
	}
	if err := redis.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	waitFor(ctx, t, func() bool { return status(t, api, "/readyz") == http.StatusOK })
	api.get(t, "Bearer "+issuer.token(nil)).list(t)
}
