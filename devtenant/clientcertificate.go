package devtenant

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"

	"github.com/google/uuid"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// NewClientCertificate registers a new certificate with an application (by its client id), beside the credentials that it
// has. The result is PEM: the certificate and its private key, as ..._CLIENT_CERTIFICATE settings want them.
func (t *Tenant) NewClientCertificate(appID string) ([]byte, error) {
	registered, ok := t.tenants[0].dir.ApplicationByAppID(appID)
	if !ok {
		return nil, fmt.Errorf("application %s: %w", appID, directory.ErrNotFound)
	}
	key, err := newCertifiedKey("devtenant client (for development only)", t.clock.source())
	if err != nil {
		return nil, err
	}
	_, err = t.tenants[0].dir.UpdateApplication(registered.ID, func(a *directory.Application) error {
		a.KeyCredentials = append(a.KeyCredentials, directory.KeyCredential{
			KeyID: uuid.NewString(), DisplayName: "made by devtenant", Type: "AsymmetricX509Cert", Usage: "Verify", Key: key.certificate.Raw,
			StartDateTime: key.certificate.NotBefore, EndDateTime: key.certificate.NotAfter,
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key.private)
	if err != nil {
		return nil, fmt.Errorf("encoding the certificate's key: %w", err)
	}
	return append(
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: key.certificate.Raw}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})...,
	), nil
}

// WriteDaemonCertificate registers a new certificate with the sample's program without a user, and writes it to a file
// that nobody else may read.
func (t *Tenant) WriteDaemonCertificate(path string) error {
	content, err := t.NewClientCertificate(t.applications().Daemon.AppID)
	if err != nil {
		return fmt.Errorf("making the daemon's certificate: %w", err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return fmt.Errorf("writing the daemon's certificate: %w", err)
	}
	return nil
}
