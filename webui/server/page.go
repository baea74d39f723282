package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/server/templates"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/webui/session"
)

// files has the style sheet and the icon. They are in the program: it serves wherever it is copied to.
//
//go:embed static
var files embed.FS

// pages writes what people see. What it looks like is in templates.
type pages struct {
	sessions *session.Store
	now      func() time.Time
}

// write writes a page as a whole or, where that fails, a plain sentence: half a page with status 200 would be taken for a
// whole one.
func (p *pages) write(c *gin.Context, status int, page templ.Component) {
	body := templ.GetBuffer()
	defer templ.ReleaseBuffer(body)
	// templ writes nothing for a context that is done. A browser that stops listening while a page is made has its page
	// coming all the same, and is not a fault of ours in the log.
	if err := page.Render(context.WithoutCancel(c.Request.Context()), body); err != nil {
		recordProblem(c, &problem{code: apperror.Internal, cause: fmt.Errorf("writing a page: %w", err)})
		c.String(http.StatusInternalServerError, "This page can't be shown.\n")
		return
	}
	c.Data(status, "text/html; charset=utf-8", body.Bytes())
}

func (p *pages) signedOut(c *gin.Context) {
	p.write(c, http.StatusOK, templates.SignedOut(templates.Frame{Title: "Your Azure subscriptions"}, fourHops()))
}

// shown is what there is to show after all four hops.
type shown struct {
	user      session.Record
	token     accessToken
	tokenTook time.Duration
	apiTook   time.Duration
	answer    apiAnswer
}

func (p *pages) subscriptions(c *gin.Context, s shown) {
	page, err := newSubscriptionsPage(s, p.now())
	if err != nil {
		p.fail(c, bodyProblem(err))
		return
	}
	p.write(c, http.StatusOK, templates.Subscriptions(page))
}

// errShape: the API sent JSON that isn't what it should be.
var errShape = errors.New("not of the shape that it should be")

func newSubscriptionsPage(s shown, now time.Time) (templates.SubscriptionsPage, error) {
	page := templates.SubscriptionsPage{Frame: templates.Frame{Title: "Your Azure subscriptions", User: &s.user.User}}
	for _, raw := range s.answer.Value {
		var row templates.Subscription
		if err := json.Unmarshal(raw, &row); err != nil {
			return page, fmt.Errorf("a subscription is %w", errShape)
		}
		page.Subscriptions = append(page.Subscriptions, row)
	}
	if len(page.Subscriptions) == 0 {
		page.NoneBecause = apperror.Get(apperror.NoSubscriptions)
	}
	body, err := indented(struct {
		Value []json.RawMessage `json:"value"`
		Count int               `json:"count"`
	}{s.answer.Value, s.answer.Count})
	if err != nil {
		return page, fmt.Errorf("the list is %w", errShape)
	}
	page.JSON = body
	page.Hops = newHops(s)
	page.Claims = newClaimsTable(s, now)
	return page, nil
}

// indented returns JSON for people. Escaping is the template's business.
func indented(value any) (string, error) {
	var plain, body bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	body.Grow(2 * plain.Len())
	err := json.Indent(&body, bytes.TrimSpace(plain.Bytes()), "", "  ")
	return body.String(), err
}

// contentTypes are those of the files in static. The system's own table is not the same everywhere.
var contentTypes = map[string]string{".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

// static answers GET /static/*file. The files have no version in their name: browsers ask each time, and by the ETag are
// told that nothing has changed.
func (p *pages) static(c *gin.Context) {
	name := "static" + c.Param("file")
	content, err := fs.ReadFile(files, name)
	if err != nil || !fs.ValidPath(name) {
		p.fail(c, &problem{code: apperror.NotFound})
		return
	}
	sum := sha256.Sum256(content)
	c.Header("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	c.Header("Cache-Control", "no-cache")
	c.Header("Content-Type", contentTypes[name[strings.LastIndexByte(name, '.'):]])
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(content))
}
