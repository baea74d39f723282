package graph

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

// applicationFields is asked for by name: Graph tells a certificate's content only where keyCredentials is selected.
const applicationFields = "id,appId,uniqueName,displayName,signInAudience,tags,identifierUris,api,web,publicClient,isFallbackPublicClient,appRoles," +
	"serviceManagementReference,requiredResourceAccess,optionalClaims,passwordCredentials,keyCredentials"

// ApplicationByUniqueName returns the application with this unique name. It is nil where there is none.
//
// A unique name is an alternate key, which the directory itself keeps unique; a search by display name or tag runs over
// an index that may be seconds behind. Graph reference: "Get application", "Upsert application".
func (c *Client) ApplicationByUniqueName(ctx context.Context, name string) (*Application, error) {
	var app Application
	_, err := c.do(ctx, call{
		operation: readApplication,
		method:    http.MethodGet,
		path:      "/applications(uniqueName=" + quoted(name) + ")?$select=" + applicationFields,
		out:       &app,
	})
	if IsNotThere(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &app, nil
}

// ApplicationsByTag returns the applications that carry a tag. Graph reference: "List applications".
func (c *Client) ApplicationsByTag(ctx context.Context, tag string) ([]Application, error) {
	filter := url.QueryEscape("tags/any(t:t eq " + literal(tag) + ")")
	return list[Application](ctx, c, readApplication, "/applications?$filter="+filter+"&$select="+applicationFields)
}

// CreateIfMissing creates the application with this unique name, or changes it if it is there; then the result is nil,
// because Graph answers 204 without it. Two runs at once, or a run after one whose answer got lost, make one application.
// Graph reference: "Upsert application".
func (c *Client) CreateIfMissing(ctx context.Context, uniqueName string, app Application) (*Application, error) {
	var created Application
	status, err := c.do(ctx, call{
		operation: createApplication,
		method:    http.MethodPatch,
		path:      "/applications(uniqueName=" + quoted(uniqueName) + ")",
		in:        app,
		out:       &created,
		header:    http.Header{"Prefer": {"create-if-missing"}},
	})
	if err != nil || status == http.StatusNoContent {
		return nil, err
	}
	return &created, nil
}

// UpdateApplication changes what patch holds and leaves the rest. Graph reference: "Update application".
func (c *Client) UpdateApplication(ctx context.Context, id string, patch Application) error {
	_, err := c.do(ctx, call{operation: updateApplication, method: http.MethodPatch, path: "/applications/" + id, in: patch})
	return err
}

// DeleteApplication moves an application and its service principal in this tenant to the bin.
// Graph reference: "Delete application".
func (c *Client) DeleteApplication(ctx context.Context, id string) error {
	_, err := c.do(ctx, call{operation: deleteApplication, method: http.MethodDelete, path: "/applications/" + id})
	return err
}

// Owners returns the object ids of an application's owners. Graph reference: "List owners".
func (c *Client) Owners(ctx context.Context, id string) ([]string, error) {
	owners, err := list[User](ctx, c, readApplication, "/applications/"+id+"/owners?$select=id")
	ids := make([]string, len(owners))
	for i, owner := range owners {
		ids[i] = owner.ID
	}
	return ids, err
}

// AddOwner makes a user an owner of an application. Graph reference: "Add owner".
func (c *Client) AddOwner(ctx context.Context, id, userID string) error {
	body := struct {
		ID string `json:"@odata.id"`
	}{c.endpoint + "/directoryObjects/" + userID}
	_, err := c.do(ctx, call{operation: addOwner, method: http.MethodPost, path: "/applications/" + id + "/owners/$ref", in: body})
	return err
}

// AddPassword has Graph make a secret and returns it: the one moment at which it can be seen.
// Graph reference: "application: addPassword".
func (c *Client) AddPassword(ctx context.Context, id, displayName string, end time.Time) (secret.String, PasswordCredential, error) {
	type credential struct {
		DisplayName string    `json:"displayName"`
		EndDateTime time.Time `json:"endDateTime"`
	}
	in := struct {
		PasswordCredential credential `json:"passwordCredential"`
	}{credential{displayName, end.UTC().Truncate(time.Second)}}
	var out struct {
		PasswordCredential
		SecretText string `json:"secretText"`
	}
	_, err := c.do(ctx, call{operation: addPassword, method: http.MethodPost, path: "/applications/" + id + "/addPassword", in: in, out: &out})
	return secret.New(out.SecretText), out.PasswordCredential, err
}

// RemovePassword takes a secret away by its key id. Graph reference: "application: removePassword".
func (c *Client) RemovePassword(ctx context.Context, id, keyID string) error {
	in := struct {
		KeyID string `json:"keyId"`
	}{keyID}
	_, err := c.do(ctx, call{operation: removePassword, method: http.MethodPost, path: "/applications/" + id + "/removePassword", in: in})
	return err
}

// literal is a string in an OData expression: in quotes, with quotes in it doubled.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// quoted is a literal in a path.
func quoted(text string) string {
	return "'" + url.PathEscape(strings.ReplaceAll(text, "'", "''")) + "'"
}
