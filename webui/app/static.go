package app

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/apperror"
)

// files has the style sheet and the icon. They are in the program: it serves wherever it is copied to.
//
//go:embed static
var files embed.FS

// contentTypes are those of the files in static. The system's own table is not the same everywhere.
var contentTypes = map[string]string{".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}

// static answers GET /static/*file. The files have no version in their name: browsers ask each time, and by the ETag are
// told that nothing has changed.
func (a *App) static(c *gin.Context) {
	name := "static" + c.Param("file")
	content, err := fs.ReadFile(files, name)
	if err != nil || !fs.ValidPath(name) {
		a.fail(c, apperror.New(apperror.NotFound, nil))
		return
	}
	sum := sha256.Sum256(content)
	c.Header("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
	c.Header("Cache-Control", "no-cache")
	c.Header("Content-Type", contentTypes[name[strings.LastIndexByte(name, '.'):]])
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(content))
}
