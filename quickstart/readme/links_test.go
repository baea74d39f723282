package readme

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:href|src|srcset)="([^"]+)"`)
	fenced  = regexp.MustCompile("(?ms)^```.*?^```")
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	ownID   = regexp.MustCompile(`<a id="([^"]+)">`)
)

// TestLinks: what the documents link to is there, in whatever folder they are.
func TestLinks(t *testing.T) {
	t.Parallel()
	documents := tracked(t, "*.md")
	links := deadLinks(t, root, documents)
	for _, document := range []string{"README.md", "docs/flow.md", "devtenant/README.md", "appcreation/README.md", "tools/bench/README.md"} {
		if links[document] == 0 {
			t.Errorf("no links were found in %s, of %q", document, documents)
		}
	}
}

// deadLinks fails the test for each link of documents below a folder that leads nowhere, and counts the links of each.
func deadLinks(t *testing.T, dir string, documents []string) (links map[string]int) {
	t.Helper()
	c := tree{t, dir}
	links = map[string]int{}
	for _, document := range documents {
		for _, found := range link.FindAllStringSubmatch(fenced.ReplaceAllString(c.read(document), ""), -1) {
			target, anchor, _ := strings.Cut(found[1]+found[2], "#")
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			links[document]++
			file := path.Join(path.Dir(document), target)
			if target == "" {
				file = document
			}
			if !c.has(file) {
				t.Errorf("%s links to %s, which is not there", document, file)
				continue
			}
			if anchor != "" && !slices.Contains(anchors(c.read(file)), anchor) {
				t.Errorf("%s links to %s, which has no %s", document, file, anchor)
			}
		}
	}
	return links
}

// anchors returns what a link may end in, as GitHub makes it of headings, and the ids that a document has of its own.
func anchors(document string) (found []string) {
	document = fenced.ReplaceAllString(document, "") // what begins with # there is a comment
	for _, title := range heading.FindAllStringSubmatch(document, -1) {
		kept := regexp.MustCompile(`[^\p{L}\p{N}_ -]`).ReplaceAllString(strings.ToLower(title[1]), "")
		found = append(found, strings.ReplaceAll(kept, " ", "-"))
	}
	for _, id := range ownID.FindAllStringSubmatch(document, -1) {
		found = append(found, id[1])
	}
	return found
}
