package devtenant_test

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/node"
)

// MSAL for Node has its own ideas of discovery, thumbprints and caching. testdata/msal-node signs in with it.
func TestMSALNode(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	dir := node.Install(t, ctx, "testdata/msal-node")
	tenant := devtenant.Start(t)
	s := node.Start(t, ctx, dir, tenant, nodeSettings(t, tenant))

	var first struct {
		Visit string `json:"visit"`
	}
	s.Read(&first)
	got := answer(t, browser(tenant), first.Visit, "alice")
	s.Write(got.Get("code"))
	var result struct {
		User                          string
		HomeAccountID                 string `json:"homeAccountId"`
		SilentFromCache, Renewed      bool
		Exchanged, Certified, AppOnly string
		Refusal                       struct{ Name, Code, Claims string }
	}
	s.Read(&result)
	s.End()
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

// nodeSettings are the settings of both tiers, and what else the script needs.
func nodeSettings(t *testing.T, tenant *devtenant.Tenant) map[string]string {
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
	return settings
}
