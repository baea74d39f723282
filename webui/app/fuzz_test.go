package app_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

// FuzzSessionCookie: a Cookie header that the web UI didn't make opens nothing and breaks nothing.
func FuzzSessionCookie(f *testing.F) {
	for _, cookie := range sessionCookies("webui-session-8000", "MTcwMDAwMDAwMHxhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==", "MTcwMDAwMDAwMXxhYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5eg==") {
		f.Add(cookie)
	}
	f.Add("webui-again-8000=7; webui-session-8000=x")
	f.Add("webui-again-8000=999999999999999999999; webui-signin-8000-x=1.2; webui-tried-8000=x")
	handler := lonelyWebUI(f)
	f.Fuzz(func(t *testing.T, cookie string) {
		for path, want := range map[string]int{"/": http.StatusOK, "/account/callback?state=x&code=y": http.StatusBadRequest} {
			request := httptest.NewRequest(http.MethodGet, path, nil)
			request.Header.Set("Cookie", cookie)
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			if recorder.Code != want {
				t.Errorf("%s with %q: %d", path, cookie, recorder.Code)
			}
		}
	})
}
