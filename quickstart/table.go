package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// printTable says what to open, whom to sign in as and what each shows.
func printTable(w io.Writer, s *stack.Stack) {
	fmt.Fprintf(w, "\nOpen %s and sign in. There are no passwords.\n\n", s.WebUI.URL)
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "SIGN IN AS\tAND SEE")
	for _, user := range s.Tenant.Directory().Users() {
		fmt.Fprintf(table, "%s\t%s\n", user.MailNickname, user.Devtenant.Shows)
	}
	table.Flush()
	fmt.Fprintf(w, "\n%s shows what the tenant was asked.\nThe API is at %s. Ctrl-C stops everything.\n\n", s.Tenant.BrowserURL(), s.API.URL)
}
