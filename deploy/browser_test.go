package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

const home = "http://localhost:8000/"

// rows is how many subscriptions a page shows.
const rows = 25

// browser is one user's browser outside of all containers.
type browser struct {
	agent  *devtenant.UserAgent
	user   string
	own    []string // the ids of the subscriptions that the user sees
	others []string // those that only others see
}

func newBrowser(t *testing.T, user string) *browser {
	t.Helper()
	// Not the tenant that runs in the container: a browser only visits plain http here, and needs no certificate of it.
	tenant, err := devtenant.New(devtenant.Options{})
	if err != nil {
		t.Fatalf("making a browser: %v", err)
	}
	b := &browser{agent: devtenant.NewUserAgent(tenant), user: user}
	built := directory.Default()
	for _, u := range built.Users() {
		for _, subscription := range built.Subscriptions(u.ID) {
			if u.MailNickname == user {
				b.own = append(b.own, subscription.SubscriptionID)
			} else {
				b.others = append(b.others, subscription.SubscriptionID)
			}
		}
	}
	b.others = slices.DeleteFunc(b.others, func(id string) bool { return slices.Contains(b.own, id) }) // those they share
	return b
}

// signIn signs the user in, through the tenant's pages.
func (b *browser) signIn(ctx context.Context) error {
	response, err := b.agent.SignIn(ctx, home+"account/login", b.user)
	if err != nil {
		return fmt.Errorf("%s signs in: %w", b.user, err)
	}
	if err := b.check(response); err != nil {
		return fmt.Errorf("%s signs in (%s): %w", b.user, strings.Join(b.agent.Pages, ", "), err)
	}
	return nil
}

// visit loads the page of the subscriptions, without pressing any button.
func (b *browser) visit(ctx context.Context) error {
	response, err := b.agent.Get(ctx, home)
	if err != nil {
		return fmt.Errorf("visiting: %w", err)
	}
	if err := b.check(response); err != nil {
		return fmt.Errorf("visiting: %w", err)
	}
	return nil
}

// visitOrders loads the page that the orders API stands behind.
func (b *browser) visitOrders(ctx context.Context) error {
	response, err := b.agent.Get(ctx, home+"orders")
	if err != nil {
		return fmt.Errorf("visiting the orders: %w", err)
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("reading the page: %w", err)
	}
	if response.StatusCode != http.StatusOK || !strings.Contains(string(body), "Your orders") {
		return &statusError{response.StatusCode, response.Request.URL.Path, string(body)}
	}
	return nil
}

// statusError is a page that isn't the one of the subscriptions.
type statusError struct {
	status int
	path   string
	body   string
}

func (e *statusError) Error() string { return fmt.Sprintf("%s answers %d", e.path, e.status) }

// errSignedOut is a page for somebody who is not signed in.
var errSignedOut = errors.New("signed out")

// check wants the user's own subscriptions on the page, and nobody else's.
func (b *browser) check(response *http.Response) error {
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("reading the page: %w", err)
	}
	page := string(body)
	if response.StatusCode != http.StatusOK || response.Request.URL.String() != home {
		return &statusError{response.StatusCode, response.Request.URL.Path, page}
	}
	if !strings.Contains(page, `action="/account/logout"`) {
		return errSignedOut
	}
	found := 0
	for _, id := range b.own {
		if strings.Contains(page, id) {
			found++
		}
	}
	if want := min(len(b.own), rows); found != want {
		return fmt.Errorf("%d of the user's subscriptions are on the page, want %d", found, want)
	}
	for _, id := range b.others {
		if strings.Contains(page, id) {
			return fmt.Errorf("subscription %s of another user is on the page", id)
		}
	}
	return nil
}
