package app

import (
	"context"
	"errors"
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

// newUserService calls a service for users. Where it has no address each call is answered that it isn't configured.
func (a *App) newUserService(s downstream.Service, deadline time.Duration) *userService {
	return &userService{a.newService(s), a.exchanger, deadline}
}

// call exchanges the caller's token for one of the service, and sends it a request. Its errors are [*apperror.Error].
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
