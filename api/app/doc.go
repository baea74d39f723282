// Package app is the API: it puts the parts together, and has a file for each thing that it fetches for its callers. Settings come
// in; an HTTP handler goes out. It never sees a password, and never answers with a token.
//
// A request goes through these files:
//
//	routes.go                      which request gets where, and who may
//	../../internal/bearer          validates the caller's token (token A)
//	subscriptions.go               GET /subscriptions, with hop 4: the call of Azure Resource Manager
//	orders.go                      /orders, with hop 4: the call of the orders API
//	profile.go                     GET /profile, with hop 4: the call of Microsoft Graph
//	service.go                     hops 3 and 4 of a service without an SDK client
//	../onbehalfof/credential.go    hop 3: token A becomes a token for Resource Manager (token B)
//	../downstream                  what all calls of other APIs have in common
//	application.go                 GET /application/subscriptions, for programs without a user
//	mcp.go                         /mcp, tools for agents
//	mcp_profile.go                 one of them: who the user is, by Microsoft Graph
//	problem.go                     what a caller is told when any of this fails
//
// config.go reads the settings, app.go puts all of it together.
//
// The routes. A bearer token with the scope API_REQUIRED_SCOPE opens those of which nothing else is said.
//
//	GET /subscriptions              {"value": [...], "count": 3}: the user's Azure subscriptions, all pages of Resource Manager's list
//	GET /profile                    who the user is, by Microsoft Graph's /me
//	GET /orders                     the user's orders, by the orders API
//	POST /orders                    places an order, such as {"item": "Tea", "quantity": 2}
//	DELETE /orders/:id              deletes one of the user's orders
//	GET /application/subscriptions  what the API may see itself, in the same form; for programs without a user, with the app role Subscriptions.Read.All
//	GET /healthz                    for whoever asks: 200 while the process lives
//	GET /readyz                     for whoever asks: 200 while it wants requests, else 503
//
// and with API_MCP=on:
//
//	POST /mcp                                       with API_MCP=on: tools for agents; takes a token with the scope mcp.access
//	GET /.well-known/oauth-protected-resource       with API_MCP=on, for whoever asks: where an MCP client gets that token (RFC 9728)
//	GET /.well-known/oauth-protected-resource/mcp   with API_MCP=on, for whoever asks: the same, at the address of RFC 9728, section 3.1
package app
