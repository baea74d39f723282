package envfile

import (
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/internal/env"
)

// FuzzQuote: what is written reads back, alone and between other lines.
func FuzzQuote(f *testing.F) {
	for _, seed := range []string{
		"SECRET=abc$DEF", "\ufeffA=1", "A='1'\r\nB=\"2\"", "export A=1 # x", "A='a\nb'\nB=2", "A=\"\\\\\"", "A='\\'", "A: 1", "A=\nB=$A",
		"A=\"a\\\"b\" # c", "# only\r# comments", "A", "A=\xff", "A=\u00a0'x'\u00a0#y", "A=x\u00a0#y #z", "A=${B}${C}", "=", "A==", "A=\x85",
		"abc$DEF", `it's "x"`, `C:\dir\`, "a\r\nb", "a # b", "#", "'", `"`, `\`, "' ", "\x00", "\xff", "ü ", "${X}\\",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		text, ok := quote(value)
		if !ok {
			return
		}
		file, err := env.ParseFile([]byte("BEFORE=1\nNAME=" + text + "\nAFTER='2'\n"))
		if err != nil || file.Values["NAME"] != value || file.Values["BEFORE"] != "1" || file.Values["AFTER"] != "2" || len(file.Values) != 3 {
			t.Errorf("%q is written %q and reads back as %q, %v", value, text, file.Values, err)
		}
	})
}

// TestFieldCase32WhatCanBeWritten: next to everything.
func TestFieldCase32WhatCanBeWritten(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"", "abc$DEF", "abc${DEF}", `abc\$DEF`, "it's", `"x"`, `it's "x"`, `C:\dir\`, `it's C:\dir\`, "a # b", "#a", " a ", "a\nb", "a\r\nb", "a=b", "pa$$WORD'", "ü✓", "`x`", "%PATH%", "!x",
	} {
		if _, ok := quote(value); !ok {
			t.Errorf("%q can't be written", value)
		}
	}
	for _, value := range []string{"a\x00b", "\xff", "\x1b[0m", "a\ufeffb", " it's \"x\""} {
		if text, ok := quote(value); ok {
			t.Errorf("%q is written %q", value, text)
		}
	}
}
