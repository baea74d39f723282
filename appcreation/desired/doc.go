// Package desired says what the applications of the sample should be, in the shapes of Microsoft Graph.
//
// Everything here is pure: each function gets what is there and returns what would have to be written, with a sentence
// for each difference. The same functions make the body of a create (compared with nothing), of a repair (compared with
// what is there), and the findings of doctor, so the three can't disagree.
//
//	parts.go     graph, orders, console, application, mcp, and their applications
//	settings.go  what the caller may choose: names, URLs, lives
//	api.go       the API's application
//	scopes.go    what an API offers, and to whom without a question
//	clients.go   the other applications, and what ties them to the API
//	webui.go     the web UI's application
//	consent.go   who must have been granted what
//	federated.go whose tokens stand in for a secret
//	values.go    development.env
//
// What someone else added to an application stays: lists are completed, never replaced.
package desired
