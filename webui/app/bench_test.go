package app_test

import (
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// BenchmarkPage makes the page of a user with three subscriptions of the API's answer.
func BenchmarkPage(b *testing.B) {
	entry := `{"id":"/subscriptions/1","subscriptionId":"11111111-0000-4000-8000-000000000001","displayName":"Production","state":"Enabled","tenantId":"aaaaaaaa-0000-4000-8000-000000000000"}`
	answer := []byte(`{"value":[` + strings.Repeat(entry+",", 2) + entry + `],"count":3}`)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := app.RenderList(answer, session.User{}); err != nil {
			b.Fatal(err)
		}
	}
}
