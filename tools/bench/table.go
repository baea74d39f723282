package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// printTable prints one line for each target and number of callers.
func printTable(out io.Writer, results []measured) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "target\tusers\tcallers\trequests/s\tp50 µs\tp99 µs\tCPU µs/request\tbehind it\tResource Manager's\tallocs/request\tkB/request\tof baseline\tby CPU\tp50 over baseline µs\tp99 of baseline\t")
	callers := 0
	for _, m := range results {
		if callers != 0 && m.callers != callers {
			fmt.Fprintln(w, strings.Repeat("\t", 15))
		}
		callers = m.callers
		fmt.Fprintf(w, "%s\t%d\t%d\t%.0f\t%d\t%d\t%d\t%d\t%d\t%.0f\t%.1f\t", m.name, m.users, m.callers, m.rate,
			m.p50.Microseconds(), m.p99.Microseconds(), m.cpu.Microseconds(), m.behind.Microseconds(), m.azure.Microseconds(), m.allocs, m.bytes/1e3)
		if m.ratio == 0 {
			fmt.Fprint(w, "\t\t\t\t\n")
			continue
		}
		fmt.Fprintf(w, "%.2f\t%.2f\t%d\t%.1f\t\n", m.ratio, m.cpuRatio, m.over.Microseconds(), m.p99Ratio)
	}
	return w.Flush()
}
