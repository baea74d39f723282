package directory

import (
	"slices"
	"testing"
	"time"
)

func TestSnapshot(t *testing.T) {
	t.Parallel()
	d := Default()
	restore := d.Snapshot()
	users, applications := len(d.Users()), len(d.Applications())
	for range 2 {
		made, err := d.CreateApplication(Application{DisplayName: "new"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.AddPassword(made.ID, "", time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, err := d.DeleteUser("bob"); err != nil {
			t.Fatal(err)
		}
		if _, err := d.UpdateUser("alice", func(u *User) { u.AccountEnabled, u.DisplayName = false, "another" }); err != nil {
			t.Fatal(err)
		}
		alice, _ := d.User("alice")
		d.WithdrawConsent(alice.ID)
		d.RemoveRoleAssignments(alice.ID)
		restore()
		alice, ok := d.User("alice")
		_, bob := d.User("bob@devtenant.example")
		if !ok || !bob || !alice.AccountEnabled || alice.DisplayName != "Alice Archer" || len(d.Users()) != users || len(d.Applications()) != applications {
			t.Errorf("restored: %+v, %d users, %d applications", alice, len(d.Users()), len(d.Applications()))
		}
		sample := d.Sample()
		if got := d.GrantedScopes(sample.API.AppID, ResourceManagerAppID, alice.ID); !slices.Contains(got, "user_impersonation") {
			t.Errorf("consent: %v", got)
		}
		if len(d.Subscriptions(alice.ID)) != 3 || d.CheckSecret(sample.API.AppID, sample.API.ClientSecret) != nil {
			t.Error("roles or secrets are not what they were")
		}
	}
}
