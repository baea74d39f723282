package app_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Cases 26 and 56 to 64: the request around the token.

func TestTheAuthorizationHeader(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startAPI(t, issuer, nil)
	token := issuer.token(nil)
	const malformed = `Bearer error="invalid_request"`
	tests := []struct {
		name      string
		values    []string
		status    int
		challenge string // how WWW-Authenticate begins; "Bearer" alone is all of it
	}{
		{"case 56: no header", nil, 401, "Bearer"},
		{"case 56: an empty header", []string{""}, 401, "Bearer"},
		{"case 56: Basic", []string{"Basic dXNlcjpwYXNz"}, 401, "Bearer"},
		{"case 56: the token without a scheme", []string{token}, 401, "Bearer"},
		{"case 56: a scheme that begins like ours", []string{"Bearerx " + token}, 401, "Bearer"},
		{"case 57: two headers", []string{"Bearer " + token, "Bearer " + token}, 400, malformed},
		{"case 57: two headers, the second empty", []string{"Bearer " + token, ""}, 400, malformed},
		{"case 58: bearer in lower case", []string{"bearer " + token}, 200, ""},
		{"case 58: BEARER in upper case", []string{"BEARER " + token}, 200, ""},
		{"case 59: two spaces", []string{"Bearer  " + token}, 400, malformed},
		{"case 59: a tab", []string{"Bearer\t" + token}, 400, malformed},
		{"case 59: a space and a tab", []string{"Bearer \t" + token}, 400, malformed},
		{"case 59: Bearer alone", []string{"Bearer"}, 400, malformed},
		{"case 59: Bearer and a space", []string{"Bearer "}, 400, malformed},
		{"case 59: white space at the end", []string{"Bearer " + token + "  "}, 200, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := api.get(t, test.values...)
			challenge := got.header.Get("WWW-Authenticate")
			if got.status != test.status || !strings.HasPrefix(challenge, test.challenge) {
				t.Fatalf("status %d, challenge %q; want %d, %q", got.status, challenge, test.status, test.challenge)
			}
			switch {
			case test.status == http.StatusOK:
				got.list(t)
			case test.challenge == "Bearer" && challenge != "Bearer":
				t.Errorf("the challenge is %q, want it without error", challenge)
			default:
				got.problem(t)
			}
		})
	}
}

func TestTheRequestAroundTheToken(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startAPI(t, issuer, nil)
	token := issuer.token(nil)
	request := func(method, path string, body io.Reader, header ...string) *http.Request {
		request, err := http.NewRequestWithContext(t.Context(), method, api.url+path, body)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(header); i += 2 {
			request.Header.Set(header[i], header[i+1])
		}
		return request
	}

	t.Run("case 60: token in the query", func(t *testing.T) {
		got := do(t, request("GET", "/subscriptions?access_token="+token, nil))
		if got.status != 401 || got.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("got %d, %q", got.status, got.header.Get("WWW-Authenticate"))
		}
	})
	t.Run("case 60: token in the body", func(t *testing.T) {
		form := strings.NewReader(url.Values{"access_token": {token}}.Encode())
		got := do(t, request("GET", "/subscriptions", form, "Content-Type", "application/x-www-form-urlencoded"))
		if got.status != 401 || got.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("got %d, %q", got.status, got.header.Get("WWW-Authenticate"))
		}
	})
	for _, method := range []string{"HEAD", "POST", "TRACE", "PUT", "DELETE", "OPTIONS"} {
		t.Run("case 62: "+method, func(t *testing.T) {
			got := do(t, request(method, "/subscriptions", nil, "Authorization", "Bearer "+token))
			if got.status != 405 || got.header.Get("Allow") != "GET" {
				t.Errorf("got %d, Allow %q", got.status, got.header.Get("Allow"))
			}
		})
	}
	t.Run("case 63: CORS preflight", func(t *testing.T) {
		for _, method := range []string{"OPTIONS", "GET"} {
			got := do(t, request(method, "/subscriptions", nil, "Origin", "https://evil.example",
				"Access-Control-Request-Method", "GET", "Access-Control-Request-Headers", "authorization", "Authorization", "Bearer "+token))
			for name := range got.header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s is answered with %s", method, name)
				}
			}
		}
	})
	t.Run("case 64: a body on GET", func(t *testing.T) {
		// The body has no end: who reads it never answers.
		do(t, request("GET", "/subscriptions", endless{}, "Authorization", "Bearer "+token)).list(t)
	})
	t.Run("no such path", func(t *testing.T) {
		for _, path := range []string{"/", "/subscriptions/", "/subscriptions/1", "//subscriptions", "/SUBSCRIPTIONS"} {
			if got := do(t, request("GET", path, nil, "Authorization", "Bearer "+token)); got.status != 404 || got.problem(t).Code != "not_found" {
				t.Errorf("%s is %d", path, got.status)
			}
		}
	})
	if log := api.log.String(); strings.Contains(log, "eyJ") || strings.Contains(log, "access_token") {
		t.Error("the log holds a token or a query")
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestRawRequests sends what no HTTP library would send.
func TestRawRequests(t *testing.T) {
	t.Parallel()
	issuer := newTenant(t)
	api := startAPI(t, issuer, nil)
	bearer := "Authorization: Bearer " + issuer.token(nil) + "\r\n"
	tests := []struct {
		name    string
		request string
		status  int
	}{
		{"case 61: two Content-Lengths", "GET /subscriptions HTTP/1.1\r\nHost: api\r\nContent-Length: 1\r\nContent-Length: 2\r\n" + bearer + "\r\nab", 400},
		{"case 61: two Hosts", "GET /subscriptions HTTP/1.1\r\nHost: api\r\nHost: other\r\n" + bearer + "\r\n", 400},
		{"case 61: length and chunks", "POST /subscriptions HTTP/1.1\r\nHost: api\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n" + bearer + "\r\n0\r\n\r\n", 405},
		{"case 26: a 1 MiB token", "GET /subscriptions HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer " + strings.Repeat("a", 2<<20) + "\r\n\r\n", 431},
		{"case 26: five million dots", "GET /subscriptions HTTP/1.1\r\nHost: api\r\nAuthorization: Bearer " + strings.Repeat(".", 5_000_000) + "\r\n\r\n", 431},
		{"a good request", "GET /subscriptions HTTP/1.1\r\nHost: api\r\n" + bearer + "\r\n", 200},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			connection, err := net.Dial("tcp", strings.TrimPrefix(api.url, "http://"))
			if err != nil {
				t.Fatal(err)
			}
			defer connection.Close()
			go func() { _, _ = io.WriteString(connection, test.request) }() // the server may answer before it has read all
			response, err := http.ReadResponse(bufio.NewReader(connection), nil)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
			if response.StatusCode != test.status {
				t.Errorf("status %d, want %d", response.StatusCode, test.status)
			}
		})
	}
}
