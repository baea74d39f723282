//go:build unix

package e2e

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/devtenant"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/redistest"
)

// checkRedis looks at every byte that Redis holds after real sign-ins, one of them under way, for what must not be there.
func (s *replicas) checkRedis(t *testing.T, all *people) {
	agent := devtenant.NewUserAgent(s.tenant)
	agent.StopAt(s.tenant.BrowserURL()) // the browser is on its way to sign in
	if _, err := agent.Get(t.Context(), s.front.url+"/account/login"); err != nil {
		t.Fatal(err)
	}
	hidden := s.secrets(t, all, agent)
	client := s.redis.Client(t)
	spaces, size := map[string]int{}, 0
	for name, values := range redistest.Dump(t, client) {
		spaces[name[:strings.LastIndexByte(name, ':')]]++
		if left := client.PTTL(t.Context(), name).Val(); left <= 0 || left > 12*time.Hour {
			t.Errorf("%s ends in %s", name, left)
		}
		for i, value := range append(values, name) {
			size += len(value)
			for what, secret := range hidden {
				if strings.Contains(value, secret) {
					t.Errorf("%s shows %s", name, what)
				}
			}
			if match := readable.FindString(value); match != "" {
				t.Errorf("%s shows %q", name, match)
			}
			if i < len(values) && len(value) > 500 && compressed(value) < len(value) {
				t.Errorf("%s can be compressed: it isn't sealed", name)
			}
		}
	}
	t.Logf("%d bytes, keys %v, looked for %d secrets", size, spaces, len(hidden))
	for _, space := range []string{"obo:{webui:session}:v2:value", "obo:{webui:session}:v2:index", "obo:{webui:attempt}:v2:value", "obo:{api:exchange}:v2:value"} {
		if spaces[space] == 0 {
			t.Errorf("Redis holds nothing under %s: the test shows nothing", space)
		}
	}
}

// readable is what tokens, claims and MSAL's cache look like in plain text. JSON in Base64 counts only where it begins:
// in the middle of a hash, which names a key, the same three letters come up by chance.
var readable = regexp.MustCompile(`(?:^|[^\w-])eyJ[\w-]{8,}|"(?:oid|tid|sub|scp|nonce|secret|verifier|home_account_id)"|access_as_user|AccessToken|Subscription of|Person user`)

// secrets are what is known of users, by what it is, in the forms in which it could have been written down.
func (s *replicas) secrets(t *testing.T, all *people, underWay *devtenant.UserAgent) map[string]string {
	t.Helper()
	plain := map[string]string{}
	for name, value := range s.tenant.Settings() {
		if strings.HasSuffix(name, "_SECRET") || strings.HasSuffix(name, "_KEY") || strings.HasSuffix(name, "_ID") || name == "AUTHORITY" {
			plain[name] = value
		}
	}
	for _, p := range all.list {
		claims := s.tenant.AccessTokenClaims(p.name)
		plain["the oid of "+p.name] = claims["oid"].(string)
		plain["the name of "+p.name] = "Person " + p.name
		plain["the user name of "+p.name] = p.name + "@"
	}
	for _, agent := range []*devtenant.UserAgent{all.list[0].agent, underWay} {
		for _, cookie := range agent.Cookies(s.front.url) {
			plain["the cookie "+cookie.Name] = cookie.Value
			if strings.HasPrefix(cookie.Name, "webui-session") {
				plain["the session's id"] = sessionID(t, cookie.Value)
			}
		}
	}
	forms := map[string]string{}
	for what, value := range plain {
		forms[what] = value
		forms[what+", in hexadecimal"] = hex.EncodeToString([]byte(value))
		forms[what+", in base64"] = base64.RawStdEncoding.EncodeToString([]byte(value))[:len(value)]
	}
	return forms
}

// sessionID takes the id out of a session's cookie, which is time|base64 of what it says|signature, in base64.
func sessionID(t *testing.T, cookie string) string {
	t.Helper()
	outer, err := base64.URLEncoding.DecodeString(cookie)
	parts := strings.Split(string(outer), "|")
	if err != nil || len(parts) < 3 {
		t.Fatalf("the session's cookie has another form: %v", err)
	}
	inner, err := base64.URLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	var content struct{ ID string }
	if err := json.Unmarshal(inner, &content); err != nil || len(content.ID) < 26 { // 26 characters of base32: 130 bits
		t.Fatalf("the session's cookie holds %q, %v", inner, err)
	}
	return content.ID
}

func compressed(value string) int {
	var out bytes.Buffer
	writer, err := flate.NewWriter(&out, flate.BestCompression)
	if err != nil {
		return 0
	}
	_, _ = writer.Write([]byte(value))
	_ = writer.Close()
	return out.Len()
}

// checkLogs looks for secrets in what all processes have logged, at the most talkative level.
func (s *replicas) checkLogs(t *testing.T, all *people) {
	settings := s.tenant.Settings()
	for _, p := range s.all() {
		log := p.log.String()
		for _, name := range []string{"WEBUI_CLIENT_SECRET", "API_CLIENT_SECRET", "WEBUI_SESSION_KEY"} {
			if strings.Contains(log, settings[name]) {
				t.Errorf("%s logs %s", p.name, name)
			}
		}
		for _, cookie := range all.list[0].agent.Cookies(s.front.url) {
			if strings.Contains(log, cookie.Value) {
				t.Errorf("%s logs the cookie %s", p.name, cookie.Name)
			}
		}
		for _, pattern := range []string{`eyJ[\w-]{10,}\.`, `[?&](code|state|nonce|code_verifier)=[^\s"&]+`} {
			if match := regexp.MustCompile(pattern).FindString(log); match != "" {
				t.Errorf("%s logs %q", p.name, match)
			}
		}
	}
}
