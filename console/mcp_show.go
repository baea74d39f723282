package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// showResult writes a tool's result, whichever tool it was: its values line by line, then each list in it as a table.
func showResult(w io.Writer, result json.RawMessage, asJSON bool) error {
	var members map[string]any
	if err := json.Unmarshal(result, &members); err != nil || members == nil {
		return errors.New("the tool's result has no structured content")
	}
	if asJSON {
		_, err := io.WriteString(w, visible(string(result))+"\n")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	var lists [][]any
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if list, ok := members[name].([]any); ok {
			lists = append(lists, list)
			continue
		}
		fmt.Fprintf(table, "%s\t%s\n", oneLine(name), value(members[name]))
	}
	for _, list := range lists {
		writeList(table, list)
	}
	return table.Flush()
}

// writeList writes a list's entries below the names that any of them has.
func writeList(table *tabwriter.Writer, list []any) {
	columns := map[string]bool{}
	for _, entry := range list {
		row, _ := entry.(map[string]any)
		for name := range row {
			columns[name] = true
		}
	}
	names := slices.Sorted(maps.Keys(columns))
	line := func(cell func(name string) string) {
		cells := make([]string, 0, len(names))
		for _, name := range names {
			cells = append(cells, cell(name))
		}
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	fmt.Fprintln(table) // the widths of what is above are no business of the list
	line(oneLine)
	for _, entry := range list {
		row, _ := entry.(map[string]any)
		line(func(name string) string { return value(row[name]) })
	}
}

// value is what a cell says. %q keeps texts from moving the terminal's cursor.
func value(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return fmt.Sprintf("%q", v)
	case float64, bool:
		return fmt.Sprint(v)
	}
	nested, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return oneLine(string(nested))
}
