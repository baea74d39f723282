package devtenant

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// UserAgent is a browser without a screen, for tests: it keeps cookies, follows redirects, and presses the buttons of
// this tenant's pages. One UserAgent is one browser; it is not for several goroutines at once.
type UserAgent struct {
	// Consent and SecondFactor say which button is pressed on those pages. NewUserAgent sets both.
	Consent      bool
	SecondFactor bool
	// Pages are the tenant's pages that were seen since the last visit, in order: "sign-in", "second-factor",
	// "consent", "device", "form-post".
	Pages []string

	client *http.Client
}

const (
	maxPage  = 8 << 20 // bytes of one page
	maxPages = 12      // pages between an address and the end of a visit
)

// NewUserAgent is a new browser that trusts the tenant's back channel, with no cookies, that consents and approves.
func NewUserAgent(t *Tenant) *UserAgent {
	client := t.Client()
	jar, err := cookiejar.New(nil)
	if err != nil {
		panic("devtenant: making a cookie jar: " + err.Error()) // only with options, and there are none
	}
	client.Jar = jar
	return &UserAgent{Consent: true, SecondFactor: true, client: client}
}

// SignIn visits an address and, wherever the tenant asks, picks the user (by short name) and answers its pages. The
// answer is the first page that isn't the tenant's, or one of the tenant's that has no way forward (an error page). Its
// body has been read and can be read again.
func (u *UserAgent) SignIn(ctx context.Context, address, user string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("visiting %s: %w", address, err)
	}
	return u.visit(request, user)
}

// Get visits an address with the browser's cookies and follows redirects, but presses no buttons.
func (u *UserAgent) Get(ctx context.Context, address string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("visiting %s: %w", address, err)
	}
	return u.do(request)
}

// Post sends a form as a page of the same site would, follows redirects, and presses no buttons.
func (u *UserAgent) Post(ctx context.Context, address string, form url.Values) (*http.Response, error) {
	request, err := formRequest(ctx, address, form)
	if err != nil {
		return nil, err
	}
	return u.do(request)
}

// EnterDeviceCode types a device's code into the tenant's page and signs the user in.
func (u *UserAgent) EnterDeviceCode(ctx context.Context, verificationURI, code, user string) (*http.Response, error) {
	request, err := formRequest(ctx, verificationURI, url.Values{"code": {code}})
	if err != nil {
		return nil, err
	}
	return u.visit(request, user)
}

// Cookies are what the browser would send to an address.
func (u *UserAgent) Cookies(address string) []*http.Cookie {
	parsed, err := url.Parse(address)
	if err != nil {
		return nil
	}
	return u.client.Jar.Cookies(parsed)
}

// StopAt makes the browser stop at redirects to an address with this prefix and return the redirect itself, for
// redirect URIs behind which nobody listens.
func (u *UserAgent) StopAt(prefix string) {
	u.client.CheckRedirect = func(request *http.Request, via []*http.Request) error {
		if strings.HasPrefix(request.URL.String(), prefix) {
			return http.ErrUseLastResponse
		}
		if len(via) >= 20 {
			return errors.New("stopped after 20 redirects")
		}
		return nil
	}
}

func (u *UserAgent) visit(request *http.Request, user string) (*http.Response, error) {
	u.Pages = nil
	for range maxPages {
		response, err := u.do(request)
		if err != nil {
			return nil, err
		}
		page, ok := findForm(response)
		if !ok {
			return response, nil
		}
		u.Pages = append(u.Pages, page.name)
		button, ok := u.press(page.name, user)
		if !ok {
			return response, nil
		}
		for name, values := range button {
			page.fields[name] = values
		}
		target, err := response.Request.URL.Parse(page.action)
		if err != nil {
			return nil, fmt.Errorf("the form of page %s: %w", page.name, err)
		}
		if request, err = formRequest(request.Context(), target.String(), page.fields); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("no end after %d pages: %s", maxPages, strings.Join(u.Pages, ", "))
}

// press says which button of a page is pressed. A sign-in page that comes a second time has refused the user.
func (u *UserAgent) press(page, user string) (url.Values, bool) {
	seen := 0
	for _, p := range u.Pages {
		if p == page {
			seen++
		}
	}
	switch page {
	case "sign-in":
		return url.Values{"user": {user}}, seen == 1 && user != ""
	case "second-factor":
		return url.Values{"decision": {choose(u.SecondFactor, "approve", "deny")}}, seen == 1
	case "consent":
		return url.Values{"decision": {choose(u.Consent, "accept", "decline")}}, seen == 1
	case "form-post":
		return url.Values{}, true
	}
	return nil, false
}

func (u *UserAgent) do(request *http.Request) (*http.Response, error) {
	response, err := u.client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("browsing: %w", err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxPage))
	if err != nil {
		return nil, fmt.Errorf("reading the page %s: %w", response.Request.URL.Path, err)
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

func formRequest(ctx context.Context, address string, form url.Values) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("sending a form to %s: %w", address, err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	return request, nil
}

// form is a form of one of the tenant's pages.
type form struct {
	name   string
	action string
	fields url.Values // the hidden ones
}

// findForm looks for a form that says which of the tenant's pages it is on.
func findForm(response *http.Response) (form, bool) {
	body, err := io.ReadAll(response.Body)
	if err != nil || !bytes.Contains(body, []byte("data-page=")) {
		response.Body = io.NopCloser(bytes.NewReader(body))
		return form{}, false
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	document, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return form{}, false
	}
	found := form{fields: url.Values{}}
	for node := range document.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		switch node.Data {
		case "form":
			if name := attribute(node, "data-page"); name != "" {
				found.name, found.action = name, attribute(node, "action")
			}
		case "input":
			if attribute(node, "type") == "hidden" {
				found.fields.Set(attribute(node, "name"), attribute(node, "value"))
			}
		}
	}
	return found, found.name != ""
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func choose(condition bool, yes, no string) string {
	if condition {
		return yes
	}
	return no
}
