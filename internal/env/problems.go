package env

import (
	"fmt"
	"strings"
)

// Problem is one setting that can't be used.
type Problem struct {
	Name string // the setting's name
	What string // completes "NAME …": what is wrong, and what the value should look like; never the value of a secret
}

// Problems is the error of a start that can't happen: everything that is wrong with the settings.
type Problems struct {
	File        string // the file that was read; empty if there was none
	Environment string // production or development
	List        []Problem
}

// Error lists the problems, one a line, below a heading that says where to mend them.
func (p *Problems) Error() string {
	var out strings.Builder
	where := "the environment (there is no " + p.Environment + ".env here)"
	if p.File != "" {
		where = p.File + " or the environment"
	}
	noun := "settings are"
	if len(p.List) == 1 {
		noun = "setting is"
	}
	fmt.Fprintf(&out, "%d %s to be mended, in %s:", len(p.List), noun, where)
	for _, problem := range p.List {
		fmt.Fprintf(&out, "\n  %s %s", problem.Name, problem.What)
	}
	return out.String()
}
