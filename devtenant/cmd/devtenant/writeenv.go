package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// signature is the first line of a file that devtenant wrote, and may write again.
const signature = "# Written by devtenant, for development only."

// writeEnv writes the settings of both tiers. A file that somebody else wrote holds their own values: it is left alone.
func writeEnv(path, certificate string, settings map[string]string) error {
	existing, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("reading %s: %w", path, err)
	case !bytes.HasPrefix(existing, []byte(signature)):
		return fmt.Errorf("%s was not written by devtenant, so it is left as it is; move it away, or give -write-env another name", path)
	}
	if settings["TRUSTED_CA_FILE"], err = filepath.Abs(certificate); err != nil {
		return fmt.Errorf("finding the certificate authority's path: %w", err)
	}
	var content bytes.Buffer
	w := bufio.NewWriter(&content)
	fmt.Fprintf(w, "%s It is written again at each start.\n# The secrets open this tenant and nothing else.\n\n", signature)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if name == "ENVIRONMENT" {
			continue // it chooses the file, so it can't stand in it
		}
		fmt.Fprintf(w, "%s=%s\n", name, quoted(settings[name]))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	// A new file that takes the old one's place: a reader never sees half of it, and it is never readable by others.
	temporary, err := os.CreateTemp(filepath.Dir(path), ".devtenant-*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(temporary.Name()) // gone already, once it was renamed
	_, err = temporary.Write(content.Bytes())
	if err = errors.Join(err, temporary.Chmod(0o600), temporary.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// quoted puts quotes around a value that godotenv would otherwise cut or expand, a path with spaces for example.
func quoted(value string) string {
	if strings.ContainsAny(value, " #$\"'\\") {
		return "'" + value + "'"
	}
	return value
}
