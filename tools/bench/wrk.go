package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

//go:embed wrk.lua
var wrkScript []byte

// target is an address under load, and who calls it.
type target struct {
	name     string
	users    int
	process  *process
	behind   *process // whom process calls before Resource Manager is called; nil for nobody
	baseline *target  // nil for a forwarder
	header   string   // its name
	values   string   // the file with its values, one for each user
}

// load is what wrk says of one run.
type load struct {
	Requests     int `json:"requests"`
	Microseconds int `json:"microseconds"`
	P50          int `json:"p50"` // microseconds
	P99          int `json:"p99"`
	Failed       int `json:"failed"`  // connections and time-outs
	Refused      int `json:"refused"` // answers with a status from 400 on
}

// callers puts load on a target: so many callers, each of which sends its next request when it has the last one's answer.
// An answer that is an error ends the bench, since errors are quick.
func (s *setup) callers(ctx context.Context, t target, callers int, duration time.Duration) (load, error) {
	script := filepath.Join(s.dir, "wrk.lua")
	if err := os.WriteFile(script, wrkScript, 0o600); err != nil {
		return load{}, err
	}
	seconds := strconv.Itoa(int(duration.Round(time.Second).Seconds())) + "s"
	// One thread makes some 50,000 requests a second, more than anything here answers, and leaves the cores to others.
	command := exec.CommandContext(ctx, s.wrk, "-t1", "-c"+strconv.Itoa(callers), "-d"+seconds, "--timeout", "10s",
		"-s", script, t.process.URL+path(t), "--", t.header, t.values)
	output, err := command.CombinedOutput()
	if err != nil {
		return load{}, fmt.Errorf("wrk: %w: %s", err, output)
	}
	_, line, found := bytes.Cut(output, []byte("RESULT "))
	var result load
	if !found || json.Unmarshal(line, &result) != nil {
		return load{}, errors.New("wrk said nothing of the result")
	}
	if result.Failed+result.Refused > 0 || result.Requests == 0 {
		return result, fmt.Errorf("%s: of %d requests %d failed and %d were refused", t.name, result.Requests, result.Failed, result.Refused)
	}
	return result, nil
}

func path(t target) string {
	if t.name == "api" || t.name == "plain" {
		return "/subscriptions"
	}
	return "/"
}
