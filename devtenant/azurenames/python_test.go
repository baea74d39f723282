package azurenames

import (
	"bufio"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // MSAL for Python names certificates by their SHA-1 thumbprint
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant/directory"
)

// python is a Python that has modules: the one on the path, or the system's, for which Debian's packages are.
func python(t *testing.T, modules ...string) string {
	t.Helper()
	for _, program := range []string{"python3", "/usr/bin/python3"} {
		if exec.CommandContext(t.Context(), program, "-c", "import "+strings.Join(modules, ", ")).Run() == nil {
			return program
		}
	}
	unavailable(t, "there is no Python here with "+strings.Join(modules, ", "))
	return ""
}

// script is a Python script that has a conversation of one line of JSON at a time.
type script struct {
	t      *testing.T
	lines  *bufio.Scanner
	stdin  io.WriteCloser
	stderr *strings.Builder
	wait   func() error
}

func startScript(t *testing.T, tenant *devtenant.Tenant, program, file string, settings map[string]string) *script {
	t.Helper()
	raw, err := json.Marshal(settings)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), program, filepath.Join("testdata", file))
	command.Env = append(environment(t, tenant, t.TempDir()), "SETTINGS="+string(raw))
	s := &script{t: t, stderr: &strings.Builder{}, wait: command.Wait}
	command.Stderr = s.stderr
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if s.stdin, err = command.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	s.lines = bufio.NewScanner(stdout)
	s.lines.Buffer(nil, 1<<20)
	return s
}

// hear reads the script's next line.
func (s *script) hear(into any) {
	s.t.Helper()
	if !s.lines.Scan() {
		_ = s.wait()
		s.t.Fatalf("the script ended: %s", s.stderr)
	}
	if err := json.Unmarshal(s.lines.Bytes(), into); err != nil {
		s.t.Fatal(err)
	}
}

func (s *script) say(line string) {
	s.t.Helper()
	if _, err := io.WriteString(s.stdin, line+"\n"); err != nil {
		s.t.Fatal(err)
	}
}

// signIn does what the script asks of a browser.
func (s *script) signIn(tenant *devtenant.Tenant, user string) {
	s.t.Helper()
	var asked struct{ Visit string }
	s.hear(&asked)
	agent := devtenant.NewUserAgent(tenant)
	agent.StopAt(tenant.Settings()["WEBUI_REDIRECT_URI"])
	response, err := agent.SignIn(s.t.Context(), asked.Visit, user)
	if err != nil {
		s.t.Fatal(err)
	}
	location, err := response.Location()
	if err != nil {
		s.t.Fatalf("no redirect to the application after pages %v", agent.Pages)
	}
	s.say(location.RawQuery)
}

func (s *script) end() {
	s.t.Helper()
	_ = s.stdin.Close()
	if err := s.wait(); err != nil {
		s.t.Errorf("%v\n%s", err, s.stderr)
	}
}

func TestPythonSample(t *testing.T) {
	tenant := start(t)
	s := startScript(t, tenant, python(t, "msal", "flask", "jwt", "requests"), "sample_calls.py", tenant.Settings())
	s.signIn(tenant, "alice")
	var got struct {
		User               string
		Subscriptions      []string
		Forged             int
		AccountsAfterwards int
	}
	s.hear(&got)
	s.end()
	if got.User != "alice@devtenant.example" || len(got.Subscriptions) != 3 || got.Subscriptions[0] != "Contoso production" || got.Forged != 401 || got.AccountsAfterwards != 0 {
		t.Errorf("got %+v", got)
	}
	if exchanges := tenant.Count("token:on_behalf_of"); exchanges != 1 {
		t.Errorf("%d exchanges, want 1", exchanges)
	}
}

func TestMSALPython(t *testing.T) {
	program := python(t, "msal")
	tenant := start(t, allowPasswords)
	settings := tenant.Settings()
	settings["THUMBPRINT"], settings["PRIVATE_KEY"] = registerCertificate(t, tenant, settings["API_CLIENT_ID"])
	settings["CAROLS_TOKEN"] = tenant.AccessToken("carol")
	settings["PUBLIC_CLIENT_ID"], settings["PASSWORD"] = cliAppID, alicesPassword
	s := startScript(t, tenant, program, "msal_flows.py", settings)
	s.signIn(tenant, "alice")
	var device struct{ Page, Code string }
	s.hear(&device)
	if _, err := devtenant.NewUserAgent(tenant).EnterDeviceCode(t.Context(), device.Page, device.Code, "grace"); err != nil {
		t.Fatal(err)
	}
	s.say("done")
	var got struct {
		User, HomeAccountID, Exchanged, Certified, AppOnly, ByDevice, ByPassword string
		SilentFromCache, Renewed                                                 bool
		Refusal                                                                  struct {
			Error, Suberror, Claims string
			Codes                   []int
		}
	}
	s.hear(&got)
	s.end()
	if got.User != "alice@devtenant.example" || got.HomeAccountID != "de7e0000-0000-4000-8000-0000000000d1."+tenantID || !got.SilentFromCache || !got.Renewed {
		t.Errorf("signed in: %+v", got)
	}
	for name, test := range map[string]struct{ token, claim, want string }{
		"on behalf of, by secret":      {got.Exchanged, "appidacr", "1"},
		"on behalf of, by certificate": {got.Certified, "appidacr", "2"},
		"app-only":                     {got.AppOnly, "idtyp", "app"},
		"device code":                  {got.ByDevice, "upn", "grace@devtenant.example"},
		"user name and password":       {got.ByPassword, "upn", "alice@devtenant.example"},
	} {
		if claims := claimsOf(t, test.token); claims[test.claim] != test.want {
			t.Errorf("%s: %v", name, claims)
		}
	}
	if got.Refusal.Error != "invalid_grant" || got.Refusal.Suberror != "basic_action" || !strings.Contains(got.Refusal.Claims, "capolids") || len(got.Refusal.Codes) != 1 {
		t.Errorf("carol's second factor: %+v", got.Refusal)
	}
}

// registerCertificate gives an application a certificate, and returns what MSAL for Python takes.
func registerCertificate(t *testing.T, tenant *devtenant.Tenant, appID string) (thumbprint, privateKey string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "client"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	app, _ := tenant.Directory().ApplicationByAppID(appID)
	if _, err := tenant.Directory().UpdateApplication(app.ID, func(a *directory.Application) error {
		a.KeyCredentials = append(a.KeyCredentials, directory.KeyCredential{KeyID: "1", Type: "AsymmetricX509Cert", Usage: "Verify", Key: certificate})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum(certificate)
	return hex.EncodeToString(sum[:]), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
