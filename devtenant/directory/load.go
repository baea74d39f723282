package directory

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
)

var (
	//go:embed tenant.json
	tenantJSON []byte
	//go:embed fabrikam.json
	fabrikamJSON []byte
)

const maxTenantFile = 4 << 20 // bytes; a tenant to develop against is small

// Sample names the applications of the sample, so that a tenant can write the settings of its programs. A tenant without
// one of them has a zero value there.
type Sample struct {
	WebUI             SampleApplication `json:"webui"`
	API               SampleApplication `json:"api"`
	Orders            SampleApplication `json:"orders"`            // an API that the API calls on behalf of the user
	Console           SampleApplication `json:"console"`           // a public client
	Daemon            SampleApplication `json:"daemon"`            // has an app role of the API
	DaemonWithoutRole SampleApplication `json:"daemonWithoutRole"` // has none
	MCP               SampleApplication `json:"mcp"`               // a public client for agents
}

// SampleApplication is one of them. Its secret, where it has one, is one more password credential of the application. It
// opens nothing but a development tenant, so it may stand in a file.
type SampleApplication struct {
	AppID        string `json:"appId"`
	ClientSecret string `json:"clientSecret"`
}

// file is the form of tenant.json: Graph's objects, and short forms for what would be long in them.
type file struct {
	Comment           string                `json:"//"`
	TenantID          string                `json:"tenantId"`
	DisplayName       string                `json:"displayName"`
	Domain            string                `json:"domain"`
	Sample            Sample                `json:"sample"`
	Applications      []Application         `json:"applications"`
	ServicePrincipals []ServicePrincipal    `json:"servicePrincipals"`
	RoleAssignments   []appRoleLine         `json:"appRoleAssignments"`
	ManagedIdentities []managedIdentityLine `json:"managedIdentities"`
	Users             []User                `json:"users"`
	Consents          []consentLine         `json:"consents"`
	Subscriptions     []subscriptionLine    `json:"subscriptions"`
}

// consentLine becomes one oauth2PermissionGrant for each user, or one for all where there is no list.
type consentLine struct {
	Client   string   `json:"client"`   // client id
	Resource string   `json:"resource"` // client id
	Scopes   []string `json:"scopes"`
	Users    []string `json:"users"` // short names
}

// appRoleLine becomes one appRoleAssignment: an application may do at an API what the role says.
type appRoleLine struct {
	Principal string `json:"principal"` // client id
	Resource  string `json:"resource"`  // client id
	Role      string `json:"role"`      // its value
}

// subscriptionLine becomes one subscription, or as many as Repeat says (their names are numbered), and a role
// assignment for each reader.
type subscriptionLine struct {
	Subscription
	Readers []string `json:"readers"` // short names, or unique names of applications
	Repeat  int      `json:"repeat"`
}

// Default is the tenant of the embedded tenant.json: the sample's applications and its seven users.
func Default() *Directory { return embedded(tenantJSON) }

// Fabrikam is a second organization, of the embedded fabrikam.json: four users and no applications.
func Fabrikam() *Directory { return embedded(fabrikamJSON) }

func embedded(content []byte) *Directory {
	d, err := Load(bytes.NewReader(content))
	if err != nil {
		panic("directory: an embedded tenant: " + err.Error()) // a test holds this away
	}
	return d
}

// Load reads a tenant file. A member that the file format doesn't have is an error: it is most often a misspelling.
func Load(r io.Reader) (*Directory, error) {
	var f file
	decoder := json.NewDecoder(io.LimitReader(r, maxTenantFile))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&f); err != nil {
		return nil, fmt.Errorf("reading the tenant file: %w", err)
	}
	d := New(f.TenantID, f.DisplayName, f.Domain)
	d.sample = f.Sample
	for _, a := range f.Applications {
		if _, err := d.CreateApplication(a); err != nil {
			return nil, err
		}
	}
	for _, sp := range f.ServicePrincipals {
		if _, err := d.CreateServicePrincipal(sp); err != nil {
			return nil, err
		}
	}
	for _, line := range f.RoleAssignments {
		if err := d.loadAppRole(line); err != nil {
			return nil, err
		}
	}
	for _, line := range f.ManagedIdentities {
		if _, err := d.CreateManagedIdentity(line.DisplayName, line.ID, line.AppID); err != nil {
			return nil, err
		}
	}
	d.managedIdentities = f.ManagedIdentities
	for _, u := range f.Users {
		if _, err := d.CreateUser(u); err != nil {
			return nil, err
		}
	}
	for _, consent := range f.Consents {
		if err := d.loadConsent(consent); err != nil {
			return nil, err
		}
	}
	for _, line := range f.Subscriptions {
		if err := d.loadSubscription(line); err != nil {
			return nil, err
		}
	}
	for _, a := range f.Sample.all() {
		if err := d.loadSampleSecret(a); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Sample returns the applications of the sample.
func (d *Directory) Sample() Sample { return d.sample }

func (s Sample) all() []SampleApplication {
	return []SampleApplication{s.WebUI, s.API, s.Orders, s.Console, s.Daemon, s.DaemonWithoutRole, s.MCP}
}

func (d *Directory) loadAppRole(line appRoleLine) error {
	principal, ok1 := d.ServicePrincipalByAppID(line.Principal)
	resource, ok2 := d.ServicePrincipalByAppID(line.Resource)
	if !ok1 || !ok2 {
		return fmt.Errorf("appRoleAssignments: %s at %s: %w", line.Principal, line.Resource, ErrNotFound)
	}
	for _, role := range resource.AppRoles {
		if role.Value == line.Role {
			_, err := d.AssignAppRole(AppRoleAssignment{AppRoleID: role.ID, PrincipalID: principal.ID, ResourceID: resource.ID})
			return err
		}
	}
	return fmt.Errorf("appRoleAssignments: role %q: %w", line.Role, ErrNotFound)
}

func (d *Directory) loadConsent(line consentLine) error {
	if len(line.Users) == 0 {
		return d.Consent(line.Client, line.Resource, "", line.Scopes)
	}
	for _, name := range line.Users {
		u, ok := d.User(name)
		if !ok {
			return fmt.Errorf("consents: user %q: %w", name, ErrNotFound)
		}
		if err := d.Consent(line.Client, line.Resource, u.ID, line.Scopes); err != nil {
			return fmt.Errorf("consents: %w", err)
		}
	}
	return nil
}

func (d *Directory) loadSubscription(line subscriptionLine) error {
	var readers []string
	for _, name := range line.Readers {
		if u, ok := d.User(name); ok {
			readers = append(readers, u.ID)
			continue
		}
		a, _ := d.ApplicationByUniqueName(name)
		sp, ok := d.ServicePrincipalByAppID(a.AppID)
		if !ok {
			return fmt.Errorf("subscriptions: reader %q: %w", name, ErrNotFound)
		}
		readers = append(readers, sp.ID)
	}
	if line.Repeat == 0 {
		d.AddSubscription(line.Subscription, readers...)
		return nil
	}
	for i := 1; i <= line.Repeat; i++ {
		s := line.Subscription
		s.DisplayName = fmt.Sprintf("%s %03d", line.DisplayName, i)
		s.SubscriptionID = fmt.Sprintf("%s%04d", line.SubscriptionID[:max(0, len(line.SubscriptionID)-4)], i)
		d.AddSubscription(s, readers...)
	}
	return nil
}

func (d *Directory) loadSampleSecret(a SampleApplication) error {
	if a.AppID == "" {
		return nil
	}
	registered, ok := d.ApplicationByAppID(a.AppID)
	if !ok {
		return fmt.Errorf("sample: application %s: %w", a.AppID, ErrNotFound)
	}
	if a.ClientSecret == "" {
		return nil
	}
	if _, err := d.addSecret(registered.ID, "from the tenant file", a.ClientSecret, d.now().AddDate(2, 0, 0)); err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	return nil
}
