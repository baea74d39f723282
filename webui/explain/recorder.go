package explain

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/entra"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/wire"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/app"
)

// figures is what there is to tell of a page.
type figures struct {
	page    app.PageInfo
	about   subject
	signIn  signIn
	apiTook time.Duration
	fresh   bool          // the API is to forget token B
	traceID string        // in development
	apiSent *wire.Request // the last call of the API, in development
	answer  *explanation  // of the last call; nil in production, where the API tells nothing
}

// figuresKey is where a page's context has its *figures.
type figuresKey struct{}

// explanation is what the API tells of its own hops, in development.
type explanation struct {
	Steps []step        `json:"steps"`
	Token *entra.Claims `json:"token"` // what token B says
}

// step is one step inside the API: validation, exchange, or what it calls with token B (see [subject]).
type step struct {
	Name         string        `json:"name"`
	Milliseconds float64       `json:"milliseconds"`
	Cached       bool          `json:"cached"`
	Pages        int           `json:"pages"`
	Sent         *wire.Request `json:"sent"`
}

func (s step) took() time.Duration {
	return time.Duration(s.Milliseconds * float64(time.Millisecond))
}

// maxCopy bounds the copy of an answer, in bytes. Longer ones are shown without what the API tells of them.
const maxCopy = 1 << 20

// transport measures the calls of the API. In development it notes what is sent, and copies what the API answers. In production where
// the API is, inside of the network, is nobody's business, and it tells nothing of its hops.
type transport struct {
	next        http.RoundTripper
	development bool
}

// RoundTrip implements [http.RoundTripper].
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	seen, ok := request.Context().Value(figuresKey{}).(*figures)
	if !ok {
		return t.next.RoundTrip(request)
	}
	if seen.fresh {
		request = request.Clone(request.Context()) // a RoundTripper must not change its caller's
		request.Header.Set("Cache-Control", "no-cache")
	}
	started := time.Now()
	response, err := t.next.RoundTrip(request)
	if err == nil {
		if t.development {
			sent := wire.Call(request, response, "token A", started)
			seen.apiSent = &sent
		}
		response.Body = &copied{ReadCloser: response.Body, seen: seen, started: started, copies: t.development}
	}
	return response, err
}

// copied is a body that keeps a copy of what is read of it.
type copied struct {
	io.ReadCloser
	seen    *figures
	started time.Time
	copies  bool
	copy    bytes.Buffer
}

// Read implements [io.Reader].
func (c *copied) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	if c.copies && c.copy.Len() <= maxCopy {
		c.copy.Write(p[:n])
	}
	return n, err
}

// Close implements [io.Closer]: the answer is there.
func (c *copied) Close() error {
	c.seen.apiTook += time.Since(c.started)
	c.seen.answer = parse(c.copy.Bytes())
	return c.ReadCloser.Close()
}

// parse finds the explanation in an answer or a problem document; nil where there is none.
func parse(body []byte) *explanation {
	if len(body) > maxCopy || !bytes.Contains(body, []byte(`"explain"`)) {
		return nil
	}
	var answer struct {
		Explain *explanation `json:"explain"`
	}
	if json.Unmarshal(body, &answer) != nil {
		return nil
	}
	return answer.Explain
}
