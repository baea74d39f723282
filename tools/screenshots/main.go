// Command screenshots takes the pictures of README and docs/troubleshooting.md, and README's tour: it starts the sample, signs its users in with a
// headless Chromium, and writes what they see to docs/images.
//
//	go run ./tools/screenshots
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/chrome"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

func main() {
	dir := flag.String("dir", filepath.Join("docs", "images"), "where the pictures go")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	// The sample's own ports: they stand in the pictures.
	sample, err := stack.Start(ctx, stack.Options{Log: os.Stderr, Settings: map[string]string{"LOG_LEVEL": "error"}})
	if err != nil {
		return err
	}
	defer sample.Stop()
	for _, p := range pictures() {
		if err := take(ctx, sample, p, dir); err != nil {
			return fmt.Errorf("taking %s: %w", p.name, err)
		}
		sample.Tenant.ClearSwitches()
		fmt.Fprintln(os.Stderr, p.name)
	}
	if err := takeTour(ctx, sample, dir); err != nil {
		return fmt.Errorf("taking the tour: %w", err)
	}
	return nil
}

// take starts a browser of its own for each picture, so that none depends on what another left behind.
func take(ctx context.Context, sample *stack.Stack, p picture, dir string) error {
	options := []chromedp.ExecAllocatorOption{chromedp.Flag("hide-scrollbars", true)}
	if p.dark {
		options = append(options, chromedp.Flag("blink-settings", "preferredColorScheme=0"))
	}
	tab, stop, err := chrome.Start(ctx, options...)
	if err != nil {
		return err
	}
	defer stop()
	tab, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	if err := chromedp.Do(tab, chromedp.EmulateViewport(width, 800, chromedp.EmulateScale(1.5))); err != nil {
		return err
	}
	if err := p.walk(tab, sample); err != nil {
		return err
	}
	image, err := chromedp.Run(tab, chromedp.FullScreenshot(100))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, p.name+".png"), image, 0o644)
}
