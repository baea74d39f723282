package devtenant_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// Users at the same time never meet: whoever exchanges a token gets one for the same user, while keys rotate and the
// directory changes.
func TestUsersAtTheSameTime(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	client := tenant.Client()
	var group sync.WaitGroup
	for i := range 40 {
		user := []string{"alice", "bob", "frank", "grace"}[i%4]
		group.Go(func() {
			if i%10 == 0 {
				if err := tenant.RotateKeys(); err != nil {
					t.Error(err)
				}
				tenant.SetSampleURLs("http://localhost:8000", "http://localhost:8001")
			}
			want, _ := tenant.Directory().User(user)
			form := url.Values{}
			for name, value := range exchange(tenant.AccessToken(user), nil) {
				form.Set(name, value)
			}
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tenant.Authority()+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
			if err != nil {
				t.Error(err)
				return
			}
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			response, err := client.Do(request)
			if err != nil {
				t.Error(err)
				return
			}
			defer response.Body.Close()
			var reply struct {
				AccessToken string `json:"access_token"`
			}
			if err := json.NewDecoder(response.Body).Decode(&reply); err != nil {
				t.Error(err)
				return
			}
			if claims, err := tenant.VerifyToken(reply.AccessToken, directory.ResourceManagerAppID); err != nil || claims["oid"] != want.ID {
				t.Errorf("%s got the token of %v: %v", user, claims["name"], err)
			}
		})
	}
	group.Wait()
	if got := tenant.Count("token:on_behalf_of"); got != 40 {
		t.Errorf("%d exchanges counted, want 40", got)
	}
}

// Twenty users of each of two organizations, several times at the same time: nobody meets anybody, and no tenant answers with
// another's token.
func TestOrganizationsAtTheSameTime(t *testing.T) {
	t.Parallel()
	contoso, fabrikam := startOrganizations(t)
	if err := fabrikam.GrantAdminConsent(webUI); err != nil {
		t.Fatal(err)
	}
	if err := contoso.GrantAdminConsent(webUI); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for _, tenant := range []*devtenant.Tenant{contoso, fabrikam} {
		for i := range 20 {
			name := fmt.Sprintf("person%02d", i) // the same names in both
			user, err := tenant.Directory().CreateUser(directory.User{
				DisplayName: name, MailNickname: name, UserPrincipalName: name + "@" + tenant.Directory().Domain(), AccountEnabled: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			group.Go(func() {
				tid := tenant.Directory().TenantID()
				got, err := browser(contoso).SignIn(t.Context(), at(contoso, "organizations", nil), user.UserPrincipalName)
				if err != nil {
					t.Error(err)
					return
				}
				location, err := got.Location()
				if err != nil {
					t.Error(err)
					return
				}
				signedIn := postTokenAt(t, contoso, "organizations", redeem(location.Query().Get("code"), nil))
				for range 5 {
					exchanged := postTokenAt(t, contoso, tid, exchange(signedIn.AccessToken, nil))
					for what, raw := range map[string]string{"token A": signedIn.AccessToken, "token B": exchanged.AccessToken} {
						if claims := claimsOf(t, raw); claims["oid"] != user.ID || claims["tid"] != tid {
							t.Errorf("%s of %s is for %v of %v", what, user.UserPrincipalName, claims["oid"], claims["tid"])
						}
					}
				}
			})
		}
	}
	group.Wait()
}
