// Package keypair makes the key pair with which an application proves who it is in place of a secret, and reads it back.
//
// The private key never leaves the machine: Entra gets the certificate, and each token request carries an assertion
// signed with the key (RFC 7523). The file holds both in PEM, the form that MSAL and azidentity read.
package keypair

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/envfile"
)

// bits is what Entra takes at least, and enough until well after the certificate has expired (NIST SP 800-57).
const bits = 2048

// madeHere is the organization in the certificates of this package, by which cleanup knows its own files.
const madeHere = "appcreation"

// Pair is a certificate whose private key lies beside it in a file.
type Pair struct {
	File        string
	Certificate *x509.Certificate
	// HasKey is false for a file with only the public half, with which nobody can sign in.
	HasKey bool
}

// MadeHere reports whether the pair comes from this package.
func (p *Pair) MadeHere() bool {
	return len(p.Certificate.Subject.Organization) == 1 && p.Certificate.Subject.Organization[0] == madeHere
}

// Is reports whether der is the pair's certificate.
func (p *Pair) Is(der []byte) bool { return bytes.Equal(p.Certificate.Raw, der) }

// Create makes an RSA key and a self-signed certificate for it and writes both to file, readable by its owner alone.
// What stands in file is overwritten.
func Create(file, name string, now time.Time, life time.Duration) (*Pair, error) {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: name, Organization: []string{madeHere}},
		NotBefore:             now.Add(-5 * time.Minute).UTC(), // a clock that is a little ahead must not make it "not yet valid"
		NotAfter:              now.Add(life).UTC(),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encoding the key: %w", err)
	}
	var content bytes.Buffer
	_ = pem.Encode(&content, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	_ = pem.Encode(&content, &pem.Block{Type: "PRIVATE KEY", Bytes: private})
	if err := envfile.WriteFile(file, content.Bytes()); err != nil {
		return nil, err
	}
	return Read(file)
}

// Read reads a pair. It is nil where there is no file.
func Read(file string) (*Pair, error) {
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the certificate: %w", err)
	}
	pair := &Pair{File: file}
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		switch block.Type {
		case "CERTIFICATE":
			if pair.Certificate != nil {
				continue // the first is the application's own, the others its issuers
			}
			if pair.Certificate, err = x509.ParseCertificate(block.Bytes); err != nil {
				return nil, fmt.Errorf("reading %s: %w", file, err)
			}
		case "PRIVATE KEY", "RSA PRIVATE KEY":
			pair.HasKey = true
		}
	}
	if pair.Certificate == nil {
		return nil, fmt.Errorf("reading %s: it holds no certificate in PEM form", file)
	}
	return pair, nil
}
