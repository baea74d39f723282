package e2e

import "github.com/chromedp/chromedp"

// unfold opens what is folded on the page.
func (w *window) unfold() {
	w.t.Helper()
	w.do(chromedp.Evaluate[chromedp.Void](`document.querySelectorAll("details").forEach(d => d.open = true)`))
}

// fits fails the test for each window, from a small phone to a big screen, into which the page doesn't fit without scrolling
// sideways. A page at 200 % is one in a window of half the pixels, each of them twice as big: 640 is 1280 at 200 %, and 320 the same
// at 400 % (WCAG 2.2, 1.4.10).
func (w *window) fits(page string) {
	w.t.Helper()
	for _, width := range []int64{320, 390, 580, 640, 768, 930, 1280, 1920, 2560} {
		w.do(chromedp.EmulateViewport(width, 800))
		over, err := chromedp.Run(w.tab, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
		if err != nil {
			w.t.Fatal(err)
		}
		if over > 0 {
			w.t.Errorf("%s is %d pixels wider than a window of %d: %s", page, over, width, w.widest())
		}
	}
}

// widest names the innermost element that is out of the window.
func (w *window) widest() string {
	found, err := chromedp.Run(w.tab, chromedp.Evaluate[string](`[...document.querySelectorAll("body *")].filter(e =>
		e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5).map(e => e.outerHTML.slice(0, 120)).at(-1) ?? "nothing"`))
	if err != nil {
		return err.Error()
	}
	return found
}

// prints fails the test where the page is wider than a sheet of A4 (210 mm, less the margins), or has its tables as cards there.
func (w *window) prints(page string) {
	w.t.Helper()
	w.do(chromedp.EmulateViewport(718, 1000), media("print", "prefers-color-scheme", "light"))
	wrong, err := chromedp.Run(w.tab, chromedp.Evaluate[bool](`document.documentElement.scrollWidth > document.documentElement.clientWidth ||
		[...document.querySelectorAll("table")].some(t => getComputedStyle(t).display !== "table")`))
	if err != nil {
		w.t.Fatal(err)
	}
	if wrong {
		w.t.Errorf("%s: printing has not the wide layout, or is cut off: %s", page, w.widest())
	}
	w.do(media("", "prefers-color-scheme", "light"))
}
