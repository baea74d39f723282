package command_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/desired"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// view is what the tenant has of the applications and what development.env says, without what differs between any
// two runs: ids, secrets, times and the order of lists. Two runs that came to the same end have the same view.
func (f *fixture) view() string {
	f.t.Helper()
	names := map[string]string{}
	apps := map[string]any{}
	for _, app := range f.directory.Applications() {
		role := madeHere(app)
		if role == "" {
			continue
		}
		if apps[string(role)] != nil {
			f.t.Errorf("there are two applications for the %s", role)
		}
		names[app.ID], names[app.AppID] = fmt.Sprintf("(object id of the %s)", role), fmt.Sprintf("(client id of the %s)", role)
		for _, credential := range app.PasswordCredentials {
			names[credential.KeyID] = "(key id)"
		}
		for _, credential := range app.KeyCredentials {
			names[credential.KeyID] = "(key id)"
		}
		apps[string(role)] = map[string]any{"application": app, "owners": f.directory.Owners(app.ID)}
	}
	var servicePrincipals []any
	for _, sp := range f.directory.ServicePrincipals() {
		names[sp.ID] = "(service principal of " + sp.DisplayName + ")"
		if strings.HasPrefix(sp.DisplayName, desired.DefaultName) {
			servicePrincipals = append(servicePrincipals, sp)
		}
	}
	var grants []any
	for _, grant := range f.directory.Grants() {
		if strings.Contains(names[grant.ClientID], desired.DefaultName) {
			names[grant.ID] = "(grant)"
			grants = append(grants, grant)
		}
	}
	return f.normal(map[string]any{"apps": apps, "servicePrincipals": servicePrincipals, "grants": grants, "settings": f.settings()}, names)
}

// madeHere is the role of an application that configure made.
func madeHere(app directory.Application) desired.Role {
	for _, role := range desired.AllRoles {
		if slices.Contains(app.Tags, desired.Settings{Name: desired.DefaultName}.Tag(role)) {
			return role
		}
	}
	return ""
}

// settings are those of development.env, with words for secrets.
func (f *fixture) settings() map[string]string {
	values := f.env()
	for name, value := range values {
		if value != "" && (strings.HasSuffix(name, "_SECRET") || name == "WEBUI_SESSION_KEY") {
			values[name] = "(secret)"
		}
	}
	return values
}

// volatile properties differ between runs.
var volatile = []string{"hint", "startDateTime", "endDateTime", "createdDateTime", "customKeyIdentifier", "key"}

// normal is an object's JSON with words for ids, and then in a fixed order.
func (f *fixture) normal(object any, names map[string]string) string {
	f.t.Helper()
	raw, err := json.Marshal(object)
	if err != nil {
		f.t.Fatal(err)
	}
	text := string(raw)
	names[f.url], names[f.folder] = "(authority)", "(folder)"
	if id := f.installation(); id != "" {
		names[id] = "(installation)"
	}
	for id, name := range names {
		text = strings.ReplaceAll(text, id, name)
	}
	var tree any
	if err := json.Unmarshal([]byte(text), &tree); err != nil {
		f.t.Fatal(err)
	}
	if raw, err = json.MarshalIndent(sorted(tree), "", "  "); err != nil {
		f.t.Fatal(err)
	}
	return string(raw)
}

func sorted(tree any) any {
	switch tree := tree.(type) {
	case map[string]any:
		for name, value := range tree {
			tree[name] = sorted(value)
			if slices.Contains(volatile, name) {
				tree[name] = "(differs)"
			}
		}
	case []any:
		for i := range tree {
			tree[i] = sorted(tree[i])
		}
		slices.SortFunc(tree, func(a, b any) int {
			left, _ := json.Marshal(a)
			right, _ := json.Marshal(b)
			return strings.Compare(string(left), string(right))
		})
	}
	return tree
}

// wantView compares two views line by line.
func wantView(t testing.TB, when, got, want string) {
	t.Helper()
	if got == want {
		return
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(gotLines), len(wantLines)) {
		if gotLines[i] != wantLines[i] {
			from := max(0, i-4)
			t.Errorf("%s, the views differ from line %d: got\n%s\nwant\n%s", when, i+1,
				strings.Join(gotLines[from:min(i+5, len(gotLines))], "\n"), strings.Join(wantLines[from:min(i+5, len(wantLines))], "\n"))
			return
		}
	}
	t.Errorf("%s, one view has more lines: got %d, want %d", when, len(gotLines), len(wantLines))
}
