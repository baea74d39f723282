package redisclient_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redisclient"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/secret"
)

func TestReadURL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, value string
		good        bool
	}{
		{"absent", "", true},
		{"plain", "redis://localhost:6379/0", true},
		{"without port and database", "redis://redis", true},
		{"IPv6", "redis://[::1]:6379", true},
		{"TLS, user and password", "rediss://web:hunter2@redis.example:6380/3", true},
		{"password alone", "redis://:hunter2@localhost:6379", true},
		{"percent-encoded password", "redis://:hunter2%2F%40%3A@localhost", true},
		{"http", "http://:hunter2@localhost:6379", false},
		{"no scheme", "localhost:6379", false},
		{"no host", "redis:///0", false},
		{"a port that is none", "redis://:hunter2@localhost:x/0", false},
		{"a slash in the password", "redis://:hunter2/x@localhost:6379/0", false},
		{"a database that is none", "redis://:hunter2@localhost/hunter2", false},
		{"a database below zero", "redis://localhost/-1", false},
		{"two databases", "redis://localhost/1/2", false},
		{"certificates unchecked", "rediss://:hunter2@localhost?skip_verify=true", false},
		{"a control character", "redis://:hunter2\x7f@localhost", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := env.From(map[string]string{"ENVIRONMENT": "development", "REDIS_URL": test.value})
			got := redisclient.ReadURL(r)
			err := r.Err()
			if (err == nil) != test.good {
				t.Fatalf("error is %v", err)
			}
			if err == nil {
				if got.Reveal() != test.value {
					t.Errorf("the URL is %q", got.Reveal())
				}
				return
			}
			if !strings.Contains(err.Error(), "REDIS_URL") || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("error is %v, want the setting's name and not its value", err)
			}
			_, err = redisclient.New(secret.New(test.value), "")
			if err == nil || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("New's error is %v", err)
			}
		})
	}
}

// TestFieldCase39PasswordsInTheClear: in production, and to another machine.
func TestFieldCase39PasswordsInTheClear(t *testing.T) {
	t.Parallel()
	tests := []struct {
		value       string
		environment string
		good        bool
	}{
		{"redis://:hunter2@redis:6379/0", "production", false},
		{"redis://web:hunter2@redis.example:6379", "production", false},
		{"redis://:hunter2@10.0.0.5", "production", false},
		{"redis://:hunter2@[2001:db8::1]:6379/1", "production", false},
		{"redis://:hunter2@localhost.example", "production", false},
		{"redis://:hunter2@127.0.0.1.example", "production", false},
		{"redis://:hunter2@redis:6379/0", "development", true},
		{"rediss://:hunter2@redis:6380/0", "production", true},
		{"redis://:hunter2@localhost:6379/0", "production", true},
		{"redis://:hunter2@127.0.0.1", "production", true},
		{"redis://:hunter2@[::1]", "production", true},
		{"redis://redis:6379/0", "production", true}, // without a password nothing is given away; the records are sealed
	}
	for _, test := range tests {
		t.Run(test.environment+" "+test.value, func(t *testing.T) {
			t.Parallel()
			r := env.From(map[string]string{"ENVIRONMENT": test.environment, "REDIS_URL": test.value})
			redisclient.ReadURL(r)
			err := r.Err()
			if (err == nil) != test.good {
				t.Fatalf("error is %v", err)
			}
			if err != nil && (!strings.Contains(err.Error(), "rediss://") || strings.Contains(err.Error(), "hunter2")) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

// TestTLSAndPassword: rediss://, with an authority of one's own, a user of Redis' access control list, and a database.
func TestTLSAndPassword(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certificate, key := writeCertificate(t, dir)
	_, port, err := net.SplitHostPort(redistest.FreeAddress(t))
	if err != nil {
		t.Fatal(err)
	}
	server := redistest.Start(t, "--tls-port", port, "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no")
	own := server.Client(t)
	for _, user := range []string{"web on >hunter2 ~obo:* +@all -@admin -@dangerous", "default off"} {
		arguments := []any{"ACL", "SETUSER"}
		for _, argument := range strings.Fields(user) {
			arguments = append(arguments, argument)
		}
		if err := own.Do(t.Context(), arguments...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	url := "rediss://web:hunter2@localhost:" + port + "/3"

	client, err := redisclient.New(secret.New(url), certificate)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if err := client.Set(t.Context(), "obo:a", "1", time.Minute).Err(); err != nil {
		t.Fatal(err)
	}
	if db := client.Options().DB; db != 3 {
		t.Errorf("the database is %d", db)
	}

	for name, wrong := range map[string]struct{ url, caFile string }{
		"an authority that is not known": {url, ""},
		"a wrong password":               {strings.Replace(url, "hunter2", "hunter3", 1), certificate},
		"no password":                    {strings.Replace(url, "web:hunter2@", "", 1), certificate},
		"another host's certificate":     {strings.Replace(url, "localhost", "127.0.0.1", 1), certificate},
	} {
		client, err := redisclient.New(secret.New(wrong.url), wrong.caFile)
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		err = client.Ping(t.Context()).Err()
		if err == nil {
			t.Errorf("%s: Redis answers", name)
			continue
		}
		if strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: the error is %v", name, err)
		}
		t.Logf("%s: %v", name, err)
	}
	if _, err := redisclient.New(secret.New(url), filepath.Join(dir, "missing.pem")); err == nil {
		t.Error("TRUSTED_CA_FILE is missing, and there is no error")
	}
}

// writeCertificate writes a certificate for localhost that is its own authority.
func writeCertificate(t *testing.T, dir string) (certificateFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "redis"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certificateFile, keyFile = filepath.Join(dir, "redis.pem"), filepath.Join(dir, "redis.key")
	for file, block := range map[string]*pem.Block{
		certificateFile: {Type: "CERTIFICATE", Bytes: certificate},
		keyFile:         {Type: "PRIVATE KEY", Bytes: encoded},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certificateFile, keyFile
}
