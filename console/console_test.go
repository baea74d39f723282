package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	api "github.com/Azure-Samples/ms-identity-go-on-behalf-of/api/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/telemetry"
)

// startAPI starts the API in front of the development tenant, and returns the settings for the console.
func startAPI(t *testing.T) (*devtenant.Tenant, map[string]string) {
	t.Helper()
	tenant := devtenant.Start(t)
	settings := tenant.Settings()
	settings["TRUSTED_CA_FILE"] = filepath.Join(t.TempDir(), "ca.pem")
	if err := tenant.WriteCertificate(settings["TRUSTED_CA_FILE"]); err != nil {
		t.Fatal(err)
	}
	front := httptest.NewUnstartedServer(nil)
	settings["CONSOLE_API_URL"] = "http://" + front.Listener.Addr().String()
	settings["API_MCP"], settings["API_PUBLIC_URL"] = "on", settings["CONSOLE_API_URL"]
	cfg, err := api.ReadConfig(env.From(settings))
	if err != nil {
		t.Fatal(err)
	}
	made, err := api.New(t.Context(), cfg, telemetry.NewLogger(io.Discard, "text", "info"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = made.Close() })
	front.Config.Handler = made.Handler()
	front.Start()
	t.Cleanup(front.Close)
	return tenant, settings
}

// entering is standard error, read by a user who does what it says.
type entering func(address, code string)

func (e entering) Write(p []byte) (int, error) {
	var address, code string
	if _, err := fmt.Sscanf(string(p), "Visit %s on any device and enter the code %s", &address, &code); err == nil {
		e(address, code)
	}
	return len(p), nil
}

// TestDeviceCode signs alice in on another device.
func TestDeviceCode(t *testing.T) {
	t.Parallel()
	tenant, settings := startAPI(t)
	var stdout bytes.Buffer
	err := run(t.Context(), []string{"-device-code"}, func() (*env.Reader, error) { return env.From(settings), nil }, &stdout, entering(func(address, code string) {
		response, err := devtenant.NewUserAgent(tenant).EnterDeviceCode(t.Context(), address, code, "alice")
		if err != nil {
			t.Error(err)
			return
		}
		_ = response.Body.Close()
	}))
	if err != nil || strings.Count(stdout.String(), "\n") != 4 { // a heading and three
		t.Errorf("%v: %s", err, stdout.String())
	}
}

// TestAsApplication runs the console without a user against the API and the development tenant, with a secret and with a certificate.
func TestAsApplication(t *testing.T) {
	t.Parallel()
	tenant, settings := startAPI(t)
	certified := maps.Clone(settings)
	delete(certified, "CONSOLE_APPLICATION_CLIENT_SECRET")
	certified["CONSOLE_APPLICATION_CLIENT_CERTIFICATE"] = filepath.Join(t.TempDir(), "daemon.pem")
	if err := tenant.WriteDaemonCertificate(certified["CONSOLE_APPLICATION_CLIENT_CERTIFICATE"]); err != nil {
		t.Fatal(err)
	}
	without := maps.Clone(settings)
	sample := tenant.Directory().Sample().DaemonWithoutRole
	without["CONSOLE_APPLICATION_CLIENT_ID"], without["CONSOLE_APPLICATION_CLIENT_SECRET"] = sample.AppID, sample.ClientSecret
	several := maps.Clone(settings)
	several["AUTHORITY"], several["ALLOWED_TENANTS"] = tenant.BackURL()+"/organizations", "*"
	for _, test := range []struct {
		name      string
		settings  map[string]string
		arguments []string
		out, err  string
	}{
		{"a table", settings, []string{"-as-application"}, "Contoso production", ""},
		{"JSON", settings, []string{"-as-application", "-json"}, `"count":2`, ""},
		{"a certificate", certified, []string{"-as-application"}, "Contoso staging", ""},
		{"without the role", without, []string{"-as-application"}, "", "missing_app_role"},
		{"in no tenant", several, []string{"-as-application"}, "", "tenant's id"},
		{"a user and none", settings, []string{"-as-application", "-device-code"}, "", "leave one"},
		{"no settings", nil, nil, "", "CONSOLE_CLIENT_ID"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			err := run(t.Context(), test.arguments, func() (*env.Reader, error) { return env.From(test.settings), nil }, &stdout, &stderr)
			if (err != nil) != (test.err != "") || (err != nil && !strings.Contains(err.Error(), test.err)) {
				t.Errorf("the error is %v", err)
			}
			if !strings.Contains(stdout.String(), test.out) || strings.Contains(stdout.String(), "Asking") || strings.Contains(stderr.String(), "eyJ") {
				t.Errorf("printed %s\nand %s", stdout.String(), stderr.String())
			}
		})
	}
}

// TestDeviceCodesAreBlocked: what a policy that blocks device codes says.
func TestDeviceCodesAreBlocked(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	settings := tenant.Settings()
	settings["TRUSTED_CA_FILE"] = filepath.Join(t.TempDir(), "ca.pem")
	if err := tenant.WriteCertificate(settings["TRUSTED_CA_FILE"]); err != nil {
		t.Fatal(err)
	}
	tenant.Faults().Set(devtenant.Fault{Name: "blocked", Endpoint: "token", AADSTS: 53003})
	err := run(t.Context(), []string{"-device-code"}, func() (*env.Reader, error) { return env.From(settings), nil }, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "AADSTS53003") || !strings.Contains(err.Error(), "without -device-code") {
		t.Errorf("the error is %v", err)
	}
}

// TestNobodyEntersTheCode: the time that a person has is not the time of a server that doesn't answer.
func TestNobodyEntersTheCode(t *testing.T) {
	t.Parallel()
	_, settings := startAPI(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	err := run(ctx, []string{"-device-code"}, func() (*env.Reader, error) { return env.From(settings), nil }, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "nobody finished signing in") {
		t.Errorf("the error is %v", err)
	}
}

// TestNamesMoveNoCursor: what people call their subscriptions can't write over the terminal, as a table or as JSON.
func TestNamesMoveNoCursor(t *testing.T) {
	t.Parallel()
	const names = "a\u009b2Jb\u202ec\u007fd"
	for _, body := range []string{
		`{"value":[{"displayName":"` + names + `","state":"` + names + `","subscriptionId":"` + names + `"}]}`,
		`{"value":[{"displayName":"\u001b[2J\u001b]0;title\u0007\u202e\u009b","state":"\r\n"}]}`,
	} {
		for _, asJSON := range []bool{false, true} {
			var out bytes.Buffer
			if err := show(&out, []byte(body), asJSON); err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(out.String(), "\u001b\u009b\u202e\u007f\u0007\r") {
				t.Errorf("JSON %t: %q", asJSON, out.String())
			}
			var before, after any
			if asJSON && (json.Unmarshal([]byte(body), &before) != nil || json.Unmarshal(out.Bytes(), &after) != nil || !reflect.DeepEqual(before, after)) {
				t.Errorf("it is other JSON: %q", out.String())
			}
		}
	}
	for _, body := range []string{"", "null", "[]", `{}`, `{"value":null}`, `{"value":{}}`, `{"value":[1]}`, "\x1b[2J", `{"value":[{"displayName":["a"]}]}`} {
		var out bytes.Buffer
		if err := show(&out, []byte(body), true); err == nil || out.Len() != 0 {
			t.Errorf("%q is printed: %q", body, out.String())
		}
	}
}

// TestTextsOfTheTenantAreVisible: what the tenant says about where to go is shown, and not acted upon.
func TestTextsOfTheTenantAreVisible(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://microsoft.com/devicelogin": "https://microsoft.com/devicelogin", "A\x1b[2JB": `A\u001b[2JB`, "\u202eC": `\u202eC`,
	} {
		if got := visible(text); got != want {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}
