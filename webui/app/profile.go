package app

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
)

const (
	// greetingTimeout bounds how long a page waits for a greeting. The API gives Graph less.
	greetingTimeout = 5 * time.Second
	// switchedOffFor is how long the API is believed that it has no profiles. Each page would otherwise ask for one, and get nothing.
	switchedOffFor = time.Minute
)

// profile is the API's answer: what Microsoft Graph says about the user.
type profile struct {
	DisplayName string `json:"displayName"`
	GivenName   string `json:"givenName"`
	JobTitle    string `json:"jobTitle"`
}

// greeting begins to ask the API who the user is (GET /profile), while the page asks for what it is about. What it returns waits for
// the answer. A page never fails for it: without an answer it greets by the ID token's name, and tells the developer why.
func greeting(v *visit) func() templ.Component {
	shown := templates.GreetingSection{Names: []string{v.frame.User.Name, v.frame.User.Username}}
	if v.api.now().Unix() < v.api.noProfileUntil.Load() {
		return func() templ.Component { return templates.Greeting(shown) }
	}
	ctx, cancel := context.WithTimeout(v.background, greetingTimeout)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		var me profile
		if err := v.api.get(ctx, v.token.Value, "profile", &me); err == nil {
			shown.Names = append([]string{me.GivenName, me.DisplayName}, shown.Names...)
			shown.JobTitle, shown.FromGraph = me.JobTitle, true
		} else if why := apperror.As(err); why.Code == apperror.NotConfigured {
			v.api.noProfileUntil.Store(v.api.now().Add(switchedOffFor).Unix())
		} else {
			row := why.Row()
			shown.Failure, shown.AADSTS = &row, why.AADSTS
		}
	}()
	return func() templ.Component {
		<-done
		return templates.Greeting(shown)
	}
}
