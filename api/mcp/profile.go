package mcp

import (
	"context"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// Profile is who a user is, as Microsoft Graph says.
type Profile struct {
	DisplayName string `json:"displayName" jsonschema:"the user's name"`
	Username    string `json:"username" jsonschema:"what the user signs in with; it may be given to somebody else one day"`
	JobTitle    string `json:"jobTitle,omitempty" jsonschema:"the user's job title, where they have one"`
}

// identity is a profile with the two ids that name a user for good. Those are from the token that was validated.
type identity struct {
	Profile
	ObjectID string `json:"objectId" jsonschema:"the user's id in the tenant (oid), a GUID"`
	TenantID string `json:"tenantId" jsonschema:"the tenant's id (tid), a GUID"`
}

// addProfile adds the tool where there is something to ask.
func (c *call) addProfile(server *sdk.Server) {
	if c.tools.Profile == nil {
		return
	}
	sdk.AddTool(server, &sdk.Tool{
		Name:        "who_am_i",
		Title:       "Who am I?",
		Description: "Tells who the signed-in user is, on whose behalf the tools act: name, username, job title, and ids.",
		Annotations: readOnly(),
	}, c.whoAmI)
}

func (c *call) whoAmI(context.Context, *sdk.CallToolRequest, nothing) (*sdk.CallToolResult, identity, error) {
	profile, err := c.tools.Profile(c.ctx, c.caller)
	if err != nil {
		return nil, identity{}, c.explain(err)
	}
	return nil, identity{Profile: profile, ObjectID: c.caller.ObjectID, TenantID: c.caller.TenantID}, nil
}
