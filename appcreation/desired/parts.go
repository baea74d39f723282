package desired

import "slices"

// Part is what the sample can do besides listing subscriptions in the browser, by the name that --with takes.
type Part string

// The parts.
const (
	WithGraph       Part = "graph"       // GET /profile of the API calls Microsoft Graph
	WithOrders      Part = "orders"      // the orders API, which the API calls
	WithConsole     Part = "console"     // go run ./console
	WithApplication Part = "application" // go run ./console -as-application
	WithMCP         Part = "mcp"         // the API's tools for agents, and go run ./console mcp
)

// Parts are all of them.
var Parts = []Part{WithGraph, WithOrders, WithConsole, WithApplication, WithMCP}

// Role is which of the applications is meant. Its text is how sentences call it.
type Role string

// The applications.
const (
	API         Role = "API"
	WebUI       Role = "web UI"
	Orders      Role = "orders API"
	Console     Role = "console"
	Application Role = "program without a user"
	MCP         Role = "agents' client"
)

// Roles are the two that everybody has.
var Roles = []Role{API, WebUI}

// AllRoles are those of all parts, in the order in which they are made: permissions name what was made before.
var AllRoles = []Role{Orders, API, WebUI, Console, Application, MCP}

// parts say what has an application of its own, and by which settings development.env is known to have a part.
var parts = map[Part]struct {
	role     Role
	settings []string
}{
	WithGraph:       {"", []string{"API_GRAPH_URL"}},
	WithOrders:      {Orders, []string{"ORDERS_CLIENT_ID", "API_ORDERS_URL", "API_ORDERS_SCOPES"}},
	WithConsole:     {Console, []string{"CONSOLE_CLIENT_ID"}},
	WithApplication: {Application, []string{"CONSOLE_APPLICATION_CLIENT_ID", "CONSOLE_APPLICATION_CLIENT_CERTIFICATE"}},
	WithMCP:         {MCP, []string{"CONSOLE_MCP_CLIENT_ID", "API_MCP_ALLOWED_CLIENTS"}},
}

// Settings are those by which development.env is known to have the part.
func (p Part) Settings() []string { return parts[p].settings }

// Has reports whether a part is wanted.
func (s Settings) Has(part Part) bool { return slices.Contains(s.Parts, part) }

// Roles are the wanted applications, in the order in which they are made.
func (s Settings) Roles() []Role {
	return slices.DeleteFunc(slices.Clone(AllRoles), func(role Role) bool {
		return !slices.Contains(Roles, role) && !slices.ContainsFunc(s.Parts, func(part Part) bool { return parts[part].role == role })
	})
}

// Confidential are those of the wanted applications that have a credential.
func (s Settings) Confidential() []Role {
	return slices.DeleteFunc(s.Roles(), func(role Role) bool { return !slices.Contains(Roles, role) && role != Application })
}

// CertificateOf reports whether a role proves who it is with a certificate. The program without a user always does: it runs by
// itself, and nobody is there to renew what leaked.
func (s Settings) CertificateOf(role Role) bool {
	return role == Application || s.Certificate && s.Federated == nil
}

// FederatedOf is the trust that a role has in place of a credential, or nil.
func (s Settings) FederatedOf(role Role) *Federated {
	if !slices.Contains(Roles, role) {
		return nil
	}
	return s.Federated
}

var roleNames = map[Role]struct{ prefix, code string }{
	API: {"API", "api"}, WebUI: {"WEBUI", "webui"}, Orders: {"ORDERS", "orders"}, Console: {"CONSOLE", "console"},
	Application: {"CONSOLE_APPLICATION", "application"}, MCP: {"CONSOLE_MCP", "mcp"},
}

// Prefix begins the names of a role's settings in development.env.
func (r Role) Prefix() string { return roleNames[r].prefix }

// Code begins the machine-readable codes of changes, and ends unique names and tags.
func (r Role) Code() string { return roleNames[r].code }
