package envfile_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/envfile"
	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// write sets NAME in a file with this content, and returns what the programs read of it.
func write(t *testing.T, before, value string) (map[string]string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "development.env")
	if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := envfile.Open(path, "")
	if err != nil {
		t.Fatal(err)
	}
	file.Set("NAME", value)
	if err := file.Save(); err != nil {
		return nil, err
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	read, err := env.ParseFile(content)
	if err != nil {
		t.Fatalf("what was written can't be read: %v\n%s", err, content)
	}
	return read.Values, nil
}

// TestFieldCase32WhatConfigureWritesReadsBack: in whatever file it lands.
func TestFieldCase32WhatConfigureWritesReadsBack(t *testing.T) {
	t.Parallel()
	values := []string{"abc$DEF", "it's $X", `C:\dir\`, `it's "x"`, "#", "a # b", "a\nb", "", `Ab8Q~x.y_z-1`}
	for name, before := range map[string]string{
		"an empty file":                  "",
		"its line":                       "A=1\nNAME=old\nB=2\n",
		"its comment":                    "A=1\n#NAME=default\nB=2",
		"a byte order mark":              "\ufeffNAME=old\r\nA=1\r\nB=2\r\n",
		"line ends of the first Macs":    "A=1\rNAME=old\rB=2\r",
		"a value over several lines":     "A=1\nNAME=\"one\ntwo\nNAME=three\"\nB=2\n",
		"another's over several lines":   "A=1\nB='2\nNAME=x\n'\n",
		"its line twice":                 "NAME=old\nA=1\nNAME='older'\nB=2\n",
		"export":                         "A=1\nexport NAME=old # why\nB=2\n",
		"a name that its name begins":    "NAMES=1\nA=1\nB=2\n",
		"the last line without line end": "A=1\nB=2\nNAME=old",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, value := range values {
				read, err := write(t, before, value)
				if err != nil {
					t.Fatal(err)
				}
				if got, there := read["NAME"]; got != value || !there && value != "" {
					t.Errorf("%q reads back as %q", value, got)
				}
				if before != "" && (read["A"] != "1" || !strings.HasPrefix(read["B"], "2")) {
					t.Errorf("other settings are %q", read)
				}
			}
		})
	}
	if _, err := write(t, "", "a\x00b"); err == nil || !strings.Contains(err.Error(), "NAME") || strings.Contains(err.Error(), "a\x00b") {
		t.Errorf("a value that can't be written: %v", err)
	}
}

// FuzzSet: whatever stands in the file and whatever is set.
func FuzzSet(f *testing.F) {
	for _, seed := range [][2]string{{"", "abc$DEF"}, {"NAME='x\ny'\n", `it's "x"`}, {"\ufeff#NAME=\r\n", `a\`}, {"A=1\rNAME=2\r", "a\rb"}, {"export NAME : 1", "'"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, before, value string) {
		parsed, err := env.ParseFile([]byte(before))
		if err != nil {
			return
		}
		read, err := write(t, before, value)
		if err != nil {
			return
		}
		if read["NAME"] != value {
			t.Errorf("%q reads back as %q, in %q", value, read["NAME"], before)
		}
		for name, other := range parsed.Values {
			if name != "NAME" && read[name] != other {
				t.Errorf("%s was %q and is %q", name, other, read[name])
			}
		}
	})
}
