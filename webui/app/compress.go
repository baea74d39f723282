package app

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gin-gonic/gin"
)

// compressor packs what is sent with gzip, for browsers that take it (RFC 9110, section 12.5.3).
//
// The length of what is packed tells how much of it occurs twice. Whoever can have a page repeat a text of theirs, and sees the length
// on the wire, can find out what else is on it (BREACH, CVE-2013-3587). These pages hold no token and no anti-forgery value, but what
// a user may see is nobody else's business: a page whose address has a query, such as a search, is sent as it is.
type compressor struct{ writers sync.Pool }

// newCompressor packs at one of gzip's levels.
func newCompressor(level int) *compressor {
	return &compressor{sync.Pool{New: func() any {
		w, _ := gzip.NewWriterLevel(io.Discard, level) // it fails for a level that there isn't
		return w
	}}}
}

// data answers with a body, packed where that can be done.
func (p *compressor) data(c *gin.Context, status int, contentType string, body []byte) {
	c.Writer.Header().Add("Vary", "Accept-Encoding")
	if c.Request.URL.RawQuery == "" && takesGzip(c.Request) {
		c.Header("Content-Encoding", "gzip")
		body = p.pack(body)
	}
	c.Header("Content-Length", strconv.Itoa(len(body)))
	c.Data(status, contentType, body)
}

func (p *compressor) pack(body []byte) []byte {
	var packed bytes.Buffer
	w := p.writers.Get().(*gzip.Writer)
	defer p.writers.Put(w)
	w.Reset(&packed)
	_, _ = w.Write(body) // into memory: it can't fail
	_ = w.Close()
	return packed.Bytes()
}

// takesGzip reports whether a request's Accept-Encoding has gzip, and not with a weight of zero.
func takesGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, parameter, _ := strings.Cut(coding, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		weight, has := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(parameter, " ", "")), "q=")
		number, err := strconv.ParseFloat(weight, 64)
		return !has || err == nil && number > 0
	}
	return false
}
