package devtenant_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
)

// Row 38 of the field cases: a name that an attacker makes resolve to this machine opens nothing, at both channels.
func TestOnlyOwnHosts(t *testing.T) {
	t.Parallel()
	tenant := devtenant.Start(t, func(o *devtenant.Options) {
		o.HostNames = []string{"devtenant", "login.microsoftonline.com"}
		o.ResourceManagerURL = "https://management.azure.com"
	})
	for host, answered := range map[string]bool{
		"localhost": true, "localhost:8002": true, "LOCALHOST:1": true, "127.0.0.1:8002": true, "[::1]:8002": true, "[::1]": true,
		"devtenant:8003": true, "devtenant": true, "login.microsoftonline.com": true, "management.azure.com": true, "localhost.:8002": true,
		"evil.example": false, "evil.example:8002": false, "localhost.evil.example:8002": false, "evil-localhost": false,
		"127.0.0.1.evil.example": false, "10.0.0.1:8002": false, "devtenant.evil.example": false, "evil.example:devtenant": false,
	} {
		for channel, address := range map[string]string{"browser": tenant.BrowserURL(), "back": tenant.BackURL()} {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+"/switches/cae", nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Host = host
			response, err := tenant.Client().Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			if (response.StatusCode == http.StatusOK) != answered {
				t.Errorf("%s at the %s channel: %d", host, channel, response.StatusCode)
			}
			if !answered && (response.StatusCode != http.StatusMisdirectedRequest || !strings.Contains(string(body), "-host-names")) {
				t.Errorf("%s at the %s channel: %d without the reason: %s", host, channel, response.StatusCode, body)
			}
			if on := tenant.SwitchedOn(); (len(on) == 1) != answered {
				t.Errorf("%s at the %s channel: on is %v", host, channel, on)
			}
			tenant.ClearSwitches()
		}
	}
}
