package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"text/tabwriter"
	"time"
)

// startUps is how often a program is started; the table shows the median and the longest.
const startUps = 9

// measureStartUp builds the tiers' own programs and measures, with the tenant up, how long each takes from its start to
// its first good answer at /readyz.
func measureStartUp(ctx context.Context, s *setup, out io.Writer) error {
	s.api.stop()
	s.webUI.stop() // their ports are free now
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "program\tMB\tMB as in its image\tready ms\tlongest ms\t")
	for _, tier := range []struct{ name, addr string }{{"api", s.settings["API_ADDR"]}, {"webui", s.settings["WEBUI_ADDR"]}} {
		full, err := s.build(ctx, tier.name, tier.name)
		if err != nil {
			return err
		}
		stripped, err := s.build(ctx, tier.name, tier.name+"-stripped", "-trimpath", "-tags=nomsgpack,grpcnotrace", "-ldflags=-s -w")
		if err != nil {
			return err
		}
		var took []time.Duration
		for range startUps {
			one, err := s.timeToReady(ctx, stripped.path, "http://"+tier.addr+"/readyz")
			if err != nil {
				return err
			}
			took = append(took, one)
		}
		slices.Sort(took)
		fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%d\t%d\t\n", tier.name, full.megabytes, stripped.megabytes, took[startUps/2].Milliseconds(), took[startUps-1].Milliseconds())
	}
	return w.Flush()
}

type built struct {
	path      string
	megabytes float64
}

// build builds one of the module's programs.
func (s *setup) build(ctx context.Context, folder, name string, flags ...string) (built, error) {
	s.say("building %s", name)
	path := filepath.Join(s.dir, name)
	info, ok := debug.ReadBuildInfo() // whoever clones the sample gives the module another name
	if !ok {
		return built{}, errors.New("this program doesn't know what module it was built from")
	}
	arguments := append(append([]string{"build", "-o", path}, flags...), info.Main.Path+"/"+folder)
	if output, err := exec.CommandContext(ctx, "go", arguments...).CombinedOutput(); err != nil {
		return built{}, fmt.Errorf("building %s: %w: %s", name, err, output)
	}
	file, err := os.Stat(path)
	if err != nil {
		return built{}, err
	}
	return built{path: path, megabytes: float64(file.Size()) / 1e6}, nil
}

// timeToReady starts a program, waits until it is ready, and ends it.
func (s *setup) timeToReady(ctx context.Context, program, ready string) (time.Duration, error) {
	command := exec.CommandContext(ctx, program)
	command.Dir = s.dir // without a settings file; all settings are in the environment
	command.Env = os.Environ()
	for name, value := range s.settings {
		command.Env = append(command.Env, name+"="+value)
	}
	started := time.Now()
	if err := command.Start(); err != nil {
		return 0, err
	}
	defer func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
	}()
	for deadline := started.Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, ready, nil)
		if err != nil {
			return 0, err
		}
		if response, err := http.DefaultClient.Do(request); err == nil {
			_ = response.Body.Close()
			if response.StatusCode == http.StatusOK {
				return time.Since(started), nil
			}
		}
	}
	return 0, fmt.Errorf("%s was not ready within ten seconds", filepath.Base(program))
}
