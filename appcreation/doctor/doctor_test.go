package doctor_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/doctor"
)

func TestAuthority(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		answer func(http.ResponseWriter)
		code   string
		what   string
	}{
		{"as it should be", answer(200, `{"issuer":"https://login.example/v2.0"}`, now), "", ""},
		{"four minutes off", answer(200, `{"issuer":"x"}`, now.Add(4*time.Minute)), "", ""},
		{"we are ahead", answer(200, `{"issuer":"x"}`, now.Add(-6*time.Minute)), "clock", "6m0s ahead of"},
		{"we are behind", answer(200, `{"issuer":"x"}`, now.Add(time.Hour)), "clock", "1h0m0s behind"},
		{"no such tenant", answer(400, `{"error":"invalid_tenant"}`, now), "authority-unreachable", "knows no such tenant"},
		{"an error", answer(503, ``, now), "authority-unreachable", "503"},
		{"a proxy's page", answer(200, `<html>Log in to the network</html>`, now), "authority-unreachable", "a proxy may be in between"},
		{"other JSON", answer(200, `{}`, now), "authority-unreachable", "a proxy may be in between"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { test.answer(w) }))
			defer server.Close()
			findings := doctor.Authority(t.Context(), server.Client(), server.URL, func() time.Time { return now })
			if test.code == "" {
				if len(findings) > 0 {
					t.Errorf("found %+v", findings)
				}
				return
			}
			if len(findings) != 1 || findings[0].Code != test.code || !strings.Contains(findings[0].What, test.what) || findings[0].Fix == "" {
				t.Errorf("found %+v, want %s: %s", findings, test.code, test.what)
			}
		})
	}
}

func answer(status int, body string, date time.Time) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Date", date.Format(http.TimeFormat))
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	findings := doctor.Authority(t.Context(), http.DefaultClient, "http://localhost:1/tenant", time.Now)
	if len(findings) != 1 || findings[0].Code != "authority-unreachable" || !strings.Contains(findings[0].Fix, "curl") {
		t.Errorf("found %+v", findings)
	}
}
