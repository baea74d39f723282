package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/chrome"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// tour is what one sees on the way through the sample, a picture after each step.
func tour() []walkFunc {
	return []walkFunc{
		walk(start, see(signInButton)),
		walk(click(signInButton), see("#user-alice")),
		walk(click("#user-alice"), see("#subscriptions")),
		scrollTo("#how"),
		walk(start, click(signOutButton+" button"), see(signInButton), click(signInButton), click("#user-carol"), see("#second-factor")),
		walk(click("#approve"), see("#subscriptions"), throw("arm-throttled"), start, see("article.error")),
	}
}

// frameTime is how long a step is shown, in hundredths of a second.
const frameTime = 250

// takeTour writes the tour as one animated picture.
func takeTour(ctx context.Context, sample *stack.Stack, dir string) error {
	tab, stop, err := chrome.Start(ctx, chromedp.Flag("hide-scrollbars", true))
	if err != nil {
		return err
	}
	defer stop()
	tab, cancel := context.WithTimeout(tab, time.Minute)
	defer cancel()
	if err := chromedp.Do(tab, chromedp.EmulateViewport(width, 700)); err != nil {
		return err
	}
	var animation gif.GIF
	for i, step := range tour() {
		if err := step(tab, sample); err != nil {
			return fmt.Errorf("step %d: %w", i+1, err)
		}
		raw, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
		if err != nil {
			return err
		}
		shown, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			return err
		}
		animation.Image, animation.Delay = append(animation.Image, reduce(shown)), append(animation.Delay, frameTime)
	}
	var file bytes.Buffer
	if err := gif.EncodeAll(&file, &animation); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "tour.gif"), file.Bytes(), 0o644)
}

// reduce keeps the 256 colours that a picture has most of, which is what a GIF holds: pages have few, and shades of them at the edges
// of letters.
func reduce(shown image.Image) *image.Paletted {
	count, bounds := map[color.Color]int{}, shown.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[shown.At(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.Color) int { return cmp.Compare(count[b], count[a]) })
	reduced := image.NewPaletted(bounds, colours[:min(len(colours), 256)])
	draw.Draw(reduced, bounds, shown, bounds.Min, draw.Src)
	return reduced
}

// scrollTo brings what a selector finds to the top of the window.
func scrollTo(selector string) walkFunc {
	return func(ctx context.Context, _ *stack.Stack) error {
		return chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](fmt.Sprintf(`document.querySelector(%q).scrollIntoView({behavior: "instant"})`, selector)))
	}
}
