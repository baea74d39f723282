package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// tenantRole is the development tenant, as its own program runs it, with more users: alice, whom every tenant has, is
// the one user, and those of userName are the many. The gauge's address also hands out what is needed to be a caller.
func tenantRole(ctx context.Context, settings map[string]string, control *http.ServeMux) (serving, error) {
	users, err := strconv.Atoi(settings["USERS"])
	if err != nil {
		return serving{}, err
	}
	filled, err := fillDirectory(users)
	if err != nil {
		return serving{}, err
	}
	tenant, err := devtenant.New(devtenant.Options{
		Directory: filled, BrowserAddr: "localhost:0", BackAddr: "localhost:0",
		WebUIURL: settings["WEBUI_URL"], APIURL: settings["API_URL"],
	})
	if err != nil {
		return serving{}, err
	}
	if err := tenant.Listen(); err != nil {
		return serving{}, err
	}
	if err := tenant.WriteCertificate(settings["TRUSTED_CA_FILE"]); err != nil {
		return serving{}, err
	}
	browser := newBrowsers(tenant)
	for path, create := range map[string]func(r *http.Request) (any, error){
		"GET /settings": func(*http.Request) (any, error) {
			settings := tenant.Settings()
			settings["API_GRAPH_URL"] = "" // what is measured are the four hops
			return settings, nil
		},
		"GET /counts": func(*http.Request) (any, error) { return counts(tenant), nil },
		"GET /token-a": func(r *http.Request) (any, error) {
			return forUsers(r, func(name string) (string, error) { return tenant.AccessToken(name), nil })
		},
		"GET /token-b":       func(r *http.Request) (any, error) { return onBehalfOf(r.Context(), tenant, "alice") },
		"GET /subscriptions": func(r *http.Request) (any, error) { return subscriptions(r.Context(), tenant, "alice") },
		"GET /sign-in": func(r *http.Request) (any, error) {
			return forUsers(r, func(name string) (string, error) { return browser.signIn(r.Context(), settings["WEBUI_URL"], name) })
		},
	} {
		control.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			value, err := create(r)
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			_ = json.NewEncoder(w).Encode(value)
		})
	}
	return serving{url: tenant.BackURL(), serve: tenant.Serve}, nil
}

func userName(i int) string { return fmt.Sprintf("user-%06d", i) }

// fillDirectory returns the tenant of the sample with more users, who all have consented and see three subscriptions.
func fillDirectory(users int) (*directory.Directory, error) {
	d := directory.Default()
	sample := d.Sample()
	var readers []string
	for i := range users {
		name := userName(i)
		made, err := d.CreateUser(directory.User{
			DisplayName: "User " + strconv.Itoa(i), MailNickname: name, UserPrincipalName: name + "@" + d.Domain(), AccountEnabled: true,
		})
		if err != nil {
			return nil, err
		}
		readers = append(readers, made.ID)
	}
	for _, consent := range []struct {
		client, resource string
		scopes           []string
	}{
		{sample.WebUI.AppID, sample.API.AppID, []string{"access_as_user"}},
		{sample.WebUI.AppID, directory.GraphAppID, []string{"openid", "profile", "offline_access"}},
		{sample.API.AppID, directory.ResourceManagerAppID, []string{"user_impersonation"}},
		{sample.API.AppID, directory.GraphAppID, []string{"User.Read"}},
	} {
		if err := d.Consent(consent.client, consent.resource, "", consent.scopes); err != nil {
			return nil, err
		}
	}
	for i := range 3 {
		d.AddSubscription(directory.Subscription{DisplayName: fmt.Sprintf("Subscription %d", i+1)}, readers...)
	}
	return d, nil
}

// forUsers makes something for alice, or for each of the many users, as the query says. It takes both cores.
func forUsers(r *http.Request, create func(name string) (string, error)) ([]string, error) {
	names := []string{"alice"}
	if many, _ := strconv.Atoi(r.URL.Query().Get("users")); many > 0 {
		names = names[:0]
		for i := range many {
			names = append(names, userName(i))
		}
	}
	made := make([]string, len(names))
	group, ctx := errgroup.WithContext(r.Context())
	group.SetLimit(4)
	for i, name := range names {
		group.Go(func() (err error) {
			if ctx.Err() == nil { // else another user's has failed
				made[i], err = create(name)
			}
			return err
		})
	}
	return made, group.Wait()
}

// counts is how often the tenant was asked for what a tier should ask for rarely.
func counts(tenant *devtenant.Tenant) map[string]int {
	found := map[string]int{}
	for _, endpoint := range []string{"discovery", "keys", "token:on_behalf_of", "token:refresh_token", "token:authorization_code"} {
		found[endpoint] = tenant.Count(endpoint)
	}
	return found
}
