// Package chrome starts a headless Chromium, for the tests that look at pages as a person would and for the program that
// takes the screenshots.
package chrome

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// ErrMissing means that this machine has no Chromium or Chrome.
var ErrMissing = errors.New("no Chromium or Chrome found; install it, or set CHROME to its path")

// Start starts a browser with a new, empty profile. The context that it returns is one tab; further tabs come from
// [chromedp.NewContext] on it. stop closes the browser. Options are added to chromedp's default ones.
func Start(ctx context.Context, options ...chromedp.ExecAllocatorOption) (tab context.Context, stop context.CancelFunc, err error) {
	all := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
	)
	if path := os.Getenv("CHROME"); path != "" {
		all = append(all, chromedp.ExecPath(path))
	}
	if os.Geteuid() == 0 {
		all = append(all, chromedp.NoSandbox) // Chromium's sandbox refuses root, which CI's containers are
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(ctx, append(all, options...)...)
	tab, stopTab := chromedp.NewContext(allocator)
	stop = func() { stopTab(); stopAllocator() }
	err = chromedp.Do(tab)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		err = ErrMissing
	case err != nil:
		err = fmt.Errorf("starting the browser: %w", err)
	}
	if err != nil {
		stop()
		return nil, nil, err
	}
	return tab, stop, nil
}
