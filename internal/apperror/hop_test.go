package apperror_test

import (
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

// TestNumber: an error page marks the hop that failed.
func TestNumber(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  apperror.Error
		want int
	}{
		"declined at sign-in":              {apperror.Error{Code: apperror.ConsentDeclined}, 1},
		"token A not renewed":              {apperror.Error{Code: "session_revoked", Hop: apperror.Renewal}, 1},
		"Entra away at sign-in":            {apperror.Error{Code: apperror.ProviderUnavailable, Hop: apperror.SignIn}, 1},
		"the API away":                     {apperror.Error{Code: apperror.APIUnavailable}, 2},
		"token A refused":                  {apperror.Error{Code: apperror.APIRefused, Upstream: apperror.WrongAudience}, 2},
		"the API's exchange":               {apperror.Error{Code: apperror.ConsentRequired, Upstream: apperror.ConsentRequired}, 3},
		"the API's credential":             {apperror.Error{Code: "wrong_client_secret", Upstream: "wrong_client_secret"}, 3},
		"in the API itself":                {apperror.Error{Code: apperror.MFARequired, Hop: apperror.Exchange}, 3},
		"after a sign-in in vain":          {apperror.Error{Code: apperror.StillRefused, Upstream: apperror.MFARequired}, 3},
		"Azure":                            {apperror.Error{Code: apperror.ResourceThrottled, Upstream: apperror.ResourceThrottled}, 4},
		"a code that this side can't know": {apperror.Error{Code: apperror.APIMalformed, Upstream: "of_tomorrow"}, 2},
		"no page":                          {apperror.Error{Code: apperror.NotFound}, 0},
		"a form of another site":           {apperror.Error{Code: apperror.CrossSite}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := test.err.Number(); got != test.want {
				t.Errorf("hop %d, want %d", got, test.want)
			}
		})
	}
}
