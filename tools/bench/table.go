package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// printTable prints one line for each target and number of callers.
func printTable(out io.Writer, results []measured) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "target\tusers\tcallers\trequests/s\tp50 µs\tp99 µs\tCPU µs/request\ttenant's\tallocs/request\tkB/request\theap MB\tresident MB\tof forwarder\tp50 over forwarder µs\tp99 of forwarder\t")
	callers := 0
	for _, m := range results {
		if callers != 0 && m.callers != callers {
			fmt.Fprintln(w, "\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t")
		}
		callers = m.callers
		fmt.Fprintf(w, "%s\t%d\t%d\t%.0f\t%d\t%d\t%d\t%d\t%.0f\t%.1f\t%.1f\t%.1f\t", m.name, m.users, m.callers, m.rate,
			m.p50.Microseconds(), m.p99.Microseconds(), m.cpu.Microseconds(), m.shared.Microseconds(), m.allocs, m.bytes/1e3, float64(m.heap)/1e6, float64(m.resident)/1e6)
		if m.name == "forwarder" || m.name == "two forwarders" {
			fmt.Fprint(w, "\t\t\t\n")
			continue
		}
		fmt.Fprintf(w, "%.0f %%\t%d\t%.1f\t\n", 100*m.ratio, m.over.Microseconds(), m.p99Ratio)
	}
	return w.Flush()
}
