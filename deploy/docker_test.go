package deploy

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
)

// project is the Compose project of the checks: its containers, networks and volumes are theirs alone.
const project = "obo-check"

// stack is one set-up of docker-compose.yml.
type stack struct {
	compose []string // the Compose command, such as docker compose
	flags   []string // what stands before every command, such as --profile scale
	started time.Time
}

// start builds the images, runs the named services, all that belong to no profile where none is named, and waits until all
// are healthy. When the test ends everything is taken down.
func start(t *testing.T, compose string, flags []string, services ...string) *stack {
	t.Helper()
	s := &stack{compose: strings.Fields(compose), flags: flags, started: time.Now()}
	down := func() { s.run(t, "down", "--volumes", "--remove-orphans", "--timeout", "30") }
	down() // whatever an interrupted check left behind
	for _, port := range []string{"8000", "8002"} {
		listener, err := net.Listen("tcp", "127.0.0.1:"+port)
		if err != nil {
			t.Fatalf("the containers have to publish port %s, and another program listens there: %v", port, err)
		}
		_ = listener.Close()
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the containers' logs:\n%s", s.run(t, "logs", "--no-color", "--tail", "40"))
		}
		down()
	})
	s.build(t)
	begin := time.Now()
	s.run(t, append([]string{"up", "--detach"}, services...)...)
	s.awaitHealthy(t)
	t.Logf("%s up: healthy after %s", strings.Join(append(s.compose, s.flags...), " "), time.Since(begin).Round(time.Second/10))
	return s
}

// build builds the images, with the base images that CHECK_BUILD_ARGS names in place of the Dockerfile's.
func (s *stack) build(t *testing.T) {
	t.Helper()
	build := []string{"build"}
	for _, argument := range strings.Fields(os.Getenv("CHECK_BUILD_ARGS")) {
		build = append(build, "--build-arg", argument)
	}
	t.Log("building the images, which takes minutes where nothing is cached")
	begin := time.Now()
	s.run(t, build...)
	t.Logf("built in %s", time.Since(begin).Round(time.Second))
}

// command is a Compose command on the project.
func (s *stack) command(arguments ...string) *exec.Cmd {
	command := exec.Command(s.compose[0], slices.Concat(s.compose[1:], s.flags, arguments)...)
	command.Dir = ".."
	command.Env = append(os.Environ(), "COMPOSE_PROJECT_NAME="+project)
	return command
}

// run runs a Compose command and returns its output.
func (s *stack) run(t *testing.T, arguments ...string) string {
	t.Helper()
	command := s.command(arguments...)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, lastLines(output, 40))
	}
	return string(output)
}

// docker runs a docker command and returns what it printed to standard output.
func docker(t *testing.T, arguments ...string) []byte {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "docker", arguments...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			output = exit.Stderr
		}
		t.Fatalf("docker %s: %v\n%s", strings.Join(arguments, " "), err, lastLines(output, 20))
	}
	return output
}

func lastLines(output []byte, n int) string {
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// container is what the checks want to know of docker inspect.
type container struct {
	ID    string
	Name  string
	Image string
	State struct {
		Status     string
		Pid        int
		ExitCode   int
		StartedAt  time.Time
		FinishedAt time.Time
		Health     *struct{ Status string }
	}
	Config struct {
		User   string
		Env    []string
		Labels map[string]string
	}
	HostConfig struct {
		ReadonlyRootfs bool
		CapAdd         []string
		CapDrop        []string
		SecurityOpt    []string
		Privileged     bool
	}
	NetworkSettings struct {
		Ports    map[string][]struct{ HostIP, HostPort string }
		Networks map[string]struct{}
	}
}

func (c container) service() string { return c.Config.Labels["com.docker.compose.service"] }

// containers lists the project's containers, stopped ones too, by name.
func (s *stack) containers(t *testing.T) []container {
	t.Helper()
	ids := strings.Fields(string(docker(t, "ps", "--all", "--quiet", "--filter", "label=com.docker.compose.project="+project)))
	if len(ids) == 0 {
		t.Fatal("there are no containers")
	}
	var list []container
	if err := json.Unmarshal(docker(t, append([]string{"inspect"}, ids...)...), &list); err != nil {
		t.Fatalf("reading docker inspect: %v", err)
	}
	slices.SortFunc(list, func(a, b container) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// of lists the containers of one service.
func (s *stack) of(t *testing.T, service string) []container {
	t.Helper()
	return slices.DeleteFunc(s.containers(t), func(c container) bool { return c.service() != service })
}

// services are the names of what runs, one for each container, sorted.
func (s *stack) services(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, c := range s.containers(t) {
		names = append(names, c.service())
	}
	slices.Sort(names)
	return names
}

// awaitHealthy waits until every container runs, and is healthy if it has a health check.
func (s *stack) awaitHealthy(t *testing.T) {
	t.Helper()
	var unhealthy []string
	ok := await(t, time.Minute, func() bool {
		unhealthy = nil
		for _, c := range s.containers(t) {
			if c.State.Status != "running" || c.State.Health != nil && c.State.Health.Status != "healthy" {
				unhealthy = append(unhealthy, c.Name)
			}
		}
		return len(unhealthy) == 0
	})
	if !ok {
		t.Fatalf("not healthy after a minute: %s\n%s", strings.Join(unhealthy, ", "), s.run(t, "logs", "--no-color", "--tail", "20"))
	}
}

// await asks every tenth of a second until the answer is yes, or the time is over.
func await(t *testing.T, limit time.Duration, yes func() bool) bool {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		if yes() {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
}

// event is a line of docker events.
type event struct {
	Action   string
	TimeNano int64 `json:"timeNano"`
	Actor    struct{ Attributes map[string]string }
}

// firsts tells for each service and action, such as "api start", when it first happened since the stack was started.
func (s *stack) firsts(t *testing.T) map[string]time.Time {
	t.Helper()
	now := time.Now()
	lines := docker(t, "events", "--since", fmt.Sprint(s.started.Unix()), "--until", fmt.Sprintf("%d.%09d", now.Unix(), now.Nanosecond()),
		"--format", "{{json .}}", "--filter", "label=com.docker.compose.project="+project)
	firsts := map[string]time.Time{}
	for line := range bytes.Lines(lines) {
		var e event
		if err := json.Unmarshal(line, &e); err != nil {
			t.Fatalf("reading docker events: %v", err)
		}
		key := e.Actor.Attributes["com.docker.compose.service"] + " " + e.Action
		if _, seen := firsts[key]; !seen {
			firsts[key] = time.Unix(0, e.TimeNano)
		}
	}
	return firsts
}

// files lists the names of all files in a container.
func files(t *testing.T, id string) []string {
	t.Helper()
	var names []string
	archive := tar.NewReader(bytes.NewReader(docker(t, "export", id)))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return names
		}
		if err != nil {
			t.Fatalf("reading docker export: %v", err)
		}
		if header.Typeflag != tar.TypeDir {
			names = append(names, path.Clean("/"+header.Name))
		}
	}
}
