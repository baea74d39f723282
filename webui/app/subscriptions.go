package app

import (
	"bytes"
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
	Count int               `json:"count"`
}

// subscriptions answers GET /: the user's subscriptions, as the API lists them.
func subscriptions(v *visit) (templ.Component, error) {
	greet := greeting(v)
	var list subscriptionList
	if err := v.get("subscriptions", &list); err != nil {
		return nil, err
	}
	page := templates.SubscriptionsPage{Frame: v.frame("Your Azure subscriptions")}
	if list.Value == nil {
		return nil, malformed(errors.New("it has no value"))
	}
	for _, raw := range list.Value {
		var row templates.Subscription
		if err := json.Unmarshal(raw, &row); err != nil {
			return nil, malformed(fmt.Errorf("a subscription is %w", errShape))
		}
		page.Subscriptions = append(page.Subscriptions, row)
	}
	if len(page.Subscriptions) == 0 {
		page.NoneBecause = apperror.Get(apperror.NoSubscriptions)
	}
	body, err := indented(list)
	if err != nil {
		return nil, malformed(fmt.Errorf("the list is %w", errShape))
	}
	page.JSON = body
	page.Greeting = greet()
	return templates.Subscriptions(page), nil
}

// indented returns JSON for people. Escaping is the template's business.
func indented(value any) (string, error) {
	var plain, body bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	body.Grow(2 * plain.Len())
	err := json.Indent(&body, bytes.TrimSpace(plain.Bytes()), "", "  ")
	return body.String(), err
}
