package app

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/downstream"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/onbehalfof"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/bearer"
)

// userService is a service without an SDK client, that is called on behalf of a request's user.
type userService struct {
	*downstream.Service
	exchanger onbehalfof.Exchanger
	deadline  time.Duration // of the exchange and the call together
}

// newUserService takes what [App.newService] takes. Without an address each call is answered that the service isn't configured.
func (a *App) newUserService(name, codes string, address *url.URL, requestIDHeader string, deadline time.Duration) *userService {
	return &userService{a.newService(name, codes, address, requestIDHeader), a.exchanger, deadline}
}

// call exchanges the caller's token for one of the service, and sends it a request. Its errors are of the table.
func (s *userService) call(ctx context.Context, caller bearer.Caller, call downstream.Call) error {
	if s.BaseURL == nil {
		return apperror.New(apperror.NotConfigured, nil)
	}
	limited, cancel := context.WithTimeout(ctx, s.deadline)
	defer cancel()
	credential := onbehalfof.NewCredential(s.exchanger, caller) // hop 3, with the same token A
	err := s.Do(limited, credential, call)                      // hop 4
	if errors.Is(err, downstream.ErrTokenRefused) {
		credential.Forget(ctx)
	}
	return err
}
