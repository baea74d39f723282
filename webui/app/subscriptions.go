package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/a-h/templ"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
)

// subscriptionList is the API's answer.
type subscriptionList struct {
	Value []json.RawMessage `json:"value"`
}

// errShape: the API sent JSON that isn't what it should be.
var errShape = errors.New("not of the shape that it should be")

// subscriptions answers GET /: the user's subscriptions, as the API lists them. It shows a page of those that the user searches for.
func subscriptions(ctx context.Context, v *visit) (templ.Component, error) {
	greet := greeting(v)
	var list subscriptionList
	if err := v.get(ctx, "subscriptions", &list); err != nil {
		return nil, err
	}
	page := templates.SubscriptionsPage{Frame: v.frame}
	page.Title = "Your Azure subscriptions"
	if list.Value == nil {
		return nil, malformed(errors.New("it has no value"))
	}
	wanted, total, found := searchOf(v.query), len(list.Value), list.Value[:0]
	for _, raw := range list.Value {
		var row templates.Subscription
		if err := json.Unmarshal(raw, &row); err != nil {
			return nil, malformed(fmt.Errorf("a subscription is %w", errShape))
		}
		if wanted.finds(row.Name, row.ID) {
			found, page.Subscriptions = append(found, raw), append(page.Subscriptions, row)
		}
	}
	page.Listing = newListing(v.query, wanted, len(found), total)
	list.Value, page.Subscriptions = found[page.From:page.To], page.Subscriptions[page.From:page.To]
	if total == 0 {
		page.NoneBecause = apperror.Get(apperror.NoSubscriptions)
	}
	body, err := indented(list.Value)
	if err != nil {
		return nil, malformed(fmt.Errorf("the list is %w", errShape))
	}
	page.JSON = body
	page.Greeting = greet()
	return templates.Subscriptions(page), nil
}
