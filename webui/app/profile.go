package app

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app/templates"
)

// greetingTimeout bounds how long a page waits for a greeting. The API gives Graph less.
const greetingTimeout = 5 * time.Second

// profile is the API's answer: what Microsoft Graph says about the user.
type profile struct {
	DisplayName string `json:"displayName"`
	GivenName   string `json:"givenName"`
	JobTitle    string `json:"jobTitle"`
}

// greeting begins to ask the API who the user is (GET /profile), while the page asks for what it is about. What it returns waits for
// the answer. A page never fails for it: without an answer it greets by the ID token's name, and tells the developer why.
func greeting(v *visit) func() templ.Component {
	ctx, cancel := context.WithTimeout(v.aside, greetingTimeout)
	var me profile
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		err = v.api.getIfOffered(ctx, v.token.Value, "profile", &me)
	}()
	return func() templ.Component {
		<-done
		shown := templates.GreetingSection{
			Names:    []string{me.GivenName, me.DisplayName, v.frame.User.Name, v.frame.User.Username},
			JobTitle: me.JobTitle, FromGraph: err == nil,
		}
		if err != nil {
			why := apperror.As(err)
			if why.Code != apperror.NotConfigured { // switched off is no failure
				row := why.Row()
				shown.Failure, shown.AADSTS = &row, why.AADSTS
			}
		}
		return templates.Greeting(shown)
	}
}
