//go:build unix

package e2e

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
)

// build compiles both tiers as they are deployed and returns the folder that they are in.
func build(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	command := exec.CommandContext(t.Context(), "go", "build", "-o", dir, "./webui", "./api")
	command.Dir = filepath.Join("..", "..")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building the tiers: %v\n%s", err, out)
	}
	return dir
}

// process is a tier that runs as a program of its own.
type process struct {
	name, url string

	path     string
	settings []string // of the environment, NAME=value
	log      *processLog
	command  *exec.Cmd
	ended    chan error
}

// newProcess describes one process of a tier ("webui" or "api"), on a free port, with no settings but the tier's own.
func newProcess(t *testing.T, dir, tier string, settings map[string]string) *process {
	t.Helper()
	settings = maps.Clone(settings)
	address := redistest.FreeAddress(t)
	other := map[string]string{"webui": "API_", "api": "WEBUI_"}[tier]
	maps.DeleteFunc(settings, func(name, _ string) bool { return strings.HasPrefix(name, other) })
	settings[strings.ToUpper(tier)+"_ADDR"] = address
	p := &process{name: tier + " at " + address, url: "http://" + address, path: filepath.Join(dir, tier), log: &processLog{}}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		p.settings = append(p.settings, name+"="+settings[name])
	}
	t.Cleanup(p.kill)
	return p
}

// start returns when the process serves.
func (p *process) start(t *testing.T) {
	t.Helper()
	serving := p.log.await("msg=serving")
	p.command = exec.Command(p.path)
	p.command.Env, p.command.Dir = p.settings, os.TempDir()
	p.command.Stderr = p.log
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	command, ended := p.command, make(chan error, 1)
	p.ended = ended
	go func() { ended <- command.Wait() }()
	select {
	case <-serving:
	case err := <-ended:
		ended <- err
		t.Fatalf("%s ended at once: %v\n%s", p.name, err, p.log)
	case <-time.After(20 * time.Second):
		t.Fatalf("%s doesn't serve:\n%s", p.name, p.log)
	}
}

// kill ends the process as kill -9 does.
func (p *process) kill() {
	if p.command != nil {
		_ = p.command.Process.Kill()
		p.ended <- <-p.ended
	}
}

// terminate sends SIGTERM and doesn't wait.
func (p *process) terminate(t *testing.T) {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
}

// wait returns nil when the process has ended by itself with exit code 0.
func (p *process) wait(limit time.Duration) error {
	select {
	case err := <-p.ended:
		p.ended <- err
		return err
	case <-time.After(limit):
		return errors.New("it still runs")
	}
}

// processLog keeps what a process writes.
type processLog struct {
	mu      sync.Mutex
	content bytes.Buffer
	awaited string
	seen    chan struct{}
	since   int
}

// await returns a channel that is closed when the log says something that it hasn't said yet.
func (l *processLog) await(text string) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.awaited, l.seen, l.since = text, make(chan struct{}), l.content.Len()
	return l.seen
}

func (l *processLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.content.Write(p)
	if l.seen != nil && bytes.Contains(l.content.Bytes()[l.since:], []byte(l.awaited)) {
		close(l.seen)
		l.seen = nil
	}
	return n, err
}

func (l *processLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.content.String()
}

// await asks until the answer is yes; it fails the test after the limit.
func await(t *testing.T, limit time.Duration, what string, yes func() bool) time.Duration {
	t.Helper()
	started := time.Now()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		if time.Since(started) > limit {
			t.Fatalf("not within %s: %s", limit, what)
		}
		<-tick.C
	}
	return time.Since(started)
}
