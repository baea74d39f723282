package downstream

import (
	"context"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
)

// Call is one request to a service for which there is no SDK client.
type Call struct {
	Method string
	Path   string   // below the service's address, such as "v1.0/me"
	Scopes []string // of the token that it takes
	Body   any      // is sent as JSON; nil sends none
	Into   any      // gets the answer's JSON; nil drops it
}

// Do sends a request with a user's token, through the pipeline that the SDK's own clients have: a retry where that may help, and
// once more with new claims where the service answers with a claims challenge. Its errors are [*apperror.Error].
func (s *Service) Do(ctx context.Context, credential azcore.TokenCredential, call Call) error {
	request, err := runtime.NewRequest(ctx, call.Method, s.BaseURL.JoinPath(call.Path).String())
	if err != nil {
		return s.Explain(err)
	}
	request.Raw().Header.Set("Accept", "application/json")
	if call.Body != nil {
		if err := runtime.MarshalAsJSON(request, call.Body); err != nil {
			return s.Explain(err)
		}
	}
	options := s.ClientOptions()
	if call.Method == http.MethodPost {
		options.Retry.MaxRetries = -1 // an answer that was lost may have been a success, and a second one would do it twice
	}
	pipeline := runtime.NewPipeline("", "", runtime.PipelineOptions{
		PerRetry: []policy.Policy{runtime.NewBearerTokenPolicy(credential, call.Scopes, &policy.BearerTokenOptions{
			InsecureAllowCredentialWithHTTP: s.BaseURL.Scheme == "http", // in production the settings allow it on this machine alone
		})},
	}, &options)
	response, err := pipeline.Do(request)
	if err != nil {
		return s.Explain(err)
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return s.Explain(runtime.NewResponseError(response))
	}
	if call.Into == nil {
		return nil
	}
	body, err := runtime.Payload(response)
	if err != nil {
		return s.Explain(err)
	}
	if jsonbody.Unmarshal(body, call.Into) != nil { // its error may quote the answer
		return s.Malformed("the answer is not the JSON that it should be")
	}
	return nil
}
