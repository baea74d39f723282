package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"time"
)

// process is one of the processes that the bench started.
type process struct {
	announcement
	name    string
	command *exec.Cmd
	input   io.Closer // closing it ends the process
}

// startProcess starts this program again in a role, and returns once it serves.
func startProcess(ctx context.Context, name string, settings map[string]string) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{name: name, command: exec.CommandContext(ctx, program)}
	p.command.Env = append(os.Environ(), roleVariable+"="+name)
	p.command.Stderr = os.Stderr
	input, err := p.command.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.input = input
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	if err := json.NewEncoder(input).Encode(settings); err != nil {
		p.stop()
		return nil, fmt.Errorf("telling %s its settings: %w", name, err)
	}
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &p.announcement)
	}
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("starting %s: it ended before it served", name)
	}
	return p, nil
}

// stop ends the process, by asking and after a while without.
func (p *process) stop() {
	_ = p.input.Close()
	late := time.AfterFunc(10*time.Second, func() { _ = p.command.Process.Kill() })
	defer late.Stop()
	_ = p.command.Wait()
}

// reading asks the process about itself.
func (p *process) reading(ctx context.Context) (found reading, err error) {
	return found, p.ask(ctx, "/reading", &found)
}

// settled is reading after a garbage collection.
func (p *process) settled(ctx context.Context) (found reading, err error) {
	return found, p.ask(ctx, "/reading?gc", &found)
}

// ask gets JSON from the process's gauge.
func (p *process) ask(ctx context.Context, path string, into any) error {
	content, err := p.get(ctx, path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("reading what %s says at %s: %w", p.name, path, err)
	}
	return nil
}

func (p *process) get(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.Gauge+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking %s: %w", p.name, err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the answer is %s: %s", response.Status, content)
	}
	if err != nil {
		return nil, fmt.Errorf("asking %s for %s: %w", p.name, path, err)
	}
	return content, nil
}
