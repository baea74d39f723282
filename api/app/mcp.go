package app

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/mcp"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/challenge"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

const (
	mcpPath  = "/mcp"
	mcpScope = "mcp.access"
	// mcpMetadataPath is where the resource at mcpPath describes itself (RFC 9728, section 3.1).
	mcpMetadataPath = "/.well-known/oauth-protected-resource" + mcpPath
)

// MCP is the configuration of the tools for agents.
type MCP struct {
	On             bool
	AllowedClients []string // the application ids of the agents' clients
	PublicURL      *url.URL // the API's address, as clients have it
}

// readMCP asks for the settings of the tools for agents. They are off unless API_MCP is on.
func readMCP(r *env.Reader) MCP {
	m := MCP{On: r.OneOf("API_MCP", "off", "off", "on") == "on", PublicURL: r.URLOr("API_PUBLIC_URL", "http://localhost:8001")}
	if clients := r.TextOr("API_MCP_ALLOWED_CLIENTS", ""); m.On || clients != "" {
		m.AllowedClients = r.GUIDs("API_MCP_ALLOWED_CLIENTS", "the Application (client) IDs of the MCP clients; more than one are separated by commas")
	}
	return m
}

// mcpRoutes are those of the tools for agents. A GET of /mcp, with which a client would wait for messages, is answered 405: there are
// none, as the specification allows.
func (a *App) mcpRoutes(s *subscriptions) []route {
	if !a.cfg.MCP.On {
		return nil
	}
	agents := bearer.Scope(mcpScope, a.cfg.MCP.AllowedClients)
	tools := mcp.Tools{Subscriptions: s.forUser, PublicURL: a.cfg.MCP.PublicURL, Fail: a.fail}
	tools.Profile = a.mcpProfile()
	return []route{
		{method: http.MethodPost, path: mcpPath, rule: agents, handler: mcp.Handler(tools)},
		{method: http.MethodGet, path: mcpMetadataPath, public: true, handler: a.mcpMetadata},
		{method: http.MethodGet, path: "/.well-known/oauth-protected-resource", public: true, handler: a.mcpMetadata},
	}
}

// mcpMetadata answers GET /.well-known/oauth-protected-resource/mcp (RFC 9728): where a client gets a token for the tools, and with
// which scope. Scripts of any page may read it; there is nothing in it but addresses.
func (a *App) mcpMetadata(c *gin.Context) {
	metadata, err := a.provider.Metadata(c.Request.Context())
	if err != nil {
		a.fail(c, apperror.New(apperror.KeysUnavailable, err))
		return
	}
	server := metadata.Issuer
	if a.cfg.Authority.Several() {
		server = a.cfg.Authority.String() + "/v2.0" // the issuer has a placeholder where a client needs an address
	}
	c.Header("Access-Control-Allow-Origin", "*")
	c.JSON(http.StatusOK, gin.H{
		"resource":                 a.cfg.MCP.PublicURL.JoinPath(mcpPath).String(),
		"authorization_servers":    []string{server},
		"scopes_supported":         []string{a.mcpFullScope()},
		"bearer_methods_supported": []string{"header"},
		"resource_name":            "Azure subscriptions, on behalf of the user",
	})
}

func (a *App) mcpFullScope() string { return "api://" + a.cfg.ClientID + "/" + mcpScope }

// describeMCP adds to a challenge what an agent's client needs to get a token: where the resource describes itself, and the scope in the
// form in which Entra takes it. Other resources have no description.
func (a *App) describeMCP(c *gin.Context, wanted *challenge.Challenge) {
	if a.cfg.MCP.On && c.FullPath() == mcpPath {
		wanted.ResourceMetadata, wanted.Scope = a.cfg.MCP.PublicURL.JoinPath(mcpMetadataPath).String(), a.mcpFullScope()
	}
}
