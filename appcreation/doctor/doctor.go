// Package doctor finds what is wrong with a tenant's applications and with development.env, and says for each how to
// mend it.
//
// Most findings are the changes that configure would make. What configure can't change is looked at here: whether the
// authority can be reached, whether the clock is right, and whether somebody consented.
package doctor

import (
	"fmt"
	"io"
	"strings"
)

// Finding is one thing that is wrong, or worth knowing.
type Finding struct {
	Code string // for machines and tests: "api-token-version"
	What string
	Fix  string // a command
	Note bool   // worth knowing, and not wrong
}

// Write writes findings as people read them.
func Write(w io.Writer, findings []Finding) error {
	var text strings.Builder
	for _, finding := range findings {
		mark := "x"
		if finding.Note {
			mark = "*"
		}
		fmt.Fprintf(&text, "  %s %s\n      %s\n", mark, finding.What, finding.Code)
		if finding.Fix != "" {
			fmt.Fprintf(&text, "      fix: %s\n", strings.ReplaceAll(finding.Fix, "\n", "\n           "))
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}
