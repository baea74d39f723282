package readme

import (
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

// TestSwitchesShowTheFailures holds devtenant's switches and the table of failures together; docs/troubleshooting.md is made of
// the latter.
func TestSwitchesShowTheFailures(t *testing.T) {
	t.Parallel()
	switches := map[string]bool{}
	answered := map[int]string{} // which switch causes an AADSTS code
	for _, group := range devtenant.SwitchGroups() {
		for _, row := range group.Switches {
			switches[row.Name] = true
			for _, fault := range row.Faults {
				answered[fault.AADSTS] = row.Name
			}
		}
	}
	// These come of a state of the tenant, not of a fault.
	answered[50076], answered[50057], answered[50034] = "mfa", "user-disabled", "user-removed"

	for _, row := range apperror.All() {
		if row.Switch != "" && !switches[row.Switch] {
			t.Errorf("%s names the switch %q, which devtenant doesn't have", row.Code, row.Switch)
		}
		for _, number := range row.AADSTS {
			// A switch shows a number in one step; rows for the others need none.
			if answered[number] != "" && row.Switch == "" && len(row.Hops) == 0 {
				t.Errorf("%s names no switch, and %s shows AADSTS%d", row.Code, answered[number], number)
			}
		}
	}
	// The token endpoint's errors that a client of Entra has to be ready for.
	for _, number := range []int{
		65001, 50013, 500133, 500131, 50076, 50079, 53003, 50173, 50034, 50057, 70008, 700082, 54005, 501481, 7000215, 7000222,
		7000218, 700016, 500011, 70011, 70003, 70016, 240002, 7000114, 50011, 65004, 90009, 650057, 700022, 700005, 9001023,
	} {
		if answered[number] == "" {
			t.Errorf("no switch causes AADSTS%d", number)
		}
		if _, ok := apperror.ForAADSTS(apperror.SignIn, number); !ok {
			t.Errorf("AADSTS%d has no row in the table of failures", number)
		}
	}
}

// TestErrorsLinkToTheDocumentation: pages and problem documents link to where their codes are explained.
func TestErrorsLinkToTheDocumentation(t *testing.T) {
	t.Parallel()
	address := apperror.Docs(apperror.ConsentRequired)
	file, anchor, _ := strings.Cut(address[strings.Index(address, "/blob/main/")+len("/blob/main/"):], "#")
	if !strings.Contains(read(t, file), `<a id="`+anchor+`"></a>`) {
		t.Errorf("%s has no anchor %s", file, anchor)
	}
}
