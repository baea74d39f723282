package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"text/tabwriter"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// printTable says where the tenant is and who is in it.
func printTable(w io.Writer, tenant *devtenant.Tenant, s settings) {
	fmt.Fprintf(w, "devtenant is for development only. It stands in for Microsoft Entra and Azure Resource Manager.\n\n")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "its page\t%s\n", tenant.BrowserURL())
	fmt.Fprintf(table, "authority\t%s\n", tenant.Authority())
	fmt.Fprintf(table, "Resource Manager\t%s\n", tenant.ResourceManagerURL())
	fmt.Fprintf(table, "Graph\t%s/v1.0\n", tenant.BackURL())
	fmt.Fprintf(table, "trusted authority\t%s\n", s.certificate)
	if s.writeEnv != "" {
		fmt.Fprintf(table, "settings\t%s\n", s.writeEnv)
	}
	fmt.Fprintln(table, "\t")
	tenants := tenant.Tenants()
	if !s.options.MultiTenant {
		tenants = tenants[:1]
	}
	for _, one := range tenants {
		for _, user := range one.Directory().Users() {
			fmt.Fprintf(table, "%s\t%s\n", user.MailNickname, user.Devtenant.Shows)
		}
	}
	_ = table.Flush()
	fmt.Fprintln(w, "\nCtrl-C stops it.")
}

// askHealth asks the tenant behind the front channel, for a container's health check.
func askHealth(ctx context.Context, addr string) error {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("-browser-addr %s: %w", addr, err)
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "localhost" // it listens everywhere; ask it here
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("asking for health: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking for health: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("asking for health: the answer was %s", response.Status)
	}
	return nil
}
