package app_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
)

// TestCompression: what a browser gets is the same, packed or not, and a page that repeats what is in its address isn't packed.
func TestCompression(t *testing.T) {
	t.Parallel()
	s := startStack(t, options{})
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}} // Go's own would unpack, and not tell
	get := func(t *testing.T, path, accept string) (*http.Response, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", accept)
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		var body io.Reader = response.Body
		if response.Header.Get("Content-Encoding") == "gzip" {
			if body, err = gzip.NewReader(body); err != nil {
				t.Fatal(err)
			}
		}
		text, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		if vary := response.Header.Get("Vary"); vary != "Accept-Encoding" {
			t.Errorf("Vary is %q", vary)
		}
		return response, string(text)
	}
	for _, test := range []struct {
		name, path, accept string
		packed             bool
	}{
		{"a page", "/", "gzip, deflate, br, zstd", true},
		{"the style sheet", "/static/style.css", "br, GZIP;q=0.5", true},
		{"the icon", "/static/favicon.svg", "gzip", true},
		{"whoever doesn't say", "/", "", false},
		{"whoever takes others alone", "/static/style.css", "br, x-gzip", false},
		{"whoever forbids it", "/", "gzip; q=0.0", false},
		{"whoever forbids it in capitals", "/", "gzip;Q=0", false},
		{"a weight that is none", "/", "gzip;q=high", false},
		{"an address with a query", "/?q=guess", "gzip", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			response, body := get(t, test.path, test.accept)
			if packed := response.Header.Get("Content-Encoding") == "gzip"; packed != test.packed {
				t.Errorf("packed: %v", packed)
			}
			if _, plain := get(t, test.path, "identity"); body != plain {
				t.Errorf("packed it is\n%s\nand plain\n%s", body, plain)
			}
		})
	}
	t.Run("each form of a file is known by its own tag", func(t *testing.T) {
		packed, _ := get(t, "/static/style.css", "gzip")
		plain, _ := get(t, "/static/style.css", "")
		if packed.Header.Get("ETag") == plain.Header.Get("ETag") || !strings.HasPrefix(packed.Header.Get("ETag"), `"`) {
			t.Errorf("ETag %s and %s", packed.Header.Get("ETag"), plain.Header.Get("ETag"))
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/static/style.css", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Accept-Encoding", "gzip")
		request.Header.Set("If-None-Match", packed.Header.Get("ETag"))
		response, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if response.StatusCode != http.StatusNotModified {
			t.Errorf("asked again: %s", response.Status)
		}
	})
}
