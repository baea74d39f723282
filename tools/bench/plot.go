package main

import (
	"bytes"
	"fmt"
	"html"
	"slices"
)

// The picture: one group of bars for each number of callers, requests a second, one user. The colours are told apart by
// people who see few of them (Okabe and Ito's palette), and each bar has its figure.
const (
	plotWidth, plotHeight     = 860, 414
	plotLeft, plotTop         = 70, 74
	plotRight, plotBottom     = 20, 50
	plotInnerW                = plotWidth - plotLeft - plotRight
	plotInnerH                = plotHeight - plotTop - plotBottom
	plotFont                  = `font-family="system-ui, sans-serif"`
	plotInk, plotGrid, plotBg = "#333333", "#dddddd", "#ffffff"
)

var plotSeries = []struct{ name, label, colour string }{
	{"forwarder", "forwarder", "#999999"},
	{"plain", "plain API", "#56b4e9"},
	{"api", "API", "#0072b2"},
	{"two forwarders", "two forwarding handlers in a row", "#cccccc"},
	{"webui", "web UI and API", "#e69f00"},
}

// drawPlot returns the picture as SVG.
func drawPlot(results []measured) []byte {
	var callers []int
	rates := map[string]measured{}
	highest := 1.0
	for _, m := range results {
		key := fmt.Sprint(m.name, m.callers)
		if _, drawn := rates[key]; drawn {
			continue // the first is the one with one user
		}
		rates[key] = m
		highest = max(highest, m.rate)
		if !slices.Contains(callers, m.callers) {
			callers = append(callers, m.callers)
		}
	}
	step := niceStep(highest)
	top := step * float64(int(highest/step)+1)
	y := func(rate float64) float64 { return plotTop + plotInnerH*(1-rate/top) }

	var svg bytes.Buffer
	fmt.Fprintf(&svg, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="Requests a second of the forwarders, the API and the web UI"><rect width="100%%" height="100%%" fill="%s"/>`+"\n", plotWidth, plotHeight, plotBg)
	for rate := 0.0; rate <= top; rate += step {
		fmt.Fprintf(&svg, `<path d="M%d %.1fH%d" stroke="%s"/><text x="%d" y="%.1f" text-anchor="end" font-size="12" %s fill="%s">%.0f</text>`+"\n",
			plotLeft, y(rate), plotWidth-plotRight, plotGrid, plotLeft-8, y(rate)+4, plotFont, plotInk, rate)
	}
	group := float64(plotInnerW) / float64(len(callers))
	bar := group * 0.84 / float64(len(plotSeries))
	for i, n := range callers {
		left := plotLeft + group*float64(i) + group*0.08
		for j, series := range plotSeries {
			m := rates[fmt.Sprint(series.name, n)]
			x := left + bar*float64(j)
			fmt.Fprintf(&svg, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`, x, y(m.rate), bar-3, y(0)-y(m.rate), series.colour)
			text := fmt.Sprintf("%.0f", m.rate)
			if m.ratio != 0 {
				text = fmt.Sprintf("%.0f %%", 100*m.ratio)
			}
			fmt.Fprintf(&svg, `<text x="%.1f" y="%.1f" text-anchor="middle" font-size="11" %s fill="%s">%s</text>`+"\n", x+(bar-3)/2, y(m.rate)-4, plotFont, plotInk, text)
		}
		fmt.Fprintf(&svg, `<text x="%.1f" y="%d" text-anchor="middle" font-size="13" %s fill="%s">%d %s</text>`+"\n",
			left+group*0.42, plotHeight-plotBottom+22, plotFont, plotInk, n, plural(n, "caller", "callers"))
	}
	x := plotLeft
	for _, series := range plotSeries {
		fmt.Fprintf(&svg, `<rect x="%d" y="20" width="14" height="14" fill="%s"/><text x="%d" y="32" font-size="13" %s fill="%s">%s</text>`+"\n",
			x, series.colour, x+20, plotFont, plotInk, html.EscapeString(series.label))
		x += 44 + 7*len(series.label)
	}
	fmt.Fprintf(&svg, `<text x="16" y="54" font-size="12" %s fill="%s">requests a second</text></svg>`+"\n", plotFont, plotInk)
	return svg.Bytes()
}

// niceStep is the distance of the grid's lines: 1, 2 or 5 with zeros, for four to ten lines.
func niceStep(highest float64) float64 {
	for step := 1.0; ; step *= 10 {
		for _, times := range []float64{1, 2, 5} {
			if highest/(step*times) <= 8 {
				return step * times
			}
		}
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
