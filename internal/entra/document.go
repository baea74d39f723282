package entra

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/jsonbody"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/outbound"
)

// maxQuoted bounds what is quoted of somebody else's text, in bytes.
const maxQuoted = 200

// bounded quotes somebody else's text for a log: one line, ASCII, and not too long.
func bounded(text string) string {
	if len(text) > maxQuoted {
		return fmt.Sprintf("%+q, cut", text[:maxQuoted])
	}
	return fmt.Sprintf("%+q", text)
}

// getJSON fetches a document. Its errors never quote what was sent, and name the kind of what failed.
func getJSON(ctx context.Context, client *http.Client, address string, into any) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return &unreachable{err}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the answer is %d %s", response.StatusCode, http.StatusText(response.StatusCode))
	}
	if err := jsonbody.Decode(response.Body, into); err != nil {
		if outbound.KindOf(err) != "" {
			return &unreachable{err}
		}
		return errors.New("the answer is not the JSON document that it should be")
	}
	return nil
}

// unreachable is a network error that says its kind, and what to set where a setting mends it. The error inside is for
// [errors.Is] and [outbound.KindOf]: its own text may quote what a server sent.
type unreachable struct{ cause error }

func (u *unreachable) Error() string {
	switch kind := outbound.KindOf(u.cause); kind {
	case "":
		return "no answer"
	case outbound.UnknownAuthority:
		return string(kind) + " (TRUSTED_CA_FILE names one more authority to trust, such as that of a proxy that inspects TLS)"
	case outbound.ProxyRefused, outbound.ProxyUnreachable:
		return string(kind) + " (it is in HTTPS_PROXY; NO_PROXY names hosts that are reached without it)"
	default:
		return string(kind)
	}
}

func (u *unreachable) Unwrap() error { return u.cause }
