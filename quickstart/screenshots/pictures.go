package main

import (
	"context"
	"fmt"

	"github.com/chromedp/chromedp"

	"ms-identity-go-on-behalf-of/quickstart/stack"
)

// picture is one page, seen through a window of a width in pixels.
type picture struct {
	name  string
	width int64
	dark  bool
	walk  func(ctx context.Context, sample *stack.Stack) error
}

const (
	wide   = 1100
	narrow = 390
)

func pictures() []picture {
	return []picture{
		{"signed-out", wide, false, start},
		{"alice-wide-light", wide, false, signedIn("alice")},
		{"alice-wide-dark", wide, true, signedIn("alice")},
		{"alice-narrow", narrow, false, signedIn("alice")},
		{"bob", wide, false, signedIn("bob")},
		{"sign-in", wide, false, walk(start, click(signInButton), see("#user-alice"))},
		{"consent", wide, false, walk(start, click(signInButton), click("#user-dave"), see("#accept"))},
		{"second-factor", wide, false, walk(start, click(signInButton), click("#user-carol"), see("#approve"))},
	}
}

const signInButton = `a.button[href^="/account/login"]`

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
	return walk(start, click(signInButton), click("#user-"+user), see(`form[action="/account/logout"]`))
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
