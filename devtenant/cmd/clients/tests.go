package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// test is a Go test, in a folder of this repository. Its name may go on to a subtest: TestLogin/by_secret.
type test struct {
	folder, name string
}

func (t test) pattern() string {
	name, _, _ := strings.Cut(t.name, "/")
	return "^" + regexp.QuoteMeta(name) + "$"
}

// outcome is how a test ended.
type outcome struct {
	action string // pass, fail or skip; "" if nothing was heard of it
	reason string // of a skipped one
}

// said is the outcome as the table has it.
func (o outcome) said() string {
	switch o.action {
	case "pass":
		return "passes"
	case "skip":
		return "not run: " + o.reason
	case "fail":
		return "FAILS"
	}
	return "FAILS: there is no such test"
}

type outcomes map[test]outcome

func (o outcomes) count() (failed, absent int) {
	for _, outcome := range o {
		switch outcome.action {
		case "pass":
		case "skip":
			absent++
		default:
			failed++
		}
	}
	return failed, absent
}

// event is one line of go test -json ("go doc test2json").
type event struct {
	Action, Package, Test, Output string
}

// runTests runs tests with one go command and tells of each as it ends.
func runTests(ctx context.Context, tests []test, progress io.Writer) (outcomes, error) {
	var patterns, folders []string
	for _, t := range tests {
		patterns, folders = append(patterns, t.pattern()), append(folders, "./"+t.folder)
	}
	slices.Sort(patterns)
	slices.Sort(folders)
	arguments := []string{"test", "-json", "-count=1", "-timeout=20m", "-run", strings.Join(slices.Compact(patterns), "|")}
	command := exec.CommandContext(ctx, "go", append(arguments, slices.Compact(folders)...)...)
	var complaints bytes.Buffer
	command.Stderr = &complaints
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("running go test: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("running go test: %w", err)
	}
	results, err := follow(output, tests, progress)
	ended := command.Wait()
	if exit := (*exec.ExitError)(nil); ended != nil && !errors.As(ended, &exit) {
		return nil, fmt.Errorf("running go test: %w", ended)
	}
	_, _ = progress.Write(complaints.Bytes())
	return results, err // failing tests are in the results
}

// follow reads what go test reports.
func follow(output io.Reader, tests []test, progress io.Writer) (outcomes, error) {
	results := outcomes{}
	for _, t := range tests {
		results[t] = outcome{}
	}
	said := map[string]*strings.Builder{} // by package and test
	lines := bufio.NewScanner(output)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("reading what go test reports: %w", err)
		}
		key := e.Package + " " + e.Test
		switch e.Action {
		case "output", "build-output":
			if said[key] == nil {
				said[key] = &strings.Builder{}
			}
			said[key].WriteString(e.Output)
		case "pass", "fail", "skip", "build-fail":
			text := ""
			if said[key] != nil {
				text = said[key].String()
			}
			delete(said, key)
			if e.Action == "fail" || e.Action == "build-fail" {
				fmt.Fprint(progress, text)
			}
			for _, t := range tests {
				if e.Test == t.name && strings.HasSuffix(e.Package, "/"+t.folder) {
					results[t] = outcome{action: e.Action, reason: skipReason(text)}
					fmt.Fprintf(progress, "%s %s: %s\n", t.folder, t.name, results[t].said())
				}
			}
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading what go test reports: %w", err)
	}
	return results, nil
}

var logLine = regexp.MustCompile(`(?m)^\s+\w+\.go:\d+: (.*)$`)

// skipReason is the last line that a skipped test logged.
func skipReason(text string) string {
	lines := logLine.FindAllStringSubmatch(text, -1)
	if len(lines) == 0 {
		return "it didn't say why"
	}
	return lines[len(lines)-1][1]
}
