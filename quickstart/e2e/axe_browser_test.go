package e2e

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// axeSource is the script of axe-core (https://github.com/dequelabs/axe-core), of the version that testdata/axe names.
func axeSource(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/axe")); err != nil {
		t.Fatal(err)
	}
	install := exec.CommandContext(t.Context(), "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
	install.Dir = dir
	if output, err := install.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "true" {
			t.Skipf("npm could not install axe-core: %v\n%s", err, output)
		}
		t.Fatalf("npm could not install axe-core: %v\n%s", err, output)
	}
	source, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}

// runAxe tells each rule that an element breaks. The page's Content-Security-Policy doesn't concern a debugger's scripts. Axe asks
// nothing of frames, which here are hidden, and of the web UI.
const runAxe = `axe.run({iframes: false}).then(found => found.violations.flatMap(rule =>
	rule.nodes.map(node => ({Rule: rule.id, Help: rule.help, Element: node.target.join(" "), HTML: node.html, Why: node.failureSummary}))))`

type violation struct{ Rule, Help, Element, HTML, Why string }

// accessible fails the test for each rule of axe that the page breaks: narrow and wide, in light and in dark colours.
func (w *window) accessible(page, axe string) {
	w.t.Helper()
	if _, err := chromedp.Run(w.tab, chromedp.Evaluate[bool](axe+"\n; true")); err != nil {
		w.t.Fatalf("%s: loading axe: %v", page, err)
	}
	for _, width := range []int64{360, 1280} {
		for _, colours := range []string{"light", "dark"} {
			w.do(chromedp.EmulateViewport(width, 800), media("", "prefers-color-scheme", colours))
			raw, err := chromedp.Run(w.tab, chromedp.Evaluate[json.RawMessage](runAxe, chromedp.EvalAwaitPromise))
			if err != nil {
				w.t.Fatalf("%s: running axe: %v", page, err)
			}
			var found []violation
			if err := json.Unmarshal(raw, &found); err != nil {
				w.t.Fatalf("%s: reading what axe says: %v", page, err)
			}
			for _, v := range found {
				w.t.Errorf("%s, %s, %d pixels wide: %s (%s)\n%s\n%s\n%s", page, colours, width, v.Rule, v.Help, v.Element, v.HTML, strings.TrimSpace(v.Why))
			}
		}
	}
}

// media has the page shown for a medium ("" for the screen), with one feature of it.
func media(medium, feature, value string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: medium, Features: []*emulation.MediaFeature{{Name: feature, Value: value}},
		})
		return err
	})
}
