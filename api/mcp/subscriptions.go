package mcp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

// maxResult bounds what the names of a result have together, in bytes: some 8,000 subscriptions. The SDK writes a result twice, the
// second time as text in which a sign may take 13 bytes.
const maxResult = 1 << 20

func (c *call) addSubscriptions(server *sdk.Server) {
	sdk.AddTool(server, &sdk.Tool{
		Name:        "list_subscriptions",
		Title:       "List Azure subscriptions",
		Description: "Lists the Azure subscriptions that the signed-in user may see, with their ids, names and states.",
		Annotations: readOnly(),
	}, c.listSubscriptions)
}

type subscriptionList struct {
	Subscriptions []subscription `json:"subscriptions" jsonschema:"the subscriptions that the user may see"`
	Count         int            `json:"count" jsonschema:"how many there are"`
	Note          string         `json:"note,omitempty" jsonschema:"why the list is empty, where it is"`
}

type subscription struct {
	ID       string `json:"subscriptionId" jsonschema:"the subscription's id, a GUID"`
	Name     string `json:"displayName" jsonschema:"the subscription's name"`
	State    string `json:"state" jsonschema:"Enabled, Warned, PastDue, Disabled or Deleted"`
	TenantID string `json:"tenantId" jsonschema:"the tenant that the subscription trusts"`
}

func (c *call) listSubscriptions(ctx context.Context, request *sdk.CallToolRequest, _ nothing) (*sdk.CallToolResult, subscriptionList, error) {
	found, err := c.tools.Subscriptions(c.ctx, c.caller, teller(ctx, request))
	if err != nil {
		return nil, subscriptionList{}, c.explain(err)
	}
	list, size := subscriptionList{Subscriptions: []subscription{}, Count: len(found)}, 0
	for _, raw := range found {
		var one subscription
		if err := json.Unmarshal(raw, &one); err != nil {
			return nil, subscriptionList{}, errors.New("an entry of Resource Manager's list has another form")
		}
		if size += len(one.ID) + len(one.Name) + len(one.State) + len(one.TenantID); size > maxResult {
			return nil, subscriptionList{}, c.explain(apperror.New(apperror.ResourceEndless, errors.New("the list is longer than a tool's result may be")))
		}
		list.Subscriptions = append(list.Subscriptions, one)
	}
	if list.Count == 0 {
		row := apperror.Get(apperror.NoSubscriptions)
		list.Note = row.What + " " + row.Cause
	}
	return nil, list, nil
}

// teller returns what tells the client how far it is, and nil where the client hasn't asked to be told. The answer begins with that: a
// challenge after it would be a tool's error, and the call after that one meets it at once. The context is the SDK's: by it the SDK
// knows which answer to write to.
func teller(ctx context.Context, request *sdk.CallToolRequest) func(soFar int) {
	token := request.Params.GetProgressToken()
	if token == nil {
		return nil
	}
	return func(soFar int) {
		_ = request.Session.NotifyProgress(ctx, &sdk.ProgressNotificationParams{
			ProgressToken: token, Progress: float64(soFar), Message: fmt.Sprintf("%d subscriptions", soFar),
		}) // whoever has gone doesn't read the result, either
	}
}
