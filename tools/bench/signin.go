package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// browsers signs users in as browsers do, over connections that all of them share. devtenant's own UserAgent reads the
// tenant's pages, and a list of ten thousand accounts to pick from is read slowly.
type browsers struct {
	transport *http.Transport
	tenant    *devtenant.Tenant
}

func newBrowsers(tenant *devtenant.Tenant) *browsers {
	transport := tenant.Transport()
	transport.MaxIdleConnsPerHost = 16
	return &browsers{transport: transport, tenant: tenant}
}

// signIn goes through the authorization code flow and returns the web UI's session as a Cookie header.
func (b *browsers) signIn(ctx context.Context, webUI, user string) (string, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}
	client := &http.Client{Transport: b.transport, Jar: jar, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if r.URL.String() == webUI+"/" { // signed in; the page is of no interest
			return http.ErrUseLastResponse
		}
		return nil
	}}
	stay := *client
	stay.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	response, err := send(ctx, &stay, http.MethodGet, webUI+"/account/login", nil)
	if err != nil {
		return "", err
	}
	authorize, err := response.Location()
	if err != nil {
		return "", fmt.Errorf("signing %s in: the web UI answered %s: %w", user, response.Status, err)
	}
	// The form of the page on which a user is picked.
	form := url.Values{"request": {authorize.RawQuery}, "user": {user}}
	picked := strings.TrimSuffix(authorize.Path, "/oauth2/v2.0/authorize") + "/sign-in"
	if response, err = send(ctx, client, http.MethodPost, b.tenant.BrowserURL()+picked, form); err != nil {
		return "", err
	}
	address, err := url.Parse(webUI)
	if err != nil {
		return "", err
	}
	for _, cookie := range jar.Cookies(address) {
		if strings.HasPrefix(cookie.Name, "webui-session") {
			return cookie.Name + "=" + cookie.Value, nil
		}
	}
	return "", fmt.Errorf("signing %s in: the last answer is %s from %s and there is no session", user, response.Status, response.Request.URL.Path)
}

// send sends a form, or none, and drops the answer's body.
func send(ctx context.Context, client *http.Client, method, address string, form url.Values) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response, err
}

// onBehalfOf gets a token B, for the forwarder to call Resource Manager with.
func onBehalfOf(ctx context.Context, tenant *devtenant.Tenant, user string) (string, error) {
	settings := tenant.Settings()
	form := url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "requested_token_use": {"on_behalf_of"},
		"client_id": {settings["API_CLIENT_ID"]}, "client_secret": {settings["API_CLIENT_SECRET"]},
		"assertion": {tenant.AccessToken(user)}, "scope": {directory.ResourceManagerAppID + "/.default"},
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, tenant.Authority()+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := tenant.Client().Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var answer struct {
		AccessToken string `json:"access_token"`
		Error       string `json:"error_description"`
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return "", err
	}
	if answer.AccessToken == "" {
		return "", errors.New("no token B for the forwarder: " + answer.Error)
	}
	return answer.AccessToken, nil
}

// subscriptions is what the tenant's Resource Manager answers for a user.
func subscriptions(ctx context.Context, tenant *devtenant.Tenant, user string) (string, error) {
	token, err := onBehalfOf(ctx, tenant, user)
	if err != nil {
		return "", err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, tenant.ResourceManagerURL()+subscriptionsPath, nil)
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := tenant.Client().Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = errors.New("the tenant's Resource Manager answered " + response.Status)
	}
	return string(answer), err
}
