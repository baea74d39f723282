package repository

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestActionsArePinned: a tag can be moved to other code by whoever owns it, a commit can't.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(filepath.Join(root(t), ".github", "workflows"))
	if err != nil || len(files) < 2 {
		t.Fatalf("%d workflows, %v", len(files), err)
	}
	pinned := regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, file := range files {
		content := read(t, filepath.Join(".github", "workflows", file.Name()))
		for _, uses := range regexp.MustCompile(`(?m)uses: (.+)$`).FindAllStringSubmatch(content, -1) {
			if !pinned.MatchString(uses[1]) {
				t.Errorf("%s uses %s; it should be a commit with its version in a comment", file.Name(), uses[1])
			}
		}
		if !strings.Contains(content, "\npermissions:\n  contents: read\n") {
			t.Errorf("%s doesn't say that it may only read", file.Name())
		}
	}
}

// TestTheDevContainerHasGosVersion, and the ports that quickstart serves.
func TestTheDevContainerHasGosVersion(t *testing.T) {
	t.Parallel()
	var container struct {
		Image        string
		ForwardPorts []int
	}
	if err := json.Unmarshal([]byte(read(t, ".devcontainer/devcontainer.json")), &container); err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))
	if !strings.HasPrefix(container.Image, "mcr.microsoft.com/devcontainers/go:"+version[1]+"-") {
		t.Errorf("the image is %s, and go.mod says %s", container.Image, version[1])
	}
	if len(container.ForwardPorts) != 2 || container.ForwardPorts[0] != 8000 || container.ForwardPorts[1] != 8002 {
		t.Errorf("ports are %v", container.ForwardPorts)
	}
}
