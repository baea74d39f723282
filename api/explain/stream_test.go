package explain

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gin-gonic/gin"
)

// TestEventsGoOnAsTheyCome: an agent waits for them, and nothing is added to them.
func TestEventsGoOnAsTheyCome(t *testing.T) {
	t.Parallel()
	gin.SetMode(gin.ReleaseMode)
	router, read := gin.New(), make(chan struct{})
	router.GET("/events", explained, func(c *gin.Context) {
		c.Header("Content-Type", "text/event-stream")
		_, _ = c.Writer.WriteString("data: {}\n\n")
		c.Writer.Flush()
		<-read
		_, _ = c.Writer.WriteString("data: {}\n\n")
	})
	router.GET("/nothing", explained, func(c *gin.Context) { c.Status(http.StatusAccepted) })
	front := httptest.NewServer(router)
	t.Cleanup(front.Close)
	response, err := http.Get(front.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body := bufio.NewReader(response.Body)
	if line, err := body.ReadString('\n'); err != nil || line != "data: {}\n" {
		t.Errorf("the first event is %q, %v", line, err)
	}
	close(read)
	if rest, err := io.ReadAll(body); err != nil || string(rest) != "\ndata: {}\n\n" {
		t.Errorf("the rest is %q, %v", rest, err)
	}
	empty, err := http.Get(front.URL + "/nothing")
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Body.Close()
	if empty.StatusCode != http.StatusAccepted {
		t.Errorf("without a body the status is %d", empty.StatusCode)
	}
}
