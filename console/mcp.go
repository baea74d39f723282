package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

const defaultTool = "list_subscriptions"

// mcpCommand is "console mcp": it calls one of the API's tools, as an agent's client does. To leave it out, delete the files mcp*.go
// and the line in main.go that names it.
type mcpCommand struct {
	open           func() (*env.Reader, error)
	browse         func(address string) error // opens the browser; nil has MSAL do it
	stdout, stderr io.Writer
}

func (m mcpCommand) run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("console mcp", flag.ContinueOnError)
	flags.SetOutput(m.stderr)
	asJSON := flags.Bool("json", false, "print the tool's structured result as JSON, and no table")
	flags.Usage = func() {
		fmt.Fprintf(m.stderr, "console mcp [-json] [tool]\n\nCalls one of the API's tools as an agent does, %s where none is named. It signs you in with the browser.\n\n", defaultTool)
		flags.PrintDefaults()
		fmt.Fprint(m.stderr, "\nSettings, from development.env or the environment: AUTHORITY, CONSOLE_API_URL, CONSOLE_MCP_CLIENT_ID, CONSOLE_MCP_SCOPE,\nTRUSTED_CA_FILE.\n")
	}
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if flags.NArg() > 1 {
		return errors.New("one tool at a time, and flags in front of its name")
	}
	tool := defaultTool
	if flags.NArg() == 1 {
		tool = flags.Arg(0)
	}
	reader, err := m.open()
	if err != nil {
		return err
	}
	cfg, err := readMCPConfig(reader)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute) // a person signs in meanwhile, twice at most
	defer cancel()
	result, err := m.call(ctx, cfg, tool)
	if err != nil {
		return err
	}
	return showResult(m.stdout, result, *asJSON)
}

// readMCPConfig asks for the settings. The client and its scope are the agents' own: they open the tools and nothing else.
func readMCPConfig(r *env.Reader) (config, error) {
	cfg := readAPI(r)
	cfg.clientID, cfg.apiScope = r.GUID("CONSOLE_MCP_CLIENT_ID"), r.Text("CONSOLE_MCP_SCOPE", "api://<the API's client id>/mcp.access")
	return cfg, cfg.connect(r)
}

// call calls a tool, and returns its structured result as JSON.
func (m mcpCommand) call(ctx context.Context, cfg config, tool string) (json.RawMessage, error) {
	user, err := newMCPUser(cfg, m.browse, m.stderr)
	if err != nil {
		return nil, err
	}
	client := mcp.NewClient(&mcp.Implementation{Name: "ms-identity-go-on-behalf-of-console", Version: "1"}, nil)
	session, err := client.Connect(ctx, &mcp.StreamableClientTransport{
		Endpoint: cfg.toolsURL().String(), HTTPClient: user.watched(cfg.api), OAuthHandler: user,
		DisableStandaloneSSE: true, MaxRetries: -1, // one call, one answer: there is nothing to wait for or to take up again
	}, nil)
	if err != nil {
		return nil, user.explain(err)
	}
	defer session.Close()
	tools, err := names(ctx, session)
	if err != nil {
		return nil, user.explain(err)
	}
	if !slices.Contains(tools, tool) {
		return nil, fmt.Errorf("there is no tool %q; there are: %s", tool, oneLine(strings.Join(tools, ", ")))
	}
	fmt.Fprintf(m.stderr, "Calling %s …\n", oneLine(tool))
	result, err := session.CallTool(ctx, &mcp.CallToolParams{Name: tool, Arguments: map[string]any{}})
	if err != nil {
		return nil, user.explain(err)
	}
	if result.IsError {
		return nil, fmt.Errorf("the tool failed: %s", texts(result.Content))
	}
	structured, err := json.Marshal(result.StructuredContent)
	if err != nil {
		return nil, fmt.Errorf("reading the tool's result: %w", err)
	}
	return structured, nil
}

func (c config) toolsURL() *url.URL { return c.apiURL.JoinPath("mcp") }

// names are those of the tools that the server has.
func names(ctx context.Context, session *mcp.ClientSession) ([]string, error) {
	list, err := session.ListTools(ctx, nil)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, tool := range list.Tools {
		names = append(names, tool.Name)
	}
	return names, nil
}

// texts are what a failed tool says.
func texts(content []mcp.Content) string {
	var said []string
	for _, part := range content {
		if text, ok := part.(*mcp.TextContent); ok {
			said = append(said, oneLine(text.Text))
		}
	}
	return strings.Join(said, " ")
}
