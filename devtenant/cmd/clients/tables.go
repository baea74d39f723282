package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// client is one row of the table of clients: a program or library, unmodified, and what it does.
type client struct {
	name, flow string
	test
}

// feature is one row of the table of parity: something that Entra, Graph or Resource Manager do.
type feature struct {
	what  string
	here  string // "yes", or what is missing
	alone bool   // other stand-ins that we know say that they don't do it
	shown []test
}

// testsOf are the tests behind both tables, each once.
func testsOf(clients []client, features []feature) []test {
	var tests []test
	seen := map[test]bool{}
	add := func(t test) {
		if !seen[t] {
			seen[t] = true
			tests = append(tests, t)
		}
	}
	for _, row := range clients {
		add(row.test)
	}
	for _, row := range features {
		for _, t := range row.shown {
			add(t)
		}
	}
	return tests
}

func printTable(w io.Writer, clients []client, results outcomes) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "client\tflow\tresult")
	for _, row := range clients {
		fmt.Fprintf(table, "%s\t%s\t%s\n", row.name, row.flow, results[row.test].said())
	}
	_ = table.Flush()
}

// The README's tables stand between these marks.
const (
	beginClients  = "<!-- clients:begin, written by go run ./devtenant/cmd/clients -update -->\n"
	endClients    = "<!-- clients:end -->"
	beginFeatures = "<!-- parity:begin, written by go run ./devtenant/cmd/clients -update -->\n"
	endFeatures   = "<!-- parity:end -->"
)

// withTables is the README with both tables as the results have them.
func withTables(readme string, clients []client, features []feature, results outcomes) (string, error) {
	var c, f strings.Builder
	fmt.Fprint(&c, "| client | flow | result | test |\n| --- | --- | --- | --- |\n")
	for _, row := range clients {
		fmt.Fprintf(&c, "| %s | %s | %s | %s |\n", row.name, row.flow, results[row.test].said(), row.test.cell())
	}
	fmt.Fprint(&f, "| | here | shown by |\n| --- | --- | --- |\n")
	for _, row := range features {
		mark := ""
		if row.alone {
			mark = " \\*"
		}
		var shown []string
		for _, t := range row.shown {
			if results[t].action != "pass" {
				return "", fmt.Errorf("%s, which shows %q, %s", t.name, row.what, results[t].said())
			}
			shown = append(shown, t.cell())
		}
		fmt.Fprintf(&f, "| %s%s | %s | %s |\n", row.what, mark, row.here, strings.Join(shown, ", "))
	}
	readme, err := replaceBetween(readme, beginClients, endClients, c.String())
	if err != nil {
		return "", err
	}
	return replaceBetween(readme, beginFeatures, endFeatures, f.String())
}

// cell is a test as the README names it.
func (t test) cell() string {
	folder := strings.TrimPrefix(strings.TrimPrefix(t.folder, "devtenant"), "/")
	if folder != "" {
		folder += ": "
	}
	return folder + "`" + t.name + "`"
}

func replaceBetween(text, begin, end, content string) (string, error) {
	before, rest, found := strings.Cut(text, begin)
	_, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		return "", errors.New(readme + " has no place for a table between " + strings.TrimSpace(begin) + " and " + end)
	}
	return before + begin + content + end + after, nil
}
