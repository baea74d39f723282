package entra_test

import (
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
)

func TestParseAuthority(t *testing.T) {
	t.Parallel()
	const tenant = "11111111-2222-3333-4444-555555555555"
	tests := []struct {
		name      string
		raw       string
		want      string
		microsoft bool
		wantErr   string
	}{
		{name: "public cloud", raw: "https://login.microsoftonline.com/" + tenant, want: "https://login.microsoftonline.com/" + tenant, microsoft: true},
		{name: "trailing slash and upper case", raw: "https://Login.MicrosoftOnline.com/AAAAAAAA-2222-3333-4444-555555555555/", want: "https://login.microsoftonline.com/aaaaaaaa-2222-3333-4444-555555555555", microsoft: true},
		{name: "US government", raw: "https://login.microsoftonline.us/" + tenant, want: "https://login.microsoftonline.us/" + tenant, microsoft: true},
		{name: "another host", raw: "https://localhost:8003/" + tenant, want: "https://localhost:8003/" + tenant},
		{name: "a domain", raw: "https://login.microsoftonline.com/contoso.onmicrosoft.com", want: "https://login.microsoftonline.com/contoso.onmicrosoft.com", microsoft: true},
		{name: "a host that only looks like Microsoft's", raw: "https://login.microsoftonline.com.evil.example/" + tenant, want: "https://login.microsoftonline.com.evil.example/" + tenant},
		{name: "http", raw: "http://login.microsoftonline.com/" + tenant, wantErr: "https://"},
		{name: "common", raw: "https://login.microsoftonline.com/common", want: "https://login.microsoftonline.com/common", microsoft: true},
		{name: "Organizations", raw: "https://login.microsoftonline.com/Organizations", want: "https://login.microsoftonline.com/organizations", microsoft: true},
		{name: "consumers by its id", raw: "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad", wantErr: "personal accounts"},
		{name: "another name of the host", raw: "https://login.windows.net/" + tenant, want: "https://login.microsoftonline.com/" + tenant, microsoft: true},
		{name: "the port that https has anyway", raw: "https://login.microsoftonline.com:443/" + tenant, want: "https://login.microsoftonline.com/" + tenant, microsoft: true},
		{name: "no tenant", raw: "https://login.microsoftonline.com/", wantErr: "names no tenant"},
		{name: "with v2.0 behind it", raw: "https://login.microsoftonline.com/" + tenant + "/v2.0", wantErr: "without anything behind"},
		{name: "a query", raw: "https://login.microsoftonline.com/" + tenant + "?p=1", wantErr: "form"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := entra.ParseAuthority(test.raw)
			if test.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), test.wantErr) {
					t.Errorf("error is %v, want one with %q", err, test.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != test.want || got.Microsoft() != test.microsoft {
				t.Errorf("got %s, Microsoft %v", got, got.Microsoft())
			}
		})
	}
}
