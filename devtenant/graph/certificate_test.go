package graph_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"
)

// certificate is a self-signed one, DER in base64.
func certificate(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "web UI"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// TestCertificates: the list is replaced as a whole; one that was there may come without its content; the content is
// told only to those who select it.
func TestCertificates(t *testing.T) {
	t.Parallel()
	n := newTenant(t)
	id, appID := n.created("/applications", `{"displayName":"first"}`)
	first, second := certificate(t), certificate(t)
	n.want(204, "", "PATCH", "/applications/"+id, `{"keyCredentials":[{"type":"AsymmetricX509Cert","usage":"Verify","key":"`+first+`"}]}`)
	app, _ := n.directory.Application(id)
	kept := app.KeyCredentials[0]
	if kept.KeyID == "" || len(kept.CustomKeyIdentifier) != 40 || kept.DisplayName != "CN=web UI" || kept.EndDateTime.Before(time.Now()) {
		t.Errorf("what is filled in is %+v", kept)
	}
	if a := n.want(200, "", "GET", "/applications/"+id, ""); strings.Contains(a.raw, first) {
		t.Error("the content is told unasked")
	}
	if a := n.want(200, "", "GET", "/applications/"+id+"?$select=id,keyCredentials", ""); !strings.Contains(a.raw, first) {
		t.Errorf("the content isn't told: %s", a.raw)
	}
	n.want(204, "", "PATCH", "/applications/"+id,
		`{"keyCredentials":[{"keyId":"`+kept.KeyID+`","type":"AsymmetricX509Cert","usage":"Verify"},{"type":"AsymmetricX509Cert","usage":"Verify","key":"`+second+`"}]}`)
	if certificates := n.directory.Certificates(appID); len(certificates) != 2 {
		t.Errorf("the client may sign with %d certificates", len(certificates))
	}
	n.want(204, "", "PATCH", "/applications/"+id, `{"keyCredentials":[]}`)
	if certificates := n.directory.Certificates(appID); len(certificates) != 0 {
		t.Errorf("the client may still sign with %d certificates", len(certificates))
	}
}
