package plan

import (
	"fmt"
	"io"
	"strings"
)

// marks are what a step's line begins with.
var marks = map[Verb]string{Keep: "=", Create: "+", Change: "~", Restore: "~", Remove: "-"}

// Write writes the plan as people read it. It holds no secret: none is known before it is made.
func (p Plan) Write(w io.Writer) error {
	var text strings.Builder
	for _, step := range p.Steps {
		fmt.Fprintf(&text, "  %s %-9s  %s\n", marks[step.Verb], step.Verb, step.Target)
		for _, change := range step.Changes {
			fmt.Fprintf(&text, "                 %s\n", change.What)
		}
		if step.Remark != "" {
			fmt.Fprintf(&text, "                 (%s)\n", step.Remark)
		}
	}
	for _, note := range p.Notes {
		fmt.Fprintf(&text, "  * note       %s\n", note)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// Summary counts: "3 to create, 1 to change, 5 unchanged".
func (p Plan) Summary() string {
	count := map[Verb]int{}
	for _, step := range p.Steps {
		count[step.Verb]++
	}
	var parts []string
	for _, verb := range []Verb{Create, Restore, Change, Remove} {
		if count[verb] > 0 {
			parts = append(parts, fmt.Sprintf("%d to %s", count[verb], verb))
		}
	}
	if len(parts) == 0 {
		return "nothing to do"
	}
	if count[Keep] > 0 {
		parts = append(parts, fmt.Sprintf("%d unchanged", count[Keep]))
	}
	return strings.Join(parts, ", ")
}
