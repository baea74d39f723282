package keypair_test

import (
	"crypto/rsa"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/keypair"
)

// TestWhoReadsIt: MSAL and azidentity both take the file.
func TestWhoReadsIt(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "api.pem")
	now := time.Now()
	pair, err := keypair.Create(file, "ms-identity-go-on-behalf-of-api", now, 90*24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if !pair.HasKey || !pair.MadeHere() || !pair.Is(pair.Certificate.Raw) || pair.File != file {
		t.Errorf("the pair is %+v", pair)
	}
	if left := pair.Certificate.NotAfter.Sub(now).Round(time.Hour); left != 90*24*time.Hour {
		t.Errorf("it is good for %s", left)
	}
	if key, ok := pair.Certificate.PublicKey.(*rsa.PublicKey); !ok || key.Size() < 256 {
		t.Error("Entra wants RSA with 2048 bits at least")
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	certificates, key, err := confidential.CertFromPEM(content, "")
	if err != nil || len(certificates) != 1 || !pair.Is(certificates[0].Raw) {
		t.Errorf("MSAL reads %d certificates: %v", len(certificates), err)
	}
	if _, err := confidential.NewCredFromCert(certificates, key); err != nil {
		t.Errorf("MSAL doesn't take it: %v", err)
	}
	if _, _, err := azidentity.ParseCertificates(content, nil); err != nil {
		t.Errorf("azidentity doesn't take it: %v", err)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "api.pem")
	if pair, err := keypair.Read(file); pair != nil || err != nil {
		t.Errorf("a file that isn't there: %v, %v", pair, err)
	}
	for name, content := range map[string]string{
		"nothing in it": "",
		"not PEM":       "hunter2",
		"broken":        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		pair, err := keypair.Read(file)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, %v", name, pair, err)
		}
	}
}
