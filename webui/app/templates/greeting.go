package templates

import "github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"

// GreetingSection is what [Greeting] shows.
type GreetingSection struct {
	Names     []string          // the user's, the best one first
	JobTitle  string            // "" where nobody says
	FromGraph bool              // Microsoft Graph has answered; otherwise the name is the ID token's
	Failure   *apperror.Failure // why Graph's is missing; nil where it isn't, or isn't wanted
	AADSTS    int               // Entra's number, 0 if it isn't Entra's error
}
