package entra_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

func TestReadCredential(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole, certificateOnly := filepath.Join(dir, "whole.pem"), filepath.Join(dir, "certificate.pem")
	certificate, key := selfSigned(t)
	write(t, whole, string(certificate)+string(key))
	write(t, certificateOnly, string(certificate))
	token, text := filepath.Join(dir, "token"), filepath.Join(dir, "text")
	write(t, token, "aGVhZGVy.cGF5bG9hZA.c2lnbmF0dXJl\n")
	write(t, text, "not a token")
	const identity = "11111111-2222-3333-4444-555555555555"

	tests := []struct {
		name    string
		values  map[string]string
		wantErr string
	}{
		{"a secret", map[string]string{"API_CLIENT_SECRET": "s"}, ""},
		{"a certificate", map[string]string{"API_CLIENT_CERTIFICATE": whole}, ""},
		{"neither", nil, "API_CLIENT_SECRET is missing"},
		{"a placeholder", map[string]string{"API_CLIENT_SECRET": "ReplaceWithSecret"}, "API_CLIENT_SECRET is missing"},
		{"both", map[string]string{"API_CLIENT_SECRET": "s", "API_CLIENT_CERTIFICATE": whole}, "API_CLIENT_SECRET is set together with API_CLIENT_CERTIFICATE"},
		{"all four", map[string]string{"API_CLIENT_SECRET": "s", "API_CLIENT_CERTIFICATE": whole, "API_CLIENT_ASSERTION_FILE": token, "API_CLIENT_MANAGED_IDENTITY": "system"},
			"API_CLIENT_CERTIFICATE, API_CLIENT_ASSERTION_FILE, API_CLIENT_MANAGED_IDENTITY"},
		{"a federated token", map[string]string{"API_CLIENT_ASSERTION_FILE": token}, ""},
		{"workload identity on AKS", map[string]string{"AZURE_FEDERATED_TOKEN_FILE": token}, ""},
		{"a secret where AKS offers a token, too", map[string]string{"API_CLIENT_SECRET": "s", "AZURE_FEDERATED_TOKEN_FILE": filepath.Join(dir, "absent")}, ""},
		{"no such token", map[string]string{"API_CLIENT_ASSERTION_FILE": filepath.Join(dir, "absent")}, "API_CLIENT_ASSERTION_FILE can't be read"},
		{"no such token on AKS", map[string]string{"AZURE_FEDERATED_TOKEN_FILE": filepath.Join(dir, "absent")}, "AZURE_FEDERATED_TOKEN_FILE can't be read"},
		{"a folder for a token", map[string]string{"API_CLIENT_ASSERTION_FILE": dir}, "is no file"},
		{"a text for a token", map[string]string{"API_CLIENT_ASSERTION_FILE": text}, "holds no signed JWT"},
		{"a user-assigned identity", map[string]string{"API_CLIENT_MANAGED_IDENTITY": identity}, ""},
		{"the system-assigned identity", map[string]string{"API_CLIENT_MANAGED_IDENTITY": "system"}, ""},
		{"an identity by name", map[string]string{"API_CLIENT_MANAGED_IDENTITY": "id-api"}, `is "id-api"; it should be the client id`},
		{"another tier's", map[string]string{"WEBUI_CLIENT_ASSERTION_FILE": token}, "API_CLIENT_SECRET is missing"},
		{"no such file", map[string]string{"API_CLIENT_CERTIFICATE": filepath.Join(dir, "absent.pem")}, "can't be read"},
		{"no key in it", map[string]string{"API_CLIENT_CERTIFICATE": certificateOnly}, "private key"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			settings := env.From(test.values)
			entra.ReadCredential(settings, "API", entra.Authority{})
			err := settings.Err()
			if test.wantErr == "" && err != nil {
				t.Error(err)
			}
			if test.wantErr != "" && (err == nil || !strings.Contains(err.Error(), test.wantErr)) {
				t.Errorf("error is %v, want one with %q", err, test.wantErr)
			}
		})
	}
}

func TestDecodeClaims(t *testing.T) {
	t.Parallel()
	const payload = "eyJhdWQiOiJhcGkiLCJhenAiOiJ3ZWIiLCJzY3AiOiJhY2Nlc3NfYXNfdXNlciIsImV4cCI6MTgwMDAwMDAwMH0" // aud api, azp web, scp access_as_user, exp 1800000000
	claims, err := entra.DecodeClaims(secret.New("e30." + payload + ".AA"))
	if err != nil {
		t.Fatal(err)
	}
	if claims.Audience != "api" || claims.Client() != "web" || claims.AppOnly() || claims.ExpiresAt().Unix() != 1_800_000_000 {
		t.Errorf("got %+v", claims)
	}
	// The last is the good one with bits to spare in its header's last character: the same to a lenient decoder.
	for _, bad := range []string{"", "e30.e30", "e30.!.AA", "e30.bm90IGpzb24.AA", "e31." + payload + ".AA"} {
		if _, err := entra.DecodeClaims(secret.New(bad)); err == nil {
			t.Errorf("%q was decoded", bad)
		}
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func selfSigned(t *testing.T) (certificate, key []byte) {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})
}
