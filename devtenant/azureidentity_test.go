package devtenant_test

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/node"
)

// @azure/identity is what the Azure SDK for JavaScript signs in with. testdata/azure-identity tries its credentials.
func TestAzureIdentityNode(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	dir := node.Install(t, ctx, "testdata/azure-identity")
	tenant := devtenant.Start(t, allowPasswords)
	key, certificate := newCertificate(t, time.Now())
	registerCertificate(t, tenant, api, certificate)
	settings := tenant.Settings()
	settings["TENANT"], settings["AUTHORITY_HOST"], settings["AZURE_CLI"] = tenant.Directory().TenantID(), tenant.BackURL(), azureCLI
	settings["TOKEN_A"] = tenant.AccessToken("alice")
	settings["PEM"] = pemOf(t, key, certificate)
	thumbprint := sha256.Sum256(certificate.Raw)
	settings["ASSERTION"] = clientAssertion{
		key: key, algorithm: jose.PS256, thumbprint: map[jose.HeaderKey]string{"x5t#S256": base64.RawURLEncoding.EncodeToString(thumbprint[:])},
		claims: map[string]any{"iss": api, "sub": api, "aud": tenant.Authority() + "/v2.0", "jti": "1", "exp": time.Now().Add(5 * time.Minute).Unix()},
	}.sign(t)

	s := node.Start(t, ctx, dir, tenant, settings)
	var device struct{ UserCode, VerificationURI string }
	s.Read(&device)
	if _, err := devtenant.NewUserAgent(tenant).EnterDeviceCode(ctx, device.VerificationURI, device.UserCode, "grace"); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Tokens  map[string]string
		Refusal struct{ Message string }
	}
	s.Read(&got)
	s.End()
	for name, want := range map[string]map[string]any{
		"secret":      {"appid": api, "appidacr": "1", "idtyp": "app"},
		"certificate": {"appid": api, "appidacr": "2", "idtyp": "app"},
		"assertion":   {"appid": api, "appidacr": "2", "idtyp": "app"},
		"onBehalfOf":  {"appid": api, "appidacr": "1", "upn": "alice@devtenant.example", "scp": "user_impersonation"},
		"password":    {"appid": azureCLI, "appidacr": "0", "upn": "alice@devtenant.example"},
		"deviceCode":  {"appid": azureCLI, "appidacr": "0", "upn": "grace@devtenant.example"},
	} {
		claims := claimsOf(t, got.Tokens[name])
		for claim, value := range want {
			if claims[claim] != value {
				t.Errorf("%s: %s is %v, want %v", name, claim, claims[claim], value)
			}
		}
	}
	if !strings.HasPrefix(got.Refusal.Message, "invalid_client: ") || !strings.Contains(got.Refusal.Message, "7000215") {
		t.Errorf("a wrong secret: %s", got.Refusal.Message)
	}
}

// pemOf is a key and its certificate in one file.
func pemOf(t *testing.T, key *rsa.PrivateKey, certificate *x509.Certificate) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	for _, block := range []*pem.Block{{Type: "PRIVATE KEY", Bytes: der}, {Type: "CERTIFICATE", Bytes: certificate.Raw}} {
		if err := pem.Encode(&file, block); err != nil {
			t.Fatal(err)
		}
	}
	return file.String()
}
