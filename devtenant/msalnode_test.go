package devtenant_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// unavailable skips a test for what this machine lacks. Where CI=true everything has to be there.
func unavailable(t *testing.T, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// MSAL for Node has its own ideas of discovery, thumbprints and caching. testdata/msal-node signs in with it.
func TestMSALNode(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"node", "npm"} {
		if _, err := exec.LookPath(program); err != nil {
			unavailable(t, "there is no "+program+" here")
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/msal-node")); err != nil {
		t.Fatal(err)
	}
	install := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund")
	install.Dir = dir
	if output, err := install.CombinedOutput(); err != nil {
		unavailable(t, "npm could not install MSAL for Node: "+err.Error()+"\n"+string(output))
	}

	tenant := devtenant.Start(t)
	certificateFile := filepath.Join(dir, "ca.pem")
	if err := tenant.WriteCertificate(certificateFile); err != nil {
		t.Fatal(err)
	}
	script := exec.CommandContext(ctx, "node", "main.js")
	script.Dir = dir
	script.Env = append(os.Environ(), "NODE_EXTRA_CA_CERTS="+certificateFile, "SETTINGS="+nodeSettings(t, tenant))
	var stderr strings.Builder
	script.Stderr = &stderr
	stdin, err := script.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := script.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := script.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)

	var first struct {
		Visit string `json:"visit"`
	}
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &first) != nil {
		_ = script.Wait()
		t.Fatalf("no address to visit: %s", stderr.String())
	}
	got := answer(t, browser(tenant), first.Visit, "alice")
	if _, err := io.WriteString(stdin, got.Get("code")+"\n"); err != nil {
		t.Fatal(err)
	}
	var result struct {
		User                          string
		HomeAccountID                 string `json:"homeAccountId"`
		SilentFromCache, Renewed      bool
		Exchanged, Certified, AppOnly string
		Refusal                       struct{ Name, Code, Claims string }
	}
	scanned := lines.Scan()
	_ = stdin.Close()
	if err := script.Wait(); err != nil || !scanned {
		t.Fatalf("the script failed: %v\n%s", err, stderr.String())
	}
	if err := json.Unmarshal(lines.Bytes(), &result); err != nil {
		t.Fatal(err)
	}
	if result.User != "alice@devtenant.example" || result.HomeAccountID != "de7e0000-0000-4000-8000-0000000000d1."+tenant.Directory().TenantID() {
		t.Errorf("signed in as %s, %s", result.User, result.HomeAccountID)
	}
	if !result.SilentFromCache || !result.Renewed {
		t.Errorf("silent from cache: %v, renewed: %v", result.SilentFromCache, result.Renewed)
	}
	if claims := claimsOf(t, result.Exchanged); claims["appid"] != api || claims["appidacr"] != "1" || claims["scp"] != "user_impersonation" {
		t.Errorf("on behalf of, by secret: %v", claims)
	}
	if claims := claimsOf(t, result.Certified); claims["appidacr"] != "2" {
		t.Errorf("on behalf of, by certificate: appidacr is %v", claims["appidacr"])
	}
	if claims := claimsOf(t, result.AppOnly); claims["idtyp"] != "app" {
		t.Errorf("app-only: %v", claims)
	}
	if result.Refusal.Name != "InteractionRequiredAuthError" || !strings.Contains(result.Refusal.Claims, "capolids") {
		t.Errorf("carol's second factor: %+v", result.Refusal)
	}
}

// nodeSettings are the settings of both tiers, and what else the script needs, as JSON.
func nodeSettings(t *testing.T, tenant *devtenant.Tenant) string {
	t.Helper()
	key, certificate := newCertificate(t, time.Now())
	registerCertificate(t, tenant, api, certificate)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	thumbprint := sha256.Sum256(certificate.Raw)
	settings := tenant.Settings()
	settings["THUMBPRINT"] = hex.EncodeToString(thumbprint[:])
	settings["PRIVATE_KEY"] = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	settings["CAROLS_TOKEN"] = tenant.AccessToken("carol")
	raw, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
