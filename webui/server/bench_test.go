package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// BenchmarkPage makes the page of a user with three subscriptions.
func BenchmarkPage(b *testing.B) {
	gin.SetMode(gin.ReleaseMode)
	made := &pages{now: time.Now}
	entry := json.RawMessage(`{"id":"/subscriptions/1","subscriptionId":"11111111-0000-4000-8000-000000000001","displayName":"Production","state":"Enabled","tenantId":"aaaaaaaa-0000-4000-8000-000000000000"}`)
	page := shown{answer: apiAnswer{Value: []json.RawMessage{entry, entry, entry}, Count: 3}}
	request := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/", nil)
	b.ReportAllocs()
	for b.Loop() {
		recorder := httptest.NewRecorder()
		c, _ := gin.CreateTestContext(recorder)
		c.Request = request
		made.subscriptions(c, page)
		if recorder.Code != http.StatusOK {
			b.Fatalf("status %d", recorder.Code)
		}
	}
}
