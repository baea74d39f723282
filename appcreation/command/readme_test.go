package command_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/Azure-Samples/ms-identity-go-on-behalf-of/appcreation/command"
)

// TestReadmeNamesEachFlag and, below, each finding: what can be typed and what can be said is explained.
func TestReadmeNamesEachFlag(t *testing.T) {
	t.Parallel()
	readme := readReadme(t)
	for _, name := range []string{"configure", "cleanup", "doctor"} {
		var usage strings.Builder
		command.Run(t.Context(), []string{name, "--help"}, strings.NewReader(""), &usage, &usage)
		for _, match := range regexp.MustCompile(`(?m)^  -([a-z-]+)`).FindAllStringSubmatch(usage.String(), -1) {
			if !strings.Contains(readme, "`--"+match[1]+"`") {
				t.Errorf("README has no row for --%s", match[1])
			}
		}
	}
}

func TestReadmeNamesEachFinding(t *testing.T) {
	t.Parallel()
	readme := readReadme(t)
	source := ""
	for _, folder := range []string{"../desired", "../plan", "../doctor", "."} {
		files, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file.Name(), ".go") || strings.HasSuffix(file.Name(), "_test.go") {
				continue
			}
			content, err := os.ReadFile(folder + "/" + file.Name())
			if err != nil {
				t.Fatal(err)
			}
			source += string(content)
		}
	}
	codes := []string{}
	for _, pattern := range []string{
		`Code: "([a-z-]+)"`,                         // whole
		`d\.(?:lack|wrong)\("([a-z-]+)"`,            // of an application
		`must\("([a-z-]+)"`,                         // of development.env
		`Code: role\.Code\(\) \+ "-([a-z-]+)"`,      // of either
		`(?:change|problem)\("([a-z-]+)"`,           // of a credential
		`d\.permission\("([a-z-]+)"`,                // of what is asked for
		`"env-" \+ role\.Code\(\) \+ "-([a-z-]+)",`, // of a credential's setting
	} {
		for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(source, -1) {
			codes = append(codes, match[1])
		}
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	if len(codes) < 40 {
		t.Fatalf("only %d codes were found: %v", len(codes), codes)
	}
	for _, code := range codes {
		if code == "redirect-uri-former" || code == "tag" || strings.HasSuffix(code, "-") {
			continue // never from doctor: the one comes with a flag, without the other it isn't ours; or the name is put together
		}
		if !regexp.MustCompile("`[^`]*" + regexp.QuoteMeta(code) + "`").MatchString(readme) {
			t.Errorf("README has no row for %s", code)
		}
	}
}

func readReadme(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
