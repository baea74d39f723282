package devtenant

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

type subscriptionPage struct {
	Value    []directory.Subscription `json:"value"`
	Count    subscriptionCount        `json:"count"`
	NextLink string                   `json:"nextLink,omitempty"`
}

type subscriptionCount struct {
	Type  string `json:"type"`
	Value int    `json:"value"`
}

// subscriptions is GET /subscriptions of Azure Resource Manager: what the user of the token has a role on, a page at
// a time. Somebody without a role gets an empty list.
func (t *Tenant) subscriptions(w http.ResponseWriter, r *http.Request) {
	token, ok := t.resourceManagerRequest(w, r)
	if !ok {
		return
	}
	start := 0
	if skip := r.URL.Query().Get("$skiptoken"); skip != "" {
		var err error
		if start, err = strconv.Atoi(skip); err != nil || start < 0 {
			resourceManagerError(w, http.StatusBadRequest, "InvalidSkipToken", "The skip token is invalid.")
			return
		}
	}
	c, all := callOf(r), t.dir.Subscriptions(token.text("oid"))
	start = min(start, len(all))
	end := min(start+cmp.Or(altered(c, func(f Fault) int { return f.PageSize }), t.options.PageSize), len(all))
	page := subscriptionPage{Value: all[start:end], Count: subscriptionCount{"Total", len(all)}}
	if end < len(all) {
		query := url.Values{"api-version": {r.URL.Query().Get("api-version")}, "$skiptoken": {strconv.Itoa(end)}}
		page.NextLink = t.resourceManagerURL + "/subscriptions?" + query.Encode()
	}
	if altered(c, func(f Fault) bool { return f.RelativeLinks }) {
		page.NextLink = strings.TrimPrefix(page.NextLink, t.resourceManagerURL)
	}
	if link := altered(c, func(f Fault) string { return f.NextLink }); strings.HasPrefix(link, "/") {
		page.NextLink = t.resourceManagerURL + link
	} else if link != "" {
		page.NextLink = link
	}
	writeJSON(w, http.StatusOK, page)
}

// subscription is GET /subscriptions/{id}.
func (t *Tenant) subscription(w http.ResponseWriter, r *http.Request) {
	if subscription, ok := t.visibleSubscription(w, r, "Microsoft.Resources/subscriptions/read"); ok {
		writeJSON(w, http.StatusOK, subscription)
	}
}

// visibleSubscription is the subscription that a path names, if the token's principal has a role on it. Otherwise it
// answers: Resource Manager tells what doesn't exist from what isn't allowed.
func (t *Tenant) visibleSubscription(w http.ResponseWriter, r *http.Request, action string) (directory.Subscription, bool) {
	token, ok := t.resourceManagerRequest(w, r)
	if !ok {
		return directory.Subscription{}, false
	}
	id := r.PathValue("id")
	if _, err := uuid.Parse(id); err != nil {
		resourceManagerError(w, http.StatusBadRequest, "InvalidSubscriptionId", fmt.Sprintf("The provided subscription identifier '%s' is malformed or invalid.", shorten(id)))
		return directory.Subscription{}, false
	}
	all := t.dir.Subscriptions(token.text("oid"))
	at := slices.IndexFunc(all, func(s directory.Subscription) bool { return strings.EqualFold(s.SubscriptionID, id) })
	switch {
	case at >= 0:
		return all[at], true
	case !t.dir.HasSubscription(id):
		resourceManagerError(w, http.StatusNotFound, "SubscriptionNotFound", fmt.Sprintf("The subscription '%s' could not be found.", id))
	default:
		t.notAuthorized(w, token, action, "/subscriptions/"+id)
	}
	return directory.Subscription{}, false
}

func (t *Tenant) notAuthorized(w http.ResponseWriter, token verified, action, scope string) {
	client := token.text("upn")
	if client == "" {
		client = token.text("appid")
	}
	resourceManagerError(w, http.StatusForbidden, "AuthorizationFailed", fmt.Sprintf(
		"The client '%s' with object id '%s' does not have authorization to perform action '%s' over scope '%s' or the scope is invalid. If access was recently granted, please refresh your credentials.",
		client, token.text("oid"), action, scope))
}

// listTenants is GET /tenants: what the user of the token can sign in to. The Azure CLI and the portal begin here.
func (t *Tenant) listTenants(w http.ResponseWriter, r *http.Request) {
	token, ok := t.resourceManagerRequest(w, r)
	if !ok {
		return
	}
	list := []any{}
	for _, tenant := range t.shown() {
		if _, known := tenant.local(t.dir.TenantID(), token.text("oid")); !known && tenant != t {
			continue // neither at home there nor a guest
		}
		id, domain := tenant.dir.TenantID(), tenant.dir.Domain()
		list = append(list, map[string]any{
			"id": "/tenants/" + id, "tenantId": id, "tenantCategory": "Home", "tenantType": "AAD",
			"displayName": tenant.dir.DisplayName(), "countryCode": "US", "domains": []string{domain}, "defaultDomain": domain,
		})
	}
	writeJSON(w, http.StatusOK, map[string]any{"value": list})
}

// locations is GET /subscriptions/{id}/locations.
func (t *Tenant) locations(w http.ResponseWriter, r *http.Request) {
	subscription, ok := t.visibleSubscription(w, r, "Microsoft.Resources/subscriptions/locations/read")
	if !ok {
		return
	}
	location := func(name, displayName, geography, group, place, latitude, longitude, paired string) map[string]any {
		id := func(name string) string { return subscription.ID + "/locations/" + name }
		return map[string]any{
			"id": id(name), "name": name, "type": "Region", "displayName": displayName, "regionalDisplayName": "(" + group + ") " + displayName,
			"metadata": map[string]any{
				"regionType": "Physical", "regionCategory": "Recommended", "geography": geography, "geographyGroup": group,
				"longitude": longitude, "latitude": latitude, "physicalLocation": place,
				"pairedRegion": []any{map[string]string{"name": paired, "id": id(paired)}},
			},
		}
	}
	writeJSON(w, http.StatusOK, map[string]any{"value": []any{
		location("eastus", "East US", "United States", "US", "Virginia", "37.3719", "-79.8164", "westus"),
		location("northeurope", "North Europe", "Europe", "Europe", "Ireland", "53.3478", "-6.2597", "westeurope"),
		location("westeurope", "West Europe", "Europe", "Europe", "Netherlands", "52.3667", "4.9", "northeurope"),
	}})
}
