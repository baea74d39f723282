package devtenant_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

type deviceReply struct {
	UserCode        string `json:"user_code"`
	DeviceCode      string `json:"device_code"`
	VerificationURI string `json:"verification_uri"`
	ErrorCodes      []int  `json:"error_codes"`
}

func startDevice(t *testing.T, tenant *devtenant.Tenant, clientID, scope string) deviceReply {
	t.Helper()
	response, err := tenant.Client().PostForm(tenant.Authority()+"/oauth2/v2.0/devicecode", url.Values{"client_id": {clientID}, "scope": {scope}})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var reply deviceReply
	if err := json.NewDecoder(response.Body).Decode(&reply); err != nil {
		t.Fatal(err)
	}
	return reply
}

func poll(code string) map[string]string {
	return map[string]string{"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "client_id": azureCLI, "device_code": code}
}

func TestDeviceCode(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	device := startDevice(t, tenant, azureCLI, armScope+" offline_access")
	refused(t, postToken(t, tenant, poll(device.DeviceCode)), 70016)

	agent := devtenant.NewUserAgent(tenant)
	response, err := agent.EnterDeviceCode(t.Context(), device.VerificationURI, "WRONG", "alice")
	if err != nil {
		t.Fatal(err)
	}
	if page := body(t, response); !strings.Contains(page, "That code didn") {
		t.Error("a wrong code was accepted")
	}
	response, err = agent.EnterDeviceCode(t.Context(), device.VerificationURI, " "+strings.ToLower(device.UserCode), "alice")
	if err != nil {
		t.Fatal(err)
	}
	if page := body(t, response); !strings.Contains(page, "Microsoft Azure CLI") || response.StatusCode != http.StatusOK {
		t.Error("the last page does not name the application")
	}
	got := postToken(t, tenant, poll(device.DeviceCode))
	if got.Status != 200 || got.RefreshToken == "" {
		t.Fatalf("approved: %s", got.Description)
	}
	refused(t, postToken(t, tenant, poll(device.DeviceCode)), 70018)
}

func TestDeviceCodeRefused(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	for name, test := range map[string]struct {
		client, scope string
		want          int
	}{
		"unknown client":      {"nobody", armScope, 700016},
		"confidential client": {webUI, apiScope, 7000218},
		"no scope":            {azureCLI, "", 900144},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := startDevice(t, tenant, test.client, test.scope); len(got.ErrorCodes) != 1 || got.ErrorCodes[0] != test.want {
				t.Errorf("got %v, want %d", got.ErrorCodes, test.want)
			}
		})
	}
	t.Run("made up", func(t *testing.T) {
		t.Parallel()
		refused(t, postToken(t, tenant, poll("made-up")), 70018)
	})
}

func TestDeviceCodeEnds(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t)
	declined := startDevice(t, tenant, azureCLI, armScope)
	agent := devtenant.NewUserAgent(tenant)
	agent.SecondFactor = false
	if _, err := agent.EnterDeviceCode(t.Context(), declined.VerificationURI, declined.UserCode, "carol"); err != nil {
		t.Fatal(err)
	}
	if got := postToken(t, tenant, poll(declined.DeviceCode)); got.Error != "authorization_declined" {
		t.Errorf("declined: %s", got.Error)
	}
	expired := startDevice(t, tenant, azureCLI, armScope)
	tenant.MoveClock(16 * time.Minute)
	refused(t, postToken(t, tenant, poll(expired.DeviceCode)), 70019)
}
