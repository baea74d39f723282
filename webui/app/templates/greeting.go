package templates

import (
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// GreetingSection is what [Greeting] shows.
type GreetingSection struct {
	Name      string
	JobTitle  string            // "" where nobody says
	FromGraph bool              // the name is Microsoft Graph's; otherwise it is the ID token's
	Failure   *apperror.Failure // why Graph's is missing; nil where it isn't, or isn't wanted
	AADSTS    int               // Entra's number, 0 if it isn't Entra's error
}

func (g GreetingSection) shownName() string { return nameOf(&session.User{Name: g.Name}) }
