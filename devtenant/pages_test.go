package devtenant_test

import (
	"context"
	"errors"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/chrome"
)

// No page scrolls sideways, from a small phone to a big screen, with everything on it unfolded. 640 is a window of 1280 at 200 %.
func TestNoPageScrollsSideways(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	answer(t, browser(tenant), authorizeURL(tenant, nil), "alice")
	postToken(t, tenant, exchange(tenant.AccessToken("carol"), nil))
	if err := tenant.Switch("arm-throttled", devtenant.For("alice")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	tab, stop, err := chrome.Start(ctx)
	if errors.Is(err, chrome.ErrMissing) {
		unavailable(t, err.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	for name, address := range map[string]string{
		"home": "/", "switches": "/switches", "requests": "/requests", "a code": "/error?code=50076", "device": "/devicelogin",
		"pick an account": strings.TrimPrefix(authorizeURL(tenant, nil), tenant.BrowserURL()),
		"an error":        strings.TrimPrefix(authorizeURL(tenant, map[string]string{"redirect_uri": "https://elsewhere.example/" + strings.Repeat("x", 200)}), tenant.BrowserURL()),
	} {
		open := `document.querySelectorAll("details").forEach(d => d.open = true); document.querySelectorAll("main").length === 1 && document.querySelectorAll("h1").length === 1`
		if err := chromedp.Do(tab, chromedp.Navigate(tenant.BrowserURL()+address)); err != nil {
			t.Fatal(err)
		}
		if whole, err := chromedp.Run(tab, chromedp.Evaluate[bool](open)); err != nil || !whole {
			t.Errorf("%s has one main part and one heading: %v, %v", name, whole, err)
		}
		for _, width := range []int64{320, 360, 480, 576, 640, 768, 992, 1280, 1920, 2560} {
			if err := chromedp.Do(tab, chromedp.EmulateViewport(width, 800)); err != nil {
				t.Fatal(err)
			}
			over, err := chromedp.Run(tab, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
			if err != nil || over > 0 {
				t.Errorf("%s is %d pixels wider than a window of %d: %v", name, over, width, err)
			}
		}
	}
}

// The borders of what one can press or type in stand out from every surface, 3:1 (WCAG 2.2, 1.4.11), light and dark.
func TestBorderContrast(t *testing.T) {
	t.Parallel()
	sheet, err := os.ReadFile("static/devtenant.css")
	if err != nil {
		t.Fatal(err)
	}
	color := regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`)
	light, dark, ok := strings.Cut(string(sheet), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("no dark colors")
	}
	for name, part := range map[string]string{"light": light, "dark": dark} {
		colors := map[string]float64{}
		for _, found := range color.FindAllStringSubmatch(part, -1) {
			colors[found[1]] = luminance(t, found[2])
		}
		for _, border := range []string{"control", "accent", "bad"} {
			for _, surface := range []string{"page", "surface", "sunken", "bad-surface"} {
				a, b := colors[border], colors[surface]
				if got := (max(a, b) + 0.05) / (min(a, b) + 0.05); got < 3 {
					t.Errorf("%s: --%s on --%s is %.2f:1", name, border, surface, got)
				}
			}
		}
	}
}

// luminance is the relative luminance of rrggbb (WCAG 2.2, glossary).
func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		value, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		channel := float64(value) / 255
		if channel <= 0.04045 {
			channel /= 12.92
		} else {
			channel = math.Pow((channel+0.055)/1.055, 2.4)
		}
		sum += weight * channel
	}
	return sum
}
