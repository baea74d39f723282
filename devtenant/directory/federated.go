package directory

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// FederatedIdentityCredential is Graph's federatedIdentityCredential: an application trusts tokens of an outside issuer
// in place of a secret or a certificate.
type FederatedIdentityCredential struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Issuer      string   `json:"issuer"`
	Subject     string   `json:"subject"`
	Description string   `json:"description,omitempty"`
	Audiences   []string `json:"audiences"` // exactly one
}

const (
	maxFederatedCredentials = 20 // of one application
	maxFederatedText        = 600
	// TokenExchangeAudience is the audience of a federated credential's tokens in the public cloud.
	TokenExchangeAudience = "api://AzureADTokenExchange"
)

var federatedName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{2,119}$`)

// FederatedCredentials lists those of one application, by its object id, oldest first.
func (d *Directory) FederatedCredentials(applicationID string) []FederatedIdentityCredential {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return clone(append([]FederatedIdentityCredential{}, d.federated[applicationID]...))
}

// AddFederatedCredential adds one to an application, by its object id. Its id is made here. The errors are
// [ErrNotFound], [ErrConflict] (the name, or issuer and subject together, are taken) and [ErrInvalid].
func (d *Directory) AddFederatedCredential(applicationID string, c FederatedIdentityCredential) (FederatedIdentityCredential, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a, ok := find(d.applications, func(a *Application) bool { return strings.EqualFold(a.ID, applicationID) })
	if !ok {
		return c, fmt.Errorf("application %s: %w", applicationID, ErrNotFound)
	}
	if len(d.federated[a.ID]) >= maxFederatedCredentials {
		return c, fmt.Errorf("federated credential %q: %w", c.Name, invalid("an application has at most %d", maxFederatedCredentials))
	}
	c = clone(c)
	c.ID = newID()
	if err := d.checkFederated(a.ID, c); err != nil {
		return c, fmt.Errorf("federated credential %q: %w", c.Name, err)
	}
	d.federated[a.ID] = append(d.federated[a.ID], c)
	return clone(c), nil
}

// UpdateFederatedCredential changes one; its id and name stay what they are.
func (d *Directory) UpdateFederatedCredential(applicationID, id string, change func(*FederatedIdentityCredential)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	at := slices.IndexFunc(d.federated[applicationID], func(c FederatedIdentityCredential) bool { return c.ID == id })
	if at < 0 {
		return fmt.Errorf("federated credential %s: %w", id, ErrNotFound)
	}
	kept := &d.federated[applicationID][at]
	changed := clone(*kept)
	change(&changed)
	changed.ID, changed.Name = kept.ID, kept.Name
	if err := d.checkFederated(applicationID, changed); err != nil {
		return fmt.Errorf("federated credential %q: %w", kept.Name, err)
	}
	*kept = changed
	return nil
}

// RemoveFederatedCredential takes one away.
func (d *Directory) RemoveFederatedCredential(applicationID, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := len(d.federated[applicationID])
	d.federated[applicationID] = slices.DeleteFunc(d.federated[applicationID], func(c FederatedIdentityCredential) bool { return c.ID == id })
	if len(d.federated[applicationID]) == before {
		return fmt.Errorf("federated credential %s: %w", id, ErrNotFound)
	}
	return nil
}

// checkFederated is what Graph refuses ("Create federatedIdentityCredential"). Callers hold the lock.
func (d *Directory) checkFederated(applicationID string, c FederatedIdentityCredential) error {
	issuer, err := url.Parse(c.Issuer)
	switch {
	case !federatedName.MatchString(c.Name):
		return invalid("name %q: want 3 to 120 letters, digits, - and _", c.Name)
	case err != nil || issuer.Scheme != "https" || issuer.Host == "" || len(c.Issuer) > maxFederatedText:
		return invalid("issuer %q is not an https address of at most %d characters", c.Issuer, maxFederatedText)
	case c.Subject == "" || len(c.Subject) > maxFederatedText:
		return invalid("subject has to be there, with at most %d characters", maxFederatedText)
	case len(c.Audiences) != 1 || c.Audiences[0] == "" || len(c.Audiences[0]) > maxFederatedText:
		return invalid("audiences has to hold exactly one")
	}
	for _, other := range d.federated[applicationID] {
		if other.ID == c.ID {
			continue
		}
		if other.Name == c.Name {
			return fmt.Errorf("%w name", ErrConflict)
		}
		if other.Issuer == c.Issuer && other.Subject == c.Subject {
			return fmt.Errorf("%w issuer and subject", ErrConflict)
		}
	}
	return nil
}
