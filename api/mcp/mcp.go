// Package mcp offers what the API fetches for its callers to agents, as tools of the Model Context Protocol (streamable HTTP). A
// caller whose token was validated, and functions that fetch for them, come in; structured results go out. It never sees more than
// the caller may, and puts no token into a result.
//
// It keeps no sessions: each request stands for itself, with the token that it carries. So there is no session id to steal, any
// replica answers, and nothing has to be bounded or cleared away.
package mcp

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
)

// maxRequest bounds a request, in bytes. A call of a tool is some hundred.
const maxRequest = 64 << 10

// Tools are what agents can have done, on behalf of the caller.
type Tools struct {
	// Subscriptions returns the caller's Azure subscriptions, as Resource Manager sends them. After each page it tells how many there
	// are so far; tell may be nil.
	Subscriptions func(_ context.Context, _ bearer.Caller, tell func(soFar int)) ([]json.RawMessage, error)
	// Profile returns who the caller is, by Microsoft Graph; nil where Graph isn't configured, and there is no tool for it.
	Profile func(context.Context, bearer.Caller) (Profile, error)
	// PublicURL is the API's address, as clients have it.
	PublicURL *url.URL
	// Fail answers a request with an error that the agent's client has to act on: a claims challenge.
	Fail func(*gin.Context, error)
}

// Handler answers POST /mcp, behind [bearer.Require].
func Handler(tools Tools) gin.HandlerFunc {
	options := &sdk.StreamableHTTPOptions{
		Stateless: true, MaxRequestBodyBytes: maxRequest, PropagateRequestCancellation: true, Logger: slog.New(slog.DiscardHandler),
		DisableLocalhostProtection: true, // sameSite knows more names
	}
	return func(c *gin.Context) {
		if err := sameSite(c.Request, tools.PublicURL); err != nil {
			tools.Fail(c, err)
			return
		}
		if err := readOne(c.Request); err != nil {
			tools.Fail(c, err)
			return
		}
		answer := &answer{ResponseWriter: c.Writer, header: http.Header{}}
		server := (&call{tools, bearer.CallerOf(c), c.Request.Context(), answer.refuse}).server()
		sdk.NewStreamableHTTPHandler(func(*http.Request) *sdk.Server { return server }, options).ServeHTTP(answer, c.Request)
		if err := answer.end(); err != nil {
			tools.Fail(c, err)
		}
	}
}

// readOne reads a request's body and refuses a batch of messages, which the protocol had until 2025-06-18: in 64 KiB there is room
// for 700 calls of a tool, each with requests to Azure of its own.
func readOne(request *http.Request) error {
	body, err := io.ReadAll(io.LimitReader(request.Body, maxRequest+1)) // one more, for the SDK to refuse
	if err != nil {
		return &apperror.Error{Code: apperror.BadRequest, Cause: errors.New("the body can't be read")}
	}
	if bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("[")) {
		return &apperror.Error{
			Code: apperror.BadRequest, Detail: "A request has one message; this one is a batch of several.",
			Cause: errors.New("the request is a batch"),
		}
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	return nil
}

// call is one request of an agent's client.
type call struct {
	tools  Tools
	caller bearer.Caller
	ctx    context.Context // the request's own: it carries the trace
	refuse func(error)
}

// server makes the server of the request, whose tools act for its caller.
func (c *call) server() *sdk.Server {
	server := sdk.NewServer(&sdk.Implementation{Name: "ms-identity-go-on-behalf-of", Title: "Azure subscriptions, on behalf of the user", Version: "1"}, nil)
	c.addSubscriptions(server)
	c.addProfile(server)
	return server
}

// readOnly is what is true of each tool: it changes nothing, twice is as good as once, and it looks at the caller's own alone.
func readOnly() *sdk.ToolAnnotations {
	closed := false
	return &sdk.ToolAnnotations{ReadOnlyHint: true, IdempotentHint: true, OpenWorldHint: &closed}
}

// nothing is the input of a tool that takes none.
type nothing struct{}

// explain makes a tool's error of an error: what happened and what to do, for the agent and its user. What the client has to answer
// with a new sign-in doesn't become a result: as one, its claims would be lost on the way to the user.
func (c *call) explain(err error) error {
	failed := apperror.As(err)
	if failed.Challenge != nil {
		c.refuse(failed)
	}
	row := failed.Row()
	return fmt.Errorf("%s: %s %s", row.Code, row.What, row.User)
}
