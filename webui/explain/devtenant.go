package explain

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// tenantTimeout bounds how long a page waits for what devtenant says. It goes without where that takes longer.
const tenantTimeout = 500 * time.Millisecond

// tenant is the authority's routes for programs and people, where the authority is devtenant. nil is any other.
type tenant struct {
	client *http.Client // bounds answers, and follows no redirects
	host   string
}

// tenantState is what a page tells of it.
type tenantState struct {
	Address string // for browsers
	On      []string
}

// findDevtenant rules out Microsoft's authorities. Whether another one is devtenant shows when it is asked.
func findDevtenant(cfg app.Config) *tenant {
	if cfg.Authority.Microsoft() || cfg.Authority.Host() == "" {
		return nil
	}
	client, err := entra.NewHTTPClient(cfg.TrustedCAFile, tenantTimeout)
	if err != nil {
		return nil // app.New reads the same file, and says what is wrong with it
	}
	return &tenant{client: client, host: cfg.Authority.Host()}
}

// send sends a request to a path, which may have a query, and decodes the JSON that comes; into is nil for none.
func (d *tenant) send(ctx context.Context, method, path string, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, "https://"+d.host+path, nil)
	if err != nil {
		return fmt.Errorf("asking devtenant: %w", err)
	}
	request.Header.Set("Accept", "application/json")
	response, err := d.client.Do(request)
	if err != nil {
		return fmt.Errorf("asking devtenant: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		return errors.New("devtenant answered " + response.Status)
	}
	if into == nil {
		_, err = io.Copy(io.Discard, response.Body)
		return err
	}
	return json.NewDecoder(response.Body).Decode(into)
}

// state asks which switches are on, and where browsers reach devtenant.
func (d *tenant) state(ctx context.Context) (tenantState, error) {
	var board struct {
		Address  string `json:"address"`
		Switches []struct {
			Name string           `json:"name"`
			On   *json.RawMessage `json:"on"`
		} `json:"switches"`
	}
	ctx, cancel := context.WithTimeout(ctx, tenantTimeout)
	defer cancel()
	if err := d.send(ctx, http.MethodGet, "/switches", &board); err != nil {
		return tenantState{}, err
	}
	address, err := url.Parse(board.Address)
	if err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http" || len(board.Switches) == 0 {
		return tenantState{}, errors.New("the authority isn't devtenant")
	}
	found := tenantState{Address: board.Address}
	for _, one := range board.Switches {
		if one.On != nil {
			found.On = append(found.On, one.Name)
		}
	}
	return found, nil
}

// ask begins to ask. What it returns waits for the answer; false is that there is none.
func (d *tenant) ask(ctx context.Context) func() (tenantState, bool) {
	if d == nil {
		return func() (tenantState, bool) { return tenantState{}, false }
	}
	var state tenantState
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		state, err = d.state(context.WithoutCancel(ctx))
	}()
	return func() (tenantState, bool) {
		<-done
		return state, err == nil
	}
}
