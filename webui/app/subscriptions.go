package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/a-h/templ"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
)

// subscriptions answers GET /: the user's subscriptions, as the API lists them. It shows a page of those that the user searches for.
func subscriptions(ctx context.Context, v *visit) (templ.Component, error) {
	greet := greeting(v)
	var list struct {
		Value []json.RawMessage `json:"value"`
	}
	if err := v.get(ctx, "subscriptions", &list); err != nil {
		return nil, err
	}
	page := templates.SubscriptionsPage{Frame: v.frame}
	page.Title = "Your Azure subscriptions"
	if list.Value == nil {
		return nil, unreadable(errors.New("it has no value"))
	}
	wanted, total, found := searchOf(v.query), len(list.Value), list.Value[:0]
	for _, raw := range list.Value {
		var row templates.Subscription
		if err := json.Unmarshal(raw, &row); err != nil {
			return nil, unreadable(errors.New("a subscription is not of the shape that it should be"))
		}
		if wanted.finds(row.Name, row.ID) {
			found, page.Subscriptions = append(found, raw), append(page.Subscriptions, row)
		}
	}
	page.Listing = newListing(v.query, wanted, len(found), total)
	page.JSON, page.Subscriptions = indented(found[page.From:page.To]), page.Subscriptions[page.From:page.To]
	if total == 0 {
		page.NoneBecause = apperror.Get(apperror.NoSubscriptions)
	}
	page.Greeting = greet()
	return templates.Subscriptions(page), nil
}

// indented returns a list for people. Escaping is the template's business.
func indented(entries []json.RawMessage) string {
	plain := jsonbody.List(entries)
	if _, more := jsonbody.Nesting(plain); more > 4*len(plain) {
		return string(plain) // deep and short: indented it would be many times as long
	}
	var body bytes.Buffer
	body.Grow(2 * len(plain))
	_ = json.Indent(&body, plain, "", "  ") // it fails for what isn't JSON, and the entries were read as JSON
	return body.String()
}
