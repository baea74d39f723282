package app

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
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

// file is one of them, as it is and packed.
type file struct {
	contentType, tag string
	plain, packed    []byte
}

// readFiles packs each file once. Its names are those of the addresses.
func readFiles() (map[string]file, error) {
	read, compressor := map[string]file{}, newCompressor(gzip.BestCompression)
	err := fs.WalkDir(files, "static", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := fs.ReadFile(files, name)
		sum := sha256.Sum256(content)
		read["/"+name] = file{
			contentType: contentTypes[path.Ext(name)], tag: hex.EncodeToString(sum[:8]),
			plain: content, packed: compressor.pack(content),
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading style sheet and icon: %w", err)
	}
	return read, nil
}

// static answers GET /static/*file. The files have no version in their name: browsers ask each time, and by the ETag are
// told that nothing has changed. Each form of a file has an ETag of its own (RFC 9110, section 8.8.3.3).
func (a *App) static(c *gin.Context) {
	asked, ok := a.files["/static"+c.Param("file")]
	if !ok {
		a.fail(c, apperror.New(apperror.NotFound, nil))
		return
	}
	content, tag := asked.plain, asked.tag
	c.Header("Vary", "Accept-Encoding")
	if takesGzip(c.Request) {
		c.Header("Content-Encoding", "gzip")
		content, tag = asked.packed, tag+"-gzip"
	}
	c.Header("ETag", `"`+tag+`"`)
	c.Header("Cache-Control", "no-cache")
	c.Header("Content-Type", asked.contentType)
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(content))
}
