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
	"slices"
	"time"
)

// setup is everything that the bench started.
type setup struct {
	dir           string // its files: certificates, the users' headers, the tiers' logs
	settings      map[string]string
	tenant        *process
	azure         *process // Resource Manager
	api           *process
	webUI         *process
	forwarder     *process // forwards to Resource Manager
	plain         *process // an API as one would write it first
	twoForwarders *process // forwards to forwarder
	wrk           string
	progress      io.Writer
	started       time.Time
}

// startSetup starts the tenant, both tiers and the handlers that they are compared with.
func startSetup(ctx context.Context, o options, progress io.Writer) (*setup, error) {
	s := &setup{progress: progress, started: time.Now()}
	if err := s.start(ctx, o); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

func (s *setup) start(ctx context.Context, o options) (err error) {
	if s.wrk, err = exec.LookPath("wrk"); err != nil {
		return errors.New("wrk, which makes the load, is not installed; Debian's package is wrk, Homebrew's formula too")
	}
	if s.dir, err = os.MkdirTemp("", "bench-"); err != nil {
		return err
	}
	ports, err := freePorts(2)
	if err != nil {
		return err
	}
	webUIAddr, apiAddr := ports[0], ports[1]
	authority := filepath.Join(s.dir, "devtenant-ca.pem")
	s.say("starting the tenant with %d users", o.users)
	s.tenant, err = startProcess(ctx, "devtenant", map[string]string{
		"USERS": fmt.Sprint(o.users), "WEBUI_URL": "http://" + webUIAddr, "API_URL": "http://" + apiAddr, "TRUSTED_CA_FILE": authority,
	})
	if err != nil {
		return err
	}
	if err := s.tenant.ask(ctx, "/settings", &s.settings); err != nil {
		return err
	}
	var tokenB string
	if err := s.tenant.ask(ctx, "/token-b", &tokenB); err != nil {
		return err
	}
	maps.Copy(s.settings, map[string]string{
		"ENVIRONMENT": "development", "TRUSTED_CA_FILE": authority, "WEBUI_ADDR": webUIAddr, "API_ADDR": apiAddr,
		"LOG_FORMAT": "json", "LOG_LEVEL": "info",
	})
	if err := s.startAzure(ctx, o, authority); err != nil {
		return err
	}
	s.say("starting the API, the web UI and the forwarders")
	s.say("API and web UI log into files in %s, level info, a line of JSON for each request; nobody else logs", s.dir)
	if s.api, err = startProcess(ctx, "api", s.withLog("api")); err != nil {
		return err
	}
	if s.webUI, err = startProcess(ctx, "webui", s.withLog("webui")); err != nil {
		return err
	}
	s.forwarder, err = startProcess(ctx, "forwarder", map[string]string{
		"TRUSTED_CA_FILE": authority, "TOKEN": tokenB, "TARGET": s.settings["API_RESOURCE_MANAGER_URL"] + subscriptionsPath,
	})
	if err != nil {
		return err
	}
	s.plain, err = startProcess(ctx, "plain", map[string]string{
		"TRUSTED_CA_FILE": authority, "TOKEN": tokenB, "AUTHORITY": s.settings["AUTHORITY"], "API_CLIENT_ID": s.settings["API_CLIENT_ID"],
		"API_RESOURCE_MANAGER_URL": s.settings["API_RESOURCE_MANAGER_URL"],
	})
	if err != nil {
		return err
	}
	s.twoForwarders, err = startProcess(ctx, "forwarder", map[string]string{"TOKEN": tokenB, "TARGET": s.forwarder.URL})
	return err
}

// startAzure starts Resource Manager, unless the tenant is it.
func (s *setup) startAzure(ctx context.Context, o options, authority string) (err error) {
	if o.devtenant {
		s.azure = s.tenant
		return nil
	}
	var answer string
	if err := s.tenant.ask(ctx, "/subscriptions", &answer); err != nil {
		return err
	}
	s.azure, err = startProcess(ctx, "resource manager", map[string]string{"ANSWER": answer, "TRUSTED_CA_FILE": authority})
	if err == nil {
		s.settings["API_RESOURCE_MANAGER_URL"] = s.azure.URL
	}
	return err
}

// withLog is the settings with a log file for one tier.
func (s *setup) withLog(tier string) map[string]string {
	settings := maps.Clone(s.settings)
	settings["LOG_FILE"] = s.logFile(tier)
	return settings
}

// emptyLogs keeps the logs of a long run from filling the disk.
func (s *setup) emptyLogs() {
	for _, tier := range []string{"api", "webui"} {
		_ = os.Truncate(s.logFile(tier), 0)
	}
}

func (s *setup) logFile(tier string) string { return filepath.Join(s.dir, tier+".log") }

// stop ends all processes, the ones that call first, and removes the files.
func (s *setup) stop() {
	all := []*process{s.twoForwarders, s.plain, s.forwarder, s.webUI, s.api, s.azure, s.tenant}
	for _, p := range slices.Compact(all) { // the tenant may be Resource Manager, too
		if p != nil {
			p.stop()
		}
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
}

func (s *setup) say(format string, values ...any) {
	fmt.Fprintf(s.progress, "%4.0fs  %s\n", time.Since(s.started).Seconds(), fmt.Sprintf(format, values...))
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
func (s *setup) headers(ctx context.Context, path, prefix string) (string, error) {
	var values []string
	if err := s.tenant.ask(ctx, path, &values); err != nil {
		return "", err
	}
	file, err := os.CreateTemp(s.dir, "headers-")
	if err != nil {
		return "", err
	}
	for _, value := range values {
		fmt.Fprintln(file, prefix+value)
	}
	return file.Name(), file.Close()
}

// counts is how often the tenant was asked for what.
func (s *setup) counts(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	content, err := s.tenant.get(ctx, "/counts")
	if err != nil {
		return nil, err
	}
	return counts, json.Unmarshal(content, &counts)
}
