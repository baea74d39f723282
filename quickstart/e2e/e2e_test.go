// Package e2e tests the sample as a whole: web UI, API and devtenant with their real libraries on both sides, asked over
// HTTP by clients without a screen and by Chromium.
package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/quickstart/stack"
)

// start runs the whole sample on free ports until the test ends.
func start(t *testing.T, change ...func(*stack.Options)) *stack.Stack {
	t.Helper()
	options := stack.FreePorts()
	for _, c := range change {
		c(&options)
	}
	// These tests count what the four hops cost. The greeting would have exchanges of its own; its tests switch it on.
	options.Settings = maps.Clone(options.Settings)
	if options.Settings == nil {
		options.Settings = map[string]string{}
	}
	if _, ok := options.Settings["API_GRAPH_URL"]; !ok {
		options.Settings["API_GRAPH_URL"] = ""
	}
	started, err := stack.Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := started.Stop(); err != nil {
			t.Errorf("stopping: %v", err)
		}
	})
	return started
}

// signIn signs a user in with a browser of their own and returns it and the page that they see.
func signIn(t *testing.T, s *stack.Stack, user string) (*devtenant.UserAgent, string) {
	t.Helper()
	agent := devtenant.NewUserAgent(s.Tenant)
	response, err := agent.SignIn(t.Context(), s.WebUI.URL+"/account/login", user)
	return agent, page(t, response, err)
}

// page returns the body of an answer with status 200.
func page(t *testing.T, response *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	body := text(t, response)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d:\n%s", response.Request.URL.Path, response.StatusCode, body)
	}
	return body
}

// text returns the body of an answer.
func text(t *testing.T, response *http.Response) string {
	t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// client is an http.Client with the cookies that a browser has for the web UI. Unlike a UserAgent it may be used by
// many goroutines.
func client(s *stack.Stack, agent *devtenant.UserAgent) func(ctx context.Context, path string) (int, string, error) {
	var cookies []string
	for _, cookie := range agent.Cookies(s.WebUI.URL) {
		cookies = append(cookies, cookie.Name+"="+cookie.Value)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	shared := &http.Client{
		Transport:     transport,
		Timeout:       30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context, path string) (int, string, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.WebUI.URL+path, nil)
		if err != nil {
			return 0, "", err
		}
		request.Header.Set("Cookie", strings.Join(cookies, "; "))
		response, err := shared.Do(request)
		if err != nil {
			return 0, "", err
		}
		defer response.Body.Close()
		body, err := io.ReadAll(response.Body)
		return response.StatusCode, string(body), err
	}
}

// callAPI asks the API for a user's subscriptions, with a token that the tenant made.
func callAPI(ctx context.Context, s *stack.Stack, token string) (names []string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.API.URL+"/subscriptions", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("status %d: %s", response.StatusCode, body)
	}
	var list struct {
		Value []struct {
			DisplayName string `json:"displayName"`
		} `json:"value"`
		Count int `json:"count"`
	}
	if err := json.Unmarshal(body, &list); err != nil {
		return nil, err
	}
	if list.Count != len(list.Value) {
		return nil, fmt.Errorf("count is %d, and there are %d", list.Count, len(list.Value))
	}
	for _, subscription := range list.Value {
		names = append(names, subscription.DisplayName)
	}
	return names, nil
}

var subscriptionCount = regexp.MustCompile(`<h1 id="list">(\d+) subscriptions?</h1>`)

// subscriptionsOn returns how many subscriptions a page says that there are: a long list is on several.
func subscriptionsOn(page string) int {
	match := subscriptionCount.FindStringSubmatch(page)
	if match == nil {
		return 0
	}
	count, _ := strconv.Atoi(match[1])
	return count
}
