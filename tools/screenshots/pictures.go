package main

import (
	"context"
	"fmt"

	"github.com/chromedp/chromedp"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// picture is one page that README or docs/troubleshooting.md shows.
type picture struct {
	name string
	dark bool
	walk func(ctx context.Context, sample *stack.Stack) error
}

// width is the window's, in pixels.
const width = 1100

func pictures() []picture {
	return []picture{
		{"alice-wide-light", false, signedIn("alice")},
		{"alice-wide-dark", true, signedIn("alice")},
		// The six failures that teach the most.
		{"consent", false, walk(start, click(signInButton), click("#user-dave"), see("#accept"))},
		{"second-factor", false, walk(start, click(signInButton), click("#user-carol"), see("#approve"))},
		{"revocation", false, walk(signedIn("alice"), throw("revoke-sessions"), start, see("#user-alice"))},
		{"key-rotation", false, walk(signedIn("alice"), throw("rotate-keys"), start, see(signOutButton))},
		{"throttling", false, walk(signedIn("alice"), throw("arm-throttled"), start, see("article.error"))},
		{"outage", false, walk(start, click(signInButton), throw("token-unavailable"), click("#user-alice"), see("article.error"))},
	}
}

const (
	signInButton  = `a.button[href^="/account/login"]`
	signOutButton = `form[action="/account/logout"]`
)

type walkFunc = func(context.Context, *stack.Stack) error

// start opens the start page.
func start(ctx context.Context, sample *stack.Stack) error {
	return chromedp.Do(ctx, chromedp.Navigate(sample.WebUI.URL+"/"))
}

// click presses what a selector finds.
func click(selector string) walkFunc {
	return func(ctx context.Context, _ *stack.Stack) error {
		return chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector)))
	}
}

// see waits until a selector finds something.
func see(selector string) walkFunc {
	return func(ctx context.Context, _ *stack.Stack) error {
		return chromedp.Do(ctx, chromedp.WaitVisible(chromedp.CSS(selector)))
	}
}

// signedIn signs a user in and waits for their page.
func signedIn(user string) walkFunc {
	return walk(start, click(signInButton), click("#user-"+user), see(signOutButton))
}

// throw throws one of devtenant's switches until it is cleared.
func throw(name string) walkFunc {
	return func(_ context.Context, sample *stack.Stack) error {
		return sample.Tenant.Switch(name, devtenant.Times(0))
	}
}

// walk goes through steps in a row.
func walk(steps ...walkFunc) walkFunc {
	return func(ctx context.Context, sample *stack.Stack) error {
		for i, step := range steps {
			if err := step(ctx, sample); err != nil {
				return fmt.Errorf("step %d: %w", i+1, err)
			}
		}
		return nil
	}
}
