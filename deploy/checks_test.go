package deploy

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"time"
)

// maxImage is in megabytes: a static binary of some 16, and a base image of 2.
const maxImage = 25

// checkContainers holds each container of ours against what docker-compose.yml says of it, as Docker has it and as the
// kernel has it.
func checkContainers(t *testing.T, s *stack) {
	for _, c := range s.containers(t) {
		tier := strings.TrimSuffix(c.service(), "-replica")
		t.Run(strings.TrimPrefix(c.Name, "/"), func(t *testing.T) {
			if !c.HostConfig.ReadonlyRootfs || c.HostConfig.Privileged || len(c.HostConfig.CapAdd) > 0 || !slices.Contains(c.HostConfig.CapDrop, "ALL") || !slices.Contains(c.HostConfig.SecurityOpt, "no-new-privileges:true") {
				t.Errorf("not locked down: %+v", c.HostConfig)
			}
			checkProcess(t, c)
			if !slices.Contains([]string{"api", "devtenant", "orders", "webui"}, tier) {
				return
			}
			if c.Config.User != "65532:65532" {
				t.Errorf("the user is %q", c.Config.User)
			}
			for _, name := range files(t, c.ID) {
				if slices.Contains([]string{"sh", "ash", "bash", "dash", "busybox", "toybox"}, path.Base(name)) {
					t.Errorf("there is a shell: %s", name)
				}
			}
			size := imageSize(t, c.Image)
			t.Logf("the image is %.1f MB", size)
			if size > maxImage {
				t.Errorf("the image is above %d MB", maxImage)
			}
		})
	}
}

// checkProcess looks at a container's first process from outside, since there is no shell inside to look with.
func checkProcess(t *testing.T, c container) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.State.Pid))
	if err != nil {
		t.Logf("its process can't be seen from here: %v", err)
		return
	}
	fields := map[string]string{}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		fields[name] = strings.Join(strings.Fields(value), " ")
	}
	for name, want := range map[string]string{"CapEff": "0000000000000000", "CapPrm": "0000000000000000", "CapBnd": "0000000000000000", "NoNewPrivs": "1", "Seccomp": "2"} {
		if fields[name] != want {
			t.Errorf("%s is %q, want %s", name, fields[name], want)
		}
	}
	if uid, _, _ := strings.Cut(fields["Uid"], " "); uid == "0" {
		t.Error("it runs as root")
	}
	mounts, err := os.ReadFile(fmt.Sprintf("/proc/%d/mounts", c.State.Pid))
	if err != nil {
		t.Logf("its mounts can't be seen from here: %v", err)
		return
	}
	for line := range strings.Lines(string(mounts)) {
		if mount := strings.Fields(line); mount[1] == "/" && !slices.Contains(strings.Split(mount[3], ","), "ro") {
			t.Errorf("the root file system can be written to: %s", line)
		}
	}
}

// checkSettings looks for the settings of one tier in the container of another.
func checkSettings(t *testing.T, containers []container) {
	foreign := map[string][]string{"webui": {"API_"}, "api": {"WEBUI_", "ORDERS_"}, "orders": {"API_", "WEBUI_"}, "devtenant": {"API_", "WEBUI_", "ORDERS_"}, "redis": {"API_", "WEBUI_"}, "balancer": {"API_", "WEBUI_"}}
	secrets := map[string]string{"webui": "api-for-development-only", "api": "web-ui-for-development-only"}
	for _, c := range containers {
		tier := strings.TrimSuffix(c.service(), "-replica")
		for _, setting := range c.Config.Env {
			name, value, _ := strings.Cut(setting, "=")
			for _, prefix := range foreign[tier] {
				if strings.HasPrefix(name, prefix) {
					t.Errorf("%s has %s", c.Name, name)
				}
			}
			if secret := secrets[tier]; secret != "" && strings.Contains(value, secret) {
				t.Errorf("%s has the other tier's secret in %s", c.Name, name)
			}
		}
	}
}

// checkLogs looks through all logs for what must not be there: tokens, which begin with eyJ, the base64 of {", codes in
// addresses, secrets, keys.
func checkLogs(t *testing.T, s *stack) {
	logs := s.run(t, "logs", "--no-color")
	for _, word := range []string{"eyJ", "?code=", "&code=", "for-development-only", "ZGV2dGVuYW50LW9ubHk6"} {
		if at := strings.Index(logs, word); at >= 0 {
			t.Errorf("the logs hold %q: …%s…", word, logs[max(0, at-200):min(len(logs), at+len(word))])
		}
	}
}

// checkStop stops all containers as `docker compose stop` does, with SIGTERM, and wants each to end by itself.
func checkStop(t *testing.T, s *stack) {
	begin := time.Now()
	s.run(t, "stop")
	t.Logf("stopped in %s", time.Since(begin).Round(time.Second/10))
	for _, c := range s.containers(t) {
		if c.State.ExitCode != 0 {
			t.Errorf("%s ended with %d", c.Name, c.State.ExitCode)
		}
	}
}

// published is what a container publishes, such as "8000/tcp 127.0.0.1:8000".
func published(c container) string {
	var all []string
	for port, bindings := range c.NetworkSettings.Ports {
		for _, binding := range bindings {
			all = append(all, port+" "+binding.HostIP+":"+binding.HostPort)
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// imageSize is in megabytes.
func imageSize(t *testing.T, image string) float64 {
	t.Helper()
	var bytes float64
	if _, err := fmt.Sscan(string(docker(t, "image", "inspect", "--format", "{{.Size}}", image)), &bytes); err != nil {
		t.Fatalf("reading the size of %s: %v", image, err)
	}
	return bytes / 1e6
}
