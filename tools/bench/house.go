package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// house is everything that the bench started.
type house struct {
	dir      string // its files: the tenant's certificate, the users' headers
	settings map[string]string
	tenant   *process
	api      *process
	webUI    *process
	bare     *process // forwards to Resource Manager
	plain    *process // an API as one would write it first
	twoBare  *process // forwards to bare
	wrk      string
	progress io.Writer
	started  time.Time
}

// startHouse starts the tenant, both tiers and the handlers that they are compared with.
func startHouse(ctx context.Context, o options, progress io.Writer) (*house, error) {
	h := &house{progress: progress, started: time.Now()}
	if err := h.start(ctx, o); err != nil {
		h.stop()
		return nil, err
	}
	return h, nil
}

func (h *house) start(ctx context.Context, o options) (err error) {
	if h.wrk, err = exec.LookPath("wrk"); err != nil {
		return errors.New("wrk, which makes the load, is not installed; Debian's package is wrk, Homebrew's formula too")
	}
	if h.dir, err = os.MkdirTemp("", "bench-"); err != nil {
		return err
	}
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	webUIAddr, apiAddr := ports[0], ports[1]
	authority := filepath.Join(h.dir, "devtenant-ca.pem")
	h.say("starting the tenant with %d users", o.users)
	h.tenant, err = startProcess(ctx, "devtenant", map[string]string{
		"USERS": fmt.Sprint(o.users), "WEBUI_URL": "http://" + webUIAddr, "API_URL": "http://" + apiAddr, "TRUSTED_CA_FILE": authority,
	})
	if err != nil {
		return err
	}
	if err := h.tenant.ask(ctx, "/settings", &h.settings); err != nil {
		return err
	}
	maps.Copy(h.settings, map[string]string{
		"ENVIRONMENT": "production", "TRUSTED_CA_FILE": authority, "WEBUI_ADDR": webUIAddr, "API_ADDR": apiAddr,
		"LOG_FORMAT": "json", "LOG_LEVEL": "info",
	})
	h.say("starting the API, the web UI and the bare handlers")
	if h.api, err = startProcess(ctx, "api", h.settings); err != nil {
		return err
	}
	if h.webUI, err = startProcess(ctx, "webui", h.settings); err != nil {
		return err
	}
	var tokenB string
	if err := h.tenant.ask(ctx, "/token-b", &tokenB); err != nil {
		return err
	}
	h.bare, err = startProcess(ctx, "bare", map[string]string{
		"TRUSTED_CA_FILE": authority, "TOKEN": tokenB, "TARGET": h.settings["API_RESOURCE_MANAGER_URL"] + "/subscriptions?api-version=2022-12-01",
	})
	if err != nil {
		return err
	}
	h.plain, err = startProcess(ctx, "plain", map[string]string{
		"TRUSTED_CA_FILE": authority, "TOKEN": tokenB, "AUTHORITY": h.settings["AUTHORITY"], "API_CLIENT_ID": h.settings["API_CLIENT_ID"],
		"API_RESOURCE_MANAGER_URL": h.settings["API_RESOURCE_MANAGER_URL"],
	})
	if err != nil {
		return err
	}
	h.twoBare, err = startProcess(ctx, "bare", map[string]string{"TOKEN": tokenB, "TARGET": h.bare.URL})
	return err
}

// stop ends all processes, the ones that call first, and removes the files.
func (h *house) stop() {
	for _, p := range []*process{h.twoBare, h.plain, h.bare, h.webUI, h.api, h.tenant} {
		if p != nil {
			p.stop()
		}
	}
	if h.dir != "" {
		_ = os.RemoveAll(h.dir)
	}
}

func (h *house) say(format string, values ...any) {
	fmt.Fprintf(h.progress, "%4.0fs  %s\n", time.Since(h.started).Seconds(), fmt.Sprintf(format, values...))
}

// freePorts finds addresses that nobody listens on. The web UI's has to be known before it starts: the tenant registers
// its redirect URI. They are below the ports that the system gives to whoever asks for any, who would take them meanwhile.
func freePorts(n int) (addresses []string, err error) {
	for range 50 {
		address := fmt.Sprintf("localhost:%d", 20_000+rand.N(12_000))
		listener, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		defer listener.Close() // all at the end, so that they differ
		if addresses = append(addresses, address); len(addresses) == n {
			return addresses, nil
		}
	}
	return nil, errors.New("there are no free ports between 20000 and 32000")
}

// headers makes a file with one value of a header for each user, a line each, and returns its name.
func (h *house) headers(ctx context.Context, path, prefix string) (string, error) {
	var values []string
	if err := h.tenant.ask(ctx, path, &values); err != nil {
		return "", err
	}
	file, err := os.CreateTemp(h.dir, "headers-")
	if err != nil {
		return "", err
	}
	for _, value := range values {
		fmt.Fprintln(file, prefix+value)
	}
	return file.Name(), file.Close()
}

// counts is how often the tenant was asked for what.
func (h *house) counts(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	content, err := h.tenant.get(ctx, "/counts")
	if err != nil {
		return nil, err
	}
	return counts, json.Unmarshal(content, &counts)
}
