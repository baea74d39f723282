package directory

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// What is wrong with a client secret that [Directory.CheckSecret] refuses.
var (
	ErrWrongSecret   = errors.New("no credential of the application has that value")
	ErrExpiredSecret = errors.New("the secret has expired")
)

const secretLifetime = 2 * 365 * 24 * time.Hour // Graph's default for addPassword: two years

// AddPassword gives an application, or a service principal (its object id), a new secret. The result holds secretText,
// for the only time. A zero end is two years from now, as in Graph.
func (d *Directory) AddPassword(ownerID, displayName string, end time.Time) (PasswordCredential, error) {
	const length = 40 // as Entra's
	return d.addSecret(ownerID, displayName, (rand.Text() + rand.Text())[:length], end)
}

func (d *Directory) addSecret(ownerID, displayName, secret string, end time.Time) (PasswordCredential, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	passwords, err := d.passwords(ownerID)
	if err != nil {
		return PasswordCredential{}, err
	}
	now := d.now().UTC()
	if end.IsZero() {
		end = now.Add(secretLifetime)
	}
	credential := PasswordCredential{
		KeyID: newID(), DisplayName: displayName, Hint: hint(secret), StartDateTime: now, EndDateTime: end.UTC(),
	}
	*passwords = append(*passwords, credential)
	d.secretHashes[credential.KeyID] = sha256.Sum256([]byte(secret))
	credential.SecretText = &secret
	return credential, nil
}

// passwords are those of an application or a service principal. Callers hold the lock.
func (d *Directory) passwords(ownerID string) (*[]PasswordCredential, error) {
	if a, ok := find(d.applications, func(a *Application) bool { return strings.EqualFold(a.ID, ownerID) }); ok {
		return &a.PasswordCredentials, nil
	}
	if sp, ok := find(d.servicePrincipals, func(sp *ServicePrincipal) bool { return strings.EqualFold(sp.ID, ownerID) }); ok {
		return &sp.PasswordCredentials, nil
	}
	return nil, fmt.Errorf("application or service principal %s: %w", ownerID, ErrNotFound)
}

// RemovePassword takes a secret away.
func (d *Directory) RemovePassword(ownerID, keyID string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	passwords, err := d.passwords(ownerID)
	if err != nil {
		return err
	}
	before := len(*passwords)
	*passwords = slices.DeleteFunc(*passwords, func(c PasswordCredential) bool { return c.KeyID == keyID })
	if len(*passwords) == before {
		return fmt.Errorf("password %s: %w", keyID, ErrNotFound)
	}
	delete(d.secretHashes, keyID)
	return nil
}

// credentials are all with which a client may authenticate: the application's and its service principal's. Callers hold
// the lock.
func (d *Directory) credentials(appID string) (passwords []PasswordCredential, keys []KeyCredential) {
	if a, _, ok := d.registration(appID); ok {
		passwords, keys = slices.Clone(a.PasswordCredentials), slices.Clone(a.KeyCredentials)
	}
	if sp, ok := find(d.servicePrincipals, func(sp *ServicePrincipal) bool { return strings.EqualFold(sp.AppID, appID) }); ok {
		passwords, keys = append(passwords, sp.PasswordCredentials...), append(keys, sp.KeyCredentials...)
	}
	return passwords, keys
}

// CheckSecret compares a secret with each that the client has, in constant time. It returns [ErrWrongSecret] or
// [ErrExpiredSecret].
func (d *Directory) CheckSecret(appID, secret string) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	passwords, _ := d.credentials(appID)
	sent := sha256.Sum256([]byte(secret))
	result := ErrWrongSecret
	for _, credential := range passwords {
		kept := d.secretHashes[credential.KeyID]
		if subtle.ConstantTimeCompare(sent[:], kept[:]) != 1 {
			continue
		}
		if credential.EndDateTime.After(d.now()) {
			result = nil
		} else if result != nil {
			result = ErrExpiredSecret
		}
	}
	return result
}

// Certificates are the client's certificates that are valid now.
func (d *Directory) Certificates(appID string) []*x509.Certificate {
	d.mu.RLock()
	defer d.mu.RUnlock()
	_, keys := d.credentials(appID)
	var certificates []*x509.Certificate
	for _, credential := range keys {
		certificate, err := x509.ParseCertificate(credential.Key)
		now := d.now()
		if err == nil && now.After(certificate.NotBefore) && now.Before(certificate.NotAfter) {
			certificates = append(certificates, certificate)
		}
	}
	return certificates
}

// takeSecrets moves the secrets that a tenant file gives an application into the table of hashes. Callers hold the lock.
func (d *Directory) takeSecrets(a *Application) {
	for i := range a.PasswordCredentials {
		credential := &a.PasswordCredentials[i]
		if credential.SecretText == nil {
			continue
		}
		if credential.KeyID == "" {
			credential.KeyID = newID()
		}
		if credential.EndDateTime.IsZero() {
			credential.StartDateTime = d.now().UTC()
			credential.EndDateTime = credential.StartDateTime.Add(secretLifetime)
		}
		credential.Hint = hint(*credential.SecretText)
		d.secretHashes[credential.KeyID] = sha256.Sum256([]byte(*credential.SecretText))
		credential.SecretText = nil
	}
}

func hint(secret string) string { return secret[:min(3, len(secret))] }
